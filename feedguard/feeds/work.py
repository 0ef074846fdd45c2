"""Worker tasks of feeds: sources, whole articles, pictures."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction

from feedguard import runtime
from feedguard.decisions.services import ask_to_decide
from feedguard.decisions.tasks import Failures
from feedguard.feeds.article import extract_article
from feedguard.feeds.fetching import fetch_source
from feedguard.feeds.models import Source
from feedguard.feeds.pictures import EncodedPicture, PictureRefused, reencode
from feedguard.feeds.safe_fetch import FetchError, safe_fetch
from feedguard.feeds.sandbox import SandboxError
from feedguard.items.models import Entry, Item, Picture

MAX_PAGE = 5 * 1024 * 1024
MAX_PICTURE = 8 * 1024 * 1024
TIMEOUT_SECONDS = 20.0


def fetch(keys: Sequence[str]) -> Failures:
    """Keys are source ids. A source that nobody reads any more is let be."""
    for source in Source.objects.filter(id__in=keys, subscriptions__isnull=False).distinct():
        if source.state != Source.State.GONE and source.fetched:
            fetch_source(source)
    return {}


def articles(keys: Sequence[str]) -> Failures:
    """Keys are item ids: fetch the whole article behind each and judge again."""
    failures: dict[str, Exception] = {}
    for item in Item.objects.filter(id__in=keys, article_text=""):
        try:
            _fetch_article(item)
        except (FetchError, SandboxError) as error:
            failures[str(item.id)] = error
    return failures


def _fetch_article(item: Item) -> None:
    page = safe_fetch(
        item.url,
        policy=runtime.fetch_policy(),
        accept=("text/html", "application/xhtml"),
        max_bytes=MAX_PAGE,
        timeout_seconds=TIMEOUT_SECONDS,
    )
    found = runtime.sandbox().call(extract_article, page.body, page.url, timeout_seconds=TIMEOUT_SECONDS)
    if found is None:
        return
    html, text = found
    with transaction.atomic():
        Item.objects.filter(pk=item.pk).update(article_html=html, article_text=text)
        for entry in Entry.objects.filter(item=item).select_related("person"):
            ask_to_decide(entry.person, [item.id])


def pictures(keys: Sequence[str]) -> Failures:
    """Keys are picture ids: fetch each and keep our own re-encoded copy."""
    failures: dict[str, Exception] = {}
    for picture in Picture.objects.filter(id__in=keys, state=Picture.State.WAITING):
        try:
            _fetch_picture(picture)
        except (PictureRefused, FetchError, SandboxError) as error:
            if isinstance(error, FetchError) and not error.permanent:
                failures[str(picture.id)] = error
            else:
                Picture.objects.filter(pk=picture.pk).update(state=Picture.State.REFUSED, error=str(error)[:300])
    return failures


def _fetch_picture(picture: Picture) -> None:
    fetched = safe_fetch(
        picture.url,
        policy=runtime.fetch_policy(),
        accept=("image/",),
        max_bytes=MAX_PICTURE,
        timeout_seconds=TIMEOUT_SECONDS,
    )
    encoded = runtime.sandbox().call(reencode, fetched.body, timeout_seconds=TIMEOUT_SECONDS)
    keep(picture, encoded)


def keep(picture: Picture, encoded: EncodedPicture) -> None:
    """Write the re-encoded copy under its hash, then say that it is there."""
    path = settings.PICTURES / encoded.sha256
    if not path.exists():
        part = path.with_suffix(f".{picture.id}.part")
        part.write_bytes(encoded.data)
        part.replace(path)
    Picture.objects.filter(pk=picture.pk).update(
        state=Picture.State.READY,
        sha256=encoded.sha256,
        mime=encoded.mime,
        width=encoded.width,
        height=encoded.height,
    )

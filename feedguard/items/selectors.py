"""Reading items in the form that the pipeline takes."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Iterable, Sequence

from django.conf import settings

from agents.types import Item as PipelineItem
from agents.types import Media as PipelineMedia
from feedguard.accounts.models import Person
from feedguard.feeds.models import Subscription
from feedguard.items.models import Item, Media

KNOWN_LANGUAGE = "en"


def pipeline_items(person: Person, ids: Sequence[uuid.UUID]) -> list[PipelineItem]:
    """The person's items of these ids; foreign ones are left out."""
    items = Item.objects.filter(id__in=ids, entries__person=person).select_related("source")
    subscriptions = {s.source_id: s for s in Subscription.objects.filter(person=person)}
    order = {key: position for position, key in enumerate(ids)}
    rows = sorted(items.prefetch_related("media__picture"), key=lambda item: order[item.id])
    return [as_pipeline_item(item, person, subscriptions.get(item.source_id), item.media.all()) for item in rows]


def as_pipeline_item(
    item: Item, person: Person, subscription: Subscription | None, media: Iterable[Media]
) -> PipelineItem:
    full = subscription is not None and subscription.full_article and bool(item.article_text)
    text = item.article_text if full else item.text
    return PipelineItem(
        id=str(item.id),
        content_hash=content_key(item, person, text),
        title=item.title,
        text=text,
        author=item.author,
        source=str(item.source),
        source_url="" if item.source.private else item.source.url,
        folder=subscription.folder if subscription else "",
        link=item.url,
        service=item.source.service,
        language=item.language,
        kind=item.kind,
        thread=item.thread,
        word_count=len(text.split()),
        duration_seconds=item.duration_seconds,
        published_at=item.published_at,
        summary_only=not full and _looks_cut(text),
        media=tuple(PipelineMedia(kind=m.kind, alt=m.alt, sha256=m.picture.sha256 if m.picture else "") for m in media),
    )


def content_key(item: Item, person: Person, text: str) -> str:
    """The key of shared facts; salted per person where the source's address is private."""
    body = f"{item.content_hash}\n{hashlib.sha256(text.encode()).hexdigest()}"
    if item.source.private:
        salt = f"{settings.SECRET_KEY}{person.key}".encode()
        return hmac.new(salt, body.encode(), hashlib.sha256).hexdigest()
    return hashlib.sha256(body.encode()).hexdigest()


def _looks_cut(text: str) -> bool:
    return text.rstrip().endswith(("…", "...", "[…]", "[...]")) or len(text.split()) < 15

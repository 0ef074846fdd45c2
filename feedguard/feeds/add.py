"""Jobs that add sources: one address, or an OPML file."""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone

from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.decisions.jobs import JobRefused, Progress
from feedguard.feeds.discover import discover, known_feed_addresses
from feedguard.feeds.fetching import (
    FEED_TYPES,
    MAX_BYTES,
    TIMEOUT_SECONDS,
    feed_extras,
    feed_language,
    parse_untrusted,
)
from feedguard.feeds.ingest import ingest
from feedguard.feeds.models import Source
from feedguard.feeds.opml import OpmlRefused, read_opml
from feedguard.feeds.parse import FeedError, NotAFeed
from feedguard.feeds.parsed import FoundFeed, ParsedFeed
from feedguard.feeds.safe_fetch import FetchError, safe_fetch
from feedguard.feeds.sandbox import SandboxError
from feedguard.feeds.services import subscribe
from feedguard.items.selectors import KNOWN_LANGUAGE

SPREAD = dt.timedelta(seconds=0.3)
"""Between the first fetches of an imported list, so that it does not keep others waiting."""


def add_source(person: Person, data: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Subscribe to the feed at an address, or offer the feeds that the page there names."""
    url, folder = _complete(data["url"]), data.get("folder", "")
    for known in known_feed_addresses(url)[:1]:
        url = known.url
    progress(f"Asking {urlsplit(url).hostname} …")
    try:
        fetched = safe_fetch(
            url, policy=runtime.fetch_policy(), accept=FEED_TYPES, max_bytes=MAX_BYTES, timeout_seconds=TIMEOUT_SECONDS
        )
        if fetched.status != 200:
            raise JobRefused(f"The site answered with HTTP {fetched.status}. Try again later.", field="url")
        content_type = fetched.headers.get("content-type", "")
        try:
            parsed = parse_untrusted(fetched.body, content_type, fetched.url)
        except NotAFeed:
            return _offer(fetched.body, content_type, fetched.url)
    except (FetchError, FeedError, SandboxError) as error:
        raise JobRefused(str(error), field="url") from error
    progress(f"Reading {len(parsed.entries)} items …")
    return _subscribe(person, fetched.permanent_url or url, folder, parsed)


def _complete(url: str) -> str:
    bare = url.strip()
    if not bare:
        raise JobRefused("Give the address of a site or a feed.", field="url")
    return bare if "://" in bare else f"https://{bare}"


def _subscribe(person: Person, url: str, folder: str, parsed: ParsedFeed) -> dict[str, Any]:
    subscription, _ = subscribe(
        person, url, title=parsed.title, folder=folder, due_at=timezone.now() + dt.timedelta(minutes=30)
    )
    now = timezone.now()
    ingest(subscription.source, parsed.entries, now)
    language = feed_language(parsed)
    Source.objects.filter(pk=subscription.source_id).update(
        title=parsed.title[:300],
        site_url=parsed.site_url[:2000],
        format=parsed.format[:40],
        language=language[:16],
        warnings=list(parsed.warnings)[:20],
        extras=feed_extras(parsed),
        body_at=now,
        state=Source.State.WELL,
        fetched_at=now,
        succeeded_at=now,
    )
    return {"subscribed": str(subscription.id), "items": len(parsed.entries), "note": _language_note(language)}


def _language_note(language: str) -> str:
    if language in {"", KNOWN_LANGUAGE}:
        return ""
    return (
        f"This feed seems to be in another language than English ({language}). Wishes said in your own words "
        "are not judged there yet; rules (words, authors, links) work in every language."
    )


def _offer(body: bytes, content_type: str, url: str) -> dict[str, Any]:
    found: tuple[FoundFeed, ...] = runtime.sandbox().call(
        discover, body, content_type, url, timeout_seconds=TIMEOUT_SECONDS
    )
    if not found:
        raise JobRefused(
            "There is no feed at this address, and the page names none. Look on the site for “RSS”, “Atom” or "
            "“Feed” and give that address.",
            field="url",
        )
    return {"offers": [{"url": feed.url, "title": feed.title, "format": feed.format} for feed in found]}


def import_opml(person: Person, data: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Subscribe to everything that an OPML file lists; broken lines are named and passed over."""
    try:
        read = runtime.sandbox().call(read_opml, base64.b64decode(data["body"]), timeout_seconds=TIMEOUT_SECONDS)
    except (OpmlRefused, SandboxError) as error:
        raise JobRefused(str(error), field="opml") from error
    added = 0
    for position, feed in enumerate(read.feeds):
        if position % 20 == 0:
            progress(f"{position} of {len(read.feeds)} feeds")
        due = timezone.now() + SPREAD * position
        added += subscribe(person, feed.url, title=feed.title, folder=feed.folder, due_at=due)[1]
    return {"added": added, "already": len(read.feeds) - added, "problems": list(read.problems)}

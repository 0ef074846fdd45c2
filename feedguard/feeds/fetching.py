"""One turn of fetching one source: conditional request, parse in the sandbox, store, plan the next turn."""

from __future__ import annotations

import datetime as dt
import email.utils
import hashlib
import random
from collections import Counter

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from feedguard import runtime
from feedguard.feeds.ingest import ingest
from feedguard.feeds.language import detect_language
from feedguard.feeds.models import Source
from feedguard.feeds.parse import FeedError, parse_feed
from feedguard.feeds.parsed import ParsedFeed
from feedguard.feeds.safe_fetch import Fetched, FetchError, safe_fetch
from feedguard.feeds.sandbox import SandboxError
from feedguard.feeds.services import fetch_again_at

FEED_TYPES = ("application/", "text/")
MAX_BYTES = 12 * 1024 * 1024
TIMEOUT_SECONDS = 20.0
MAX_WAIT = dt.timedelta(hours=24)


def fetch_source(source: Source) -> None:
    """Fetch a source once. Whatever happens ends as its recorded state of health, never as an exception."""
    try:
        fetched = safe_fetch(
            source.url,
            policy=runtime.fetch_policy(),
            accept=FEED_TYPES,
            max_bytes=MAX_BYTES,
            timeout_seconds=TIMEOUT_SECONDS,
            headers=_conditions(source),
        )
        _receive(source, fetched)
    except (FetchError, FeedError, SandboxError) as error:
        _failed(source, str(error))


def _conditions(source: Source) -> dict[str, str]:
    headers = {}
    if source.etag:
        headers["If-None-Match"] = source.etag
    if source.last_modified:
        headers["If-Modified-Since"] = source.last_modified
    return headers


def _receive(source: Source, fetched: Fetched) -> None:
    if fetched.status == 410:
        _gone(source)
    elif fetched.status in {429, 503}:
        wait = retry_after(fetched.headers.get("retry-after", ""), timezone.now())
        _failed(source, f"The site asks for patience (HTTP {fetched.status}).", wait=wait)
    elif fetched.status == 304:
        _succeeded(source, {})
    else:
        _store(source, fetched)


def _store(source: Source, fetched: Fetched) -> None:
    now = timezone.now()
    body_hash = hashlib.sha256(fetched.body).hexdigest()
    changes: dict[str, object] = {
        "etag": fetched.headers.get("etag", "")[:500],
        "last_modified": fetched.headers.get("last-modified", "")[:100],
    }
    if body_hash != source.body_hash:
        content_type = fetched.headers.get("content-type", "")
        parsed = parse_untrusted(fetched.body, content_type, fetched.url)
        ingest(source, parsed.entries, now)
        changes |= _described(source, parsed) | {"body_hash": body_hash, "body_at": now}
    if fetched.permanent_url and not Source.objects.filter(url=fetched.permanent_url).exists():
        changes["url"] = fetched.permanent_url[:2000]
    _succeeded(source, changes)


def parse_untrusted(body: bytes, content_type: str, url: str) -> ParsedFeed:
    """Parse a feed in the sandbox, and tell the language of entries that do not say theirs."""
    parsed: ParsedFeed = runtime.sandbox().call(
        parse_feed, body, content_type=content_type, url=url, timeout_seconds=TIMEOUT_SECONDS
    )
    return parsed


def _described(source: Source, parsed: ParsedFeed) -> dict[str, object]:
    return {
        "title": parsed.title[:300] or source.title,
        "site_url": parsed.site_url[:2000],
        "format": parsed.format[:40],
        "language": feed_language(parsed)[:16],
        "warnings": list(parsed.warnings)[:20],
        "extras": feed_extras(parsed),
    }


def feed_extras(parsed: ParsedFeed) -> dict[str, object]:
    """What is kept of the feed itself: its description, and what read_originals found."""
    return {**parsed.extras, "description": parsed.description} if parsed.description else parsed.extras


def feed_language(parsed: ParsedFeed) -> str:
    """The language that most entries are in; what the feed says of itself where the texts do not tell."""
    votes = Counter(
        found for entry in parsed.entries[:20] if (found := detect_language(f"{entry.title}. {entry.text}"))
    )
    declared = (parsed.language or "").partition("-")[0].lower()
    return votes.most_common(1)[0][0] if votes else declared


def _succeeded(source: Source, changes: dict[str, object]) -> None:
    now = timezone.now()
    with transaction.atomic():
        Source.objects.filter(pk=source.pk).update(
            state=Source.State.WELL, failures=0, error="", fetched_at=now, succeeded_at=now, **changes
        )
        pause = dt.timedelta(minutes=settings.FETCH_MINUTES) * random.uniform(0.9, 1.1)
        fetch_again_at(source, now + pause)


def _failed(source: Source, error: str, *, wait: dt.timedelta | None = None) -> None:
    now = timezone.now()
    failures = source.failures + 1
    backoff = min(dt.timedelta(minutes=settings.FETCH_MINUTES) * 2 ** min(failures - 1, 8), MAX_WAIT)
    with transaction.atomic():
        Source.objects.filter(pk=source.pk).update(
            state=Source.State.FAILING, failures=failures, error=error[:500], fetched_at=now
        )
        fetch_again_at(source, now + max(backoff * random.uniform(0.7, 1.3), wait or dt.timedelta()))


def _gone(source: Source) -> None:
    Source.objects.filter(pk=source.pk).update(
        state=Source.State.GONE, error="The site says that this feed is gone for good (HTTP 410).",
        fetched_at=timezone.now(), next_at=None,
    )  # fmt: skip


def retry_after(value: str, now: dt.datetime) -> dt.timedelta | None:
    """The wait that a Retry-After header (RFC 9110) asks for: seconds or a date; at most a day."""
    if value.strip().isdigit():
        return min(dt.timedelta(seconds=int(value)), MAX_WAIT)
    try:
        when = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=dt.UTC)
    return max(min(when - now, MAX_WAIT), dt.timedelta())

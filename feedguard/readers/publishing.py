"""A filtered feed as bytes, with what a reader needs to ask for it only when it has changed (RFC 9110)."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from django.utils import timezone

from feedguard.readers.channel import Channel, channel_of
from feedguard.readers.jsonfeed import write_json
from feedguard.readers.line import Line
from feedguard.readers.lines import lines
from feedguard.readers.models import FilteredFeed
from feedguard.readers.xml import write_atom, write_rss

Writer = Callable[[Channel, list[Line]], bytes]
FORMS: Mapping[str, tuple[str, Writer]] = {
    "rss": ("application/rss+xml", write_rss),
    "atom": ("application/atom+xml", write_atom),
    "json": ("application/feed+json", write_json),
}
ASKED_EVERY = dt.timedelta(minutes=5)
START = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Published:
    """One answer. `changed_at` is in whole seconds."""

    body: bytes
    content_type: str
    etag: str
    changed_at: dt.datetime


def publish(feed: FilteredFeed, form: str, *, self_url: str, home: str) -> Published:
    """Write the feed. `changed_at` moves exactly when what it holds does, also when that only was the clock."""
    now = timezone.now()
    held = lines(feed, now)
    channel = channel_of(feed, self_url=self_url, home=home, updated=START)
    changed_at = _changed_at(feed, _fingerprint(channel, held), now)
    content_type, write = FORMS[form]
    body = write(replace(channel, updated=changed_at), held)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return Published(body, f"{content_type}; charset=utf-8", etag, changed_at)


def _fingerprint(channel: Channel, held: list[Line]) -> str:
    return hashlib.sha256(repr((replace(channel, self_url="", site_url=""), held)).encode(errors="replace")).hexdigest()


def _changed_at(feed: FilteredFeed, fingerprint: str, now: dt.datetime) -> dt.datetime:
    row = FilteredFeed.objects.filter(pk=feed.pk)
    if feed.asked_at is None or now - feed.asked_at > ASKED_EVERY:
        row.update(asked_at=now)
    if feed.changed_at is not None and feed.fingerprint == fingerprint:
        return feed.changed_at
    changed_at = now.replace(microsecond=0)
    if feed.changed_at is not None:  # two changes within a second must not share one Last-Modified
        changed_at = max(changed_at, feed.changed_at + dt.timedelta(seconds=1))
    row.filter(fingerprint=feed.fingerprint).update(fingerprint=fingerprint, changed_at=changed_at)
    return changed_at

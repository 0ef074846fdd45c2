"""What a filtered feed says of itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from feedguard.feeds.models import Source
from feedguard.readers.models import FilteredFeed


@dataclass(frozen=True)
class Channel:
    """The head of a feed. `combined`: its items come from several sources."""

    id: str
    title: str
    description: str
    site_url: str
    self_url: str
    language: str
    updated: dt.datetime
    image: str
    elements: tuple[Any, ...]
    combined: bool


def channel_of(feed: FilteredFeed, *, self_url: str, home: str, updated: dt.datetime) -> Channel:
    """The head of this feed. `home` is the address of FeedGuard's own pages, for feeds that have no site."""
    source: Source | None = feed.source
    extras = source.extras if source else {}
    about = extras.get("description") or (source.site_url if source else "")
    return Channel(
        id=feed.id.urn,
        title=name_of(feed),
        description=f"{about} (filtered by FeedGuard)".strip(),
        site_url=(source.site_url if source else "") or home,
        self_url=self_url,
        language=source.language if source else "",
        updated=updated,
        image=extras.get("image", ""),
        elements=tuple(extras.get("elements", [])),
        combined=source is None,
    )


def name_of(feed: FilteredFeed) -> str:
    """What a reader calls it: a source by its own title."""
    if feed.source is not None:
        return str(feed.source)
    return f"FeedGuard: {feed.folder}" if feed.kind == FilteredFeed.Kind.FOLDER else "FeedGuard: everything"

"""What a feed says, in one form for all formats. Plain data that can be handed between processes."""

from __future__ import annotations

import datetime as dt
import hashlib
import unicodedata
from dataclasses import dataclass, field
from typing import Any, Literal

MediaKind = Literal["image", "audio", "video"]


@dataclass(frozen=True, slots=True)
class ParsedMedia:
    """A picture, sound or film that an entry names."""

    url: str
    kind: MediaKind
    mime: str = ""
    alt: str = ""
    duration_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class ParsedEntry:
    """One entry. `html` is sanitised, `text` is plain; times are aware and in UTC. `extras` is what a filtered
    feed carries on besides (see originals)."""

    external_id: str
    url: str
    title: str
    author: str
    html: str
    text: str
    published_at: dt.datetime | None
    updated_at: dt.datetime | None
    kind: str
    word_count: int
    duration_seconds: int | None
    language: str | None
    media: tuple[ParsedMedia, ...]
    content_hash: str
    extras: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed with the entries that could be read; `warnings` say what was wrong with it."""

    title: str
    site_url: str
    language: str
    description: str
    entries: tuple[ParsedEntry, ...]
    warnings: tuple[str, ...]
    format: str
    extras: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed that a page names."""

    url: str
    title: str
    format: str


def content_hash(title: str, text: str, author: str, media: tuple[ParsedMedia, ...]) -> str:
    """SHA-256, in hexadecimal, over the NFC form of what an entry says."""
    parts = [title, text, author, *(m.url for m in media)]
    return hashlib.sha256(unicodedata.normalize("NFC", "\x1f".join(parts)).encode()).hexdigest()

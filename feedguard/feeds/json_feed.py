"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

from __future__ import annotations

import datetime as dt
import html
import json
from typing import Any
from urllib.parse import urljoin

from pydantic import BaseModel, Field, ValidationError, field_validator

from feedguard.feeds.clean import clean_line
from feedguard.feeds.parse import MAX_ENTRIES, NotAFeed, made_entry, not_in_future, pictures_in, unique
from feedguard.feeds.parsed import ParsedEntry, ParsedFeed, ParsedMedia


class _Author(BaseModel):
    name: str = ""


class _Attachment(BaseModel):
    url: str
    mime_type: str = ""
    title: str = ""
    duration_in_seconds: float | None = None


class _Item(BaseModel):
    id: str
    url: str = ""
    title: str = ""
    content_html: str = ""
    content_text: str = ""
    summary: str = ""
    image: str = ""
    banner_image: str = ""
    date_published: dt.datetime | None = None
    date_modified: dt.datetime | None = None
    author: _Author | None = None
    authors: list[_Author] = Field(default_factory=list)
    language: str = ""
    attachments: list[_Attachment] = Field(default_factory=list)

    @field_validator("id", mode="before")
    @classmethod
    def _text(cls, value: Any) -> str:
        return str(value)


class _Feed(BaseModel):
    version: str
    title: str = ""
    home_page_url: str = ""
    description: str = ""
    language: str = ""
    items: list[dict[str, Any]] = Field(default_factory=list)


def parse_json_feed(body: bytes, *, url: str) -> ParsedFeed:
    """Parse a JSON Feed; items that break the form are passed over with a warning. Raises NotAFeed."""
    try:
        feed = _Feed.model_validate(json.loads(body.decode("utf-8-sig", errors="replace")))
    except (json.JSONDecodeError, ValidationError, RecursionError):
        raise NotAFeed("This is no feed.") from None
    if "jsonfeed.org/version/1" not in feed.version:
        raise NotAFeed("This is JSON, but no JSON Feed 1.x.")
    read, broken = [], 0
    for raw in feed.items[:MAX_ENTRIES]:
        try:
            read.append(_entry(_Item.model_validate(raw), url))
        except ValidationError:
            broken += 1
    entries, doubles = unique(read)
    warnings = []
    if broken:
        warnings.append(f"{broken} items break the form of JSON Feed and were passed over.")
    if doubles:
        warnings.append(f"{doubles} items carry an id that another one has; the first of each was kept.")
    return ParsedFeed(
        title=clean_line(feed.title)[:300],
        site_url=feed.home_page_url if feed.home_page_url.startswith("http") else "",
        language=feed.language[:16],
        description=clean_line(feed.description)[:500],
        entries=entries,
        warnings=tuple(warnings),
        format="json" + feed.version.rpartition("/")[2],
    )


def _entry(item: _Item, base: str) -> ParsedEntry:
    markup = item.content_html or "<p>" + html.escape(item.content_text or item.summary).replace("\n", "<br>") + "</p>"
    link = urljoin(base, item.url) if item.url else ""
    authors = item.authors or ([item.author] if item.author else [])
    return made_entry(
        external_id=item.id,
        url=link if link.startswith("http") else "",
        title=clean_line(item.title),
        author=clean_line(", ".join(a.name for a in authors if a.name)),
        markup=markup,
        published_at=_aware(item.date_published),
        updated_at=_aware(item.date_modified),
        duration_seconds=next((int(a.duration_in_seconds) for a in item.attachments if a.duration_in_seconds), None),
        language=item.language or None,
        media=_media(item, link or base),
    )


def _media(item: _Item, base: str) -> tuple[ParsedMedia, ...]:
    found: dict[str, ParsedMedia] = {}
    pictures = [(item.image, ""), (item.banner_image, ""), *pictures_in(item.content_html)[:1]]
    for address, alt in pictures:
        url = urljoin(base, address) if address else ""
        if url.startswith("http"):
            found.setdefault(url, ParsedMedia(url, "image", "image/*", clean_line(alt)))
    for attachment in item.attachments[:8]:
        url, kind = urljoin(base, attachment.url), attachment.mime_type.partition("/")[0]
        if url.startswith("http") and kind in {"image", "audio", "video"}:
            seconds = int(attachment.duration_in_seconds) if attachment.duration_in_seconds else None
            found.setdefault(url, ParsedMedia(url, kind, attachment.mime_type[:80], "", seconds))  # type: ignore[arg-type]
    return tuple(found.values())


def _aware(when: dt.datetime | None) -> dt.datetime | None:
    if when is None:
        return None
    return not_in_future(when if when.tzinfo else when.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)

"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

from __future__ import annotations

import datetime as dt
import html
import json
from typing import Any
from urllib.parse import urljoin

from pydantic import BaseModel, Field, ValidationError, field_validator

from feedguard.feeds.clean import clean_line, clean_text
from feedguard.feeds.parse import (
    MAX_ENTRIES,
    NotAFeed,
    made_entry,
    not_in_future,
    pictures_in,
    unique,
    with_extras,
)
from feedguard.feeds.parsed import ParsedEntry, ParsedFeed, ParsedMedia


class _Author(BaseModel):
    name: str = ""


class _Attachment(BaseModel):
    url: str
    mime_type: str = ""
    title: str = ""
    size_in_bytes: int | None = None
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
    tags: list[str] = Field(default_factory=list)
    external_url: str = ""

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
        feed = _Feed.model_validate(_read(body))
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


def _read(body: bytes) -> Any:
    """The JSON, without the halves of surrogate pairs that its escapes may leave."""
    read = json.loads(body.decode("utf-8-sig", errors="replace"))
    return json.loads(json.dumps(read, ensure_ascii=False).encode("utf-8", "replace"))


def _entry(item: _Item, base: str) -> ParsedEntry:
    markup = item.content_html or "<p>" + html.escape(item.content_text or item.summary).replace("\n", "<br>") + "</p>"
    link = urljoin(base, item.url) if item.url else ""
    authors = item.authors or ([item.author] if item.author else [])
    entry = made_entry(
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
    return with_extras(entry, _extras(item, link or base))


def _extras(item: _Item, base: str) -> dict[str, Any]:
    """What a filtered feed carries on, in the form of feeds/originals.py."""
    enclosures = [
        {
            "url": urljoin(base, clean_text(a.url)),
            "type": clean_line(a.mime_type)[:80],
            "length": str(a.size_in_bytes) if a.size_in_bytes else "",
            "title": clean_line(a.title)[:300],
        }
        for a in item.attachments[:20]
    ]
    extras = {
        "enclosures": [e for e in enclosures if e["url"].startswith(("http://", "https://")) and len(e["url"]) <= 2000],
        "categories": [{"term": clean_line(tag)[:200], "scheme": ""} for tag in item.tags[:30] if tag.strip()],
        "external_url": clean_text(item.external_url) if item.external_url.startswith("http") else "",
    }
    return {name: value for name, value in extras.items() if value}


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

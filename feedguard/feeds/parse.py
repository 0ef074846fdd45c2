"""Feeds of every common format, as found in the wild, into one form.

FeedError
├── NotAFeed     this is no feed (perhaps a page that names one)
└── FeedRefused  a feed that is not opened (document type, no readable entry)

To be called in the sandbox: what comes in is not to be trusted.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from typing import Any
from urllib.parse import urljoin

import feedparser

from feedguard.feeds.clean import clean_html, clean_html_with_media, clean_line, clean_text, html_to_text
from feedguard.feeds.originals import read_originals
from feedguard.feeds.parsed import MediaKind, ParsedEntry, ParsedFeed, ParsedMedia, content_hash

MAX_ENTRIES = 5_000
MAX_TEXT = 64 * 1024
MAX_MEDIA = 8


class FeedError(Exception):
    """The feed cannot be used; the message is for the person."""

    permanent = True


class NotAFeed(FeedError):
    pass


class FeedRefused(FeedError):
    pass


def parse_feed(body: bytes, *, content_type: str, url: str) -> ParsedFeed:
    """Parse RSS 0.9x and 2.0, RDF, Atom, or JSON Feed 1.x. Raises FeedError."""
    from feedguard.feeds.json_feed import parse_json_feed

    start = body[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] in {b"{", b"["}:
        return parse_json_feed(body, url=url)
    if re.match(rb"<!doctype\s+html|<html", start, re.IGNORECASE):
        raise NotAFeed("This is a page, not a feed.")
    if re.search(rb"<!(?:DOCTYPE|ENTITY)", _as_ascii(body[:100_000])):
        raise FeedRefused("This feed declares a document type, which feeds do not need and which is not opened.")
    return _parse_xml(body, content_type, url)


def _as_ascii(body: bytes) -> bytes:
    return body.replace(b"\x00", b"") if b"\x00" in body[:200] else body


def _parse_xml(body: bytes, content_type: str, url: str) -> ParsedFeed:
    headers = {"content-location": url, "content-type": content_type or "application/xml"}
    read = feedparser.parse(body, response_headers=headers, sanitize_html=False, resolve_relative_uris=True)
    if not read.get("version") and not read.get("entries"):
        raise NotAFeed("This is no feed.")
    warnings = []
    if read.bozo:
        warnings.append(
            f"The feed is not well formed ({_first_line(read.get('bozo_exception'))}); read what could be read."
        )
    if len(read.entries) > MAX_ENTRIES:
        warnings.append(f"The feed has {len(read.entries):,} entries; the first {MAX_ENTRIES:,} were read.")
    entries, doubles = unique(_entry(raw, url) for raw in read.entries[:MAX_ENTRIES])
    if doubles:
        warnings.append(f"{doubles} entries carry an id that another one has; the first of each was kept.")
    feed = read.feed
    originals = read_originals(body, url)
    entries = tuple(with_extras(entry, originals.of(entry.external_id, entry.url)) for entry in entries)
    return ParsedFeed(
        title=clean_line(feed.get("title", ""))[:300],
        site_url=_http(urljoin(url, feed.get("link", ""))),
        language=(feed.get("language") or "")[:16],
        description=clean_line(feed.get("subtitle", ""))[:500],
        entries=entries,
        warnings=tuple(warnings),
        format=read.get("version") or "unknown",
        extras=originals.feed,
    )


def _first_line(error: object) -> str:
    return str(error or "broken").splitlines()[0][:160]


def unique(entries: Any) -> tuple[tuple[ParsedEntry, ...], int]:
    """The first entry of each id, and how many others there were."""
    kept: dict[str, ParsedEntry] = {}
    doubles = 0
    for entry in entries:
        if entry.external_id in kept:
            doubles += 1
        else:
            kept[entry.external_id] = entry
    return tuple(kept.values()), doubles


def _entry(raw: Any, base: str) -> ParsedEntry:
    content = max((c.get("value", "") for c in raw.get("content", [])), key=len, default="")
    markup = content if len(content) > len(raw.get("summary", "")) else raw.get("summary", "")
    link = _http(urljoin(base, raw.get("link", "")))
    media = _media(raw, markup, link or base)
    duration = _duration(raw.get("itunes_duration", "")) or next(
        (m.duration_seconds for m in media if m.duration_seconds), None
    )
    return made_entry(
        external_id=str(raw.get("id") or ""),
        url=link,
        title=clean_line(raw.get("title", "")),
        author=clean_line(raw.get("author", "")),
        markup=markup,
        published_at=_time(raw.get("published_parsed") or raw.get("updated_parsed")),
        updated_at=_time(raw.get("updated_parsed")),
        duration_seconds=duration,
        language=raw.get("language"),
        media=media,
        reply_to=str(raw.get("thr_in-reply-to", "") and "yes"),
        video=bool(raw.get("yt_videoid")),
    )


def made_entry(
    *, external_id: str, url: str, title: str, author: str, markup: str, published_at: dt.datetime | None,
    updated_at: dt.datetime | None, duration_seconds: int | None, language: str | None, media: tuple[ParsedMedia, ...],
    reply_to: str = "", video: bool = False,
) -> ParsedEntry:  # fmt: skip
    """An entry with everything derived that can be: safe HTML, text, kind, stable id, hash."""
    safe = clean_html(markup[: MAX_TEXT * 2])
    text = html_to_text(markup[: MAX_TEXT * 2])[:MAX_TEXT]
    fingerprint = content_hash(title, text, author, media)
    return ParsedEntry(
        external_id=clean_text(external_id) or url or fingerprint,
        url=url,
        title=title[:1000],
        author=author[:300],
        html=safe,
        text=text,
        published_at=published_at,
        updated_at=updated_at,
        kind=_kind(title, text, url, media, reply_to=reply_to, video=video),
        word_count=len(text.split()),
        duration_seconds=duration_seconds,
        language=(language or "").partition("-")[0].lower()[:8] or None,
        media=media,
        content_hash=fingerprint,
        extras=_own_extras(markup, updated_at),
    )


def _own_extras(markup: str, updated_at: dt.datetime | None) -> dict[str, Any]:
    extras: dict[str, Any] = {}
    if re.search(r"<(?:img|audio|video|iframe)\b", markup, re.IGNORECASE):
        extras["html"] = clean_html_with_media(markup[: MAX_TEXT * 2])
    if updated_at is not None:
        extras["updated"] = updated_at.isoformat()
    return extras


def with_extras(entry: ParsedEntry, extras: dict[str, Any]) -> ParsedEntry:
    """The entry with more to carry on."""
    return dataclasses.replace(entry, extras={**entry.extras, **extras}) if extras else entry


def _kind(title: str, text: str, url: str, media: tuple[ParsedMedia, ...], *, reply_to: str, video: bool) -> str:
    head = title or text[:80]
    if re.match(r"(?:RT @|♻|🔁|\[?reposted\b|.{1,60}\b(?:boosted|reposted):?\s)", head, re.IGNORECASE):
        return "repost"
    if reply_to or re.match(r"(?:re:\s|@\w+\s|replying to\b)", head, re.IGNORECASE):
        return "reply"
    if "/shorts/" in url:
        return "short"
    kinds = {m.kind for m in media}
    if video or "video" in kinds or "youtube.com/watch" in url:
        return "video"
    return "audio" if "audio" in kinds else "post"


def _media(raw: Any, markup: str, base: str) -> tuple[ParsedMedia, ...]:
    found: dict[str, ParsedMedia] = {}

    def add(address: str, mime: str, alt: str = "", medium: str = "", duration: str = "") -> None:
        url = _http(urljoin(base, address.strip()))
        kind = _media_kind(mime, medium, url)
        if url and kind and url not in found and len(found) < MAX_MEDIA:
            found[url] = ParsedMedia(url, kind, mime[:80], clean_line(alt)[:1000], _duration(duration))

    for enclosure in raw.get("enclosures", []):
        add(enclosure.get("href", ""), enclosure.get("type", ""))
    for content in raw.get("media_content", []):
        add(
            content.get("url", ""), content.get("type", ""), raw.get("media_description", ""), content.get("medium", ""),
            str(content.get("duration", "")),
        )  # fmt: skip
    for thumbnail in raw.get("media_thumbnail", []):
        add(thumbnail.get("url", ""), "image/jpeg")
    if not any(m.kind == "image" for m in found.values()):
        for picture in pictures_in(markup)[:1]:
            add(picture[0], "image/*", picture[1])
    return tuple(found.values())


_IMG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(src|alt|width)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)


def pictures_in(markup: str) -> list[tuple[str, str]]:
    """(address, alternative text) of the pictures in HTML, but for tracking pixels."""
    found = []
    for tag in _IMG.findall(markup):
        values = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(tag)}
        if (
            values.get("src", "").strip()
            and values.get("width") not in {"0", "1"}
            and not values["src"].startswith("data:")
        ):
            found.append((values["src"].replace("&amp;", "&"), values.get("alt", "")))
    return found


def _media_kind(mime: str, medium: str, url: str) -> MediaKind | None:
    kind = mime.partition("/")[0] or medium
    if kind == "image" or medium == "image" or re.search(r"\.(?:png|jpe?g|gif|webp|avif)(?:$|\?)", url, re.IGNORECASE):
        return "image"
    return "audio" if kind == "audio" else "video" if kind == "video" else None


def _duration(raw: str) -> int | None:
    """Seconds of `h:mm:ss`, `m:ss` or a plain number."""
    if not re.fullmatch(r"\d{1,6}(?:\.\d+)?|(?:\d{1,2}:)?\d{1,3}:\d{2}", raw.strip()):
        return None
    seconds = 0.0
    for part in raw.strip().split(":"):
        seconds = seconds * 60 + float(part)
    return int(seconds)


def _time(parsed: Any) -> dt.datetime | None:
    """An aware time of feedparser's UTC tuple; one in the future counts as now."""
    if not parsed:
        return None
    try:
        when = dt.datetime(*parsed[:6], tzinfo=dt.UTC)
    except (ValueError, TypeError):
        return None
    return not_in_future(when)


def not_in_future(when: dt.datetime) -> dt.datetime:
    return min(when, dt.datetime.now(dt.UTC))


def _http(url: str) -> str:
    return url[:2000] if url.startswith(("http://", "https://")) else ""

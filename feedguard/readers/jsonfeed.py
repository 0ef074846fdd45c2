"""Filtered feeds as JSON Feed 1.1 (jsonfeed.org)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any

from feedguard.readers.channel import Channel
from feedguard.readers.line import Line


def write_json(channel: Channel, lines: Iterable[Line]) -> bytes:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.site_url,
        "feed_url": channel.self_url,
        "description": channel.description,
        "icon": channel.image,
        "language": channel.language,
    }
    items = [_item(line, combined=channel.combined) for line in lines]
    return json.dumps({**_filled(feed), "items": items}, ensure_ascii=False).encode("utf-8", "replace")


def _item(line: Line, *, combined: bool) -> dict[str, Any]:
    item = {
        "url": line.url,
        "external_url": line.external_url,
        "title": line.title,
        "image": _picture(line),
        "date_published": _rfc3339(line.published),
        "date_modified": _rfc3339(line.updated) if line.updated != line.published else "",
        "authors": [{"name": line.author}] if line.author else [],
        "tags": list(line.categories),
        "language": line.language,
        "attachments": [_attachment(enclosure, line.duration_seconds) for enclosure in line.enclosures],
        "_feedguard": _filled({"action": line.action, "wish": line.heading, "reason": line.reason}),
    }
    if combined and line.source_url:
        item["_source"] = {"title": line.source_title, "feed_url": line.source_url}
    return {"id": line.id, "content_html": line.html, **_filled(item)}


def _attachment(enclosure: Any, duration_seconds: int | None) -> dict[str, Any]:
    kind = enclosure["type"] or "application/octet-stream"
    sounds = kind.startswith(("audio/", "video/"))
    more = {
        "title": enclosure["title"],
        "size_in_bytes": int(enclosure["length"] or 0),
        "duration_in_seconds": duration_seconds if sounds else 0,
    }
    return {"url": enclosure["url"], "mime_type": kind, **_filled(more)}


def _picture(line: Line) -> str:
    """The address of the picture that the original names for the item."""
    for name, attributes, _, _ in line.elements:
        if name == "itunes:image":
            return str(attributes.get("href", ""))
        if name == "media:thumbnail":
            return str(attributes.get("url", ""))
    return ""


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _rfc3339(when: dt.datetime) -> str:
    return when.astimezone(dt.UTC).replace(microsecond=0).isoformat()

"""From what a program sends to an item that can be stored, or to one clear error for it alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from feedguard.api.errors import ErrorBody, dotted, plain_message
from feedguard.api.schemas import MAX_TEXT_BYTES, ItemIn
from feedguard.feeds.clean import clean_text
from feedguard.feeds.parsed import ParsedMedia
from feedguard.feeds.sent import SentItem

OLDEST, NEWEST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC), dt.datetime(2200, 1, 1, tzinfo=dt.UTC)


def read_items(raw: Sequence[Any]) -> list[SentItem | ErrorBody]:
    """Each item by itself: one that is broken does not sink the others."""
    seen: set[tuple[str, str]] = set()
    found: list[SentItem | ErrorBody] = []
    for position, one in enumerate(raw):
        item = _read(one)
        if isinstance(item, SentItem) and item.key in seen:
            item = ErrorBody(code="duplicate", message="This id stands in the batch already.", field="id")
        elif isinstance(item, SentItem):
            seen.add(item.key)
        if isinstance(item, ErrorBody):
            item = item.model_copy(update={"field": f"items.{position}" + (f".{item.field}" if item.field else "")})
        found.append(item)
    return found


def _read(raw: Any) -> SentItem | ErrorBody:
    try:
        item = ItemIn.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return ErrorBody(code="invalid", message=plain_message(first), field=dotted(first["loc"]))
    if problem := _problem(item):
        field, code, message = problem
        return ErrorBody(code=code, message=message, field=field)
    return _sent(item)


def _problem(item: ItemIn) -> tuple[str, str, str] | None:
    """What the form of the fields does not tell: field, code, message."""
    if not item.id.isprintable():
        return "id", "invalid", "An id has no control characters."
    if len(item.text.encode()) > MAX_TEXT_BYTES:
        return "text", "too_large", "A text has at most 64 KB (65,536 bytes in UTF-8). Send its beginning."
    if item.url and not item.url.startswith(("http://", "https://")):
        return "url", "invalid", "An address begins with http:// or https://."
    if item.published_at and not OLDEST <= item.published_at < NEWEST:
        return "published_at", "invalid", "This time lies before 1970 or after 2199."
    if not (clean_text(item.title) or clean_text(item.text) or any(clean_text(m.alt) for m in item.media)):
        return "text", "invalid", "An item needs a title, a text or the description of a picture."
    return None


def _sent(item: ItemIn) -> SentItem:
    """The item with texts of visible characters only."""
    return SentItem(
        id=item.id,
        service=item.service,
        title=_line(item.title),
        text=clean_text(item.text),
        author=_line(item.author),
        url=_line(item.url),
        kind=item.kind,
        language=item.language,
        thread=_line(item.thread),
        duration_seconds=item.duration_seconds,
        published_at=item.published_at,
        media=tuple(ParsedMedia(url=_line(m.url), kind=m.kind, alt=_line(m.alt)) for m in item.media),
    )


def _line(text: str) -> str:
    return clean_text(text).replace("\n", " ")

"""Pages of a list, newest first, by a signed cursor that holds for one person and one query only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.core import signing
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from feedguard.api.auth import person_of
from feedguard.api.errors import ApiError

SALT = "feedguard.api.cursor"
DEFAULT, MOST = 50, 100
Row = TypeVar("Row")
Rows = TypeVar("Rows", bound=Model)


def page_of(request: HttpRequest, rows: QuerySet[Rows], *, limit: int, cursor: str) -> tuple[list[Rows], str | None]:
    """A page of rows whose ids are UUIDv7, and the cursor of the next one."""
    after = _read(request, cursor)
    found = list((rows.filter(pk__lt=after) if after else rows).order_by("-pk")[: limit + 1])
    return found[:limit], _write(request, str(found[limit - 1].pk)) if len(found) > limit else None


def page_of_list(
    request: HttpRequest, rows: Sequence[Row], *, id_of: Callable[[Row], str], limit: int, cursor: str
) -> tuple[list[Row], str | None]:
    """The same for a list in memory whose ids are UUIDv7."""
    after = _read(request, cursor)
    found = sorted((row for row in rows if not after or id_of(row) < after), key=id_of, reverse=True)[: limit + 1]
    return found[:limit], _write(request, id_of(found[limit - 1])) if len(found) > limit else None


def _query(request: HttpRequest) -> str:
    """What a cursor belongs to: the person, the address, and all parameters but those that turn pages."""
    asked = sorted((name, values) for name, values in request.GET.lists() if name not in {"cursor", "limit"})
    text = json.dumps([str(person_of(request).pk), request.path, asked])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _write(request: HttpRequest, last: str) -> str:
    return signing.dumps([_query(request), last], salt=SALT)


def _read(request: HttpRequest, cursor: str) -> str:
    if not cursor:
        return ""
    try:
        query, last = signing.loads(cursor, salt=SALT)
    except signing.BadSignature:
        raise ApiError(
            422, "This is no cursor of ours. Begin without one.", code="bad_cursor", field="cursor"
        ) from None
    if query != _query(request):
        message = "This cursor belongs to another query. Begin without one."
        raise ApiError(422, message, code="bad_cursor", field="cursor")
    return str(last)

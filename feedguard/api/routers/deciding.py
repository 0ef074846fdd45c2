"""Deciding items, and following those that are pending."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, Field, ValidatorFunctionWrapHandler, WrapValidator

from feedguard.api.auth import caller_of, needs, person_of
from feedguard.api.documented import REFUSALS
from feedguard.api.errors import ErrorBody
from feedguard.api.follow import follower
from feedguard.api.items import read_items
from feedguard.api.once import PARAMETER, once
from feedguard.api.schemas import MAX_ITEMS, DecisionOut, In, ItemIn
from feedguard.api.selectors import standing_of
from feedguard.feeds.sent import SentItem, Standing, receive

router = Router(tags=["Deciding"])
MOST_SECONDS = 30


def _as_sent(value: Any, _: ValidatorFunctionWrapHandler) -> Any:
    return value


RawItem = Annotated[ItemIn, WrapValidator(_as_sent)]
"""An item in the schema, but taken as it came: each is checked by itself later."""


class BatchIn(In):
    """1 to 50 items. Each is checked by itself: one that is broken does not sink the others."""

    items: Annotated[list[RawItem], Field(min_length=1, max_length=MAX_ITEMS)]


class Result(BaseModel):
    """What became of one item, in the order of the batch. `item` is FeedGuard's id of it."""

    id: str | None
    status: Literal["decided", "pending", "error"]
    item: uuid.UUID | None = None
    decision: DecisionOut | None = None
    error: ErrorBody | None = None


class BatchOut(BaseModel):
    """`follow` is the address that answers as soon as a pending item is decided; null where none is pending."""

    results: list[Result]
    follow: str | None


class FollowOut(BaseModel):
    """The decisions that are made, and the ids of items that are pending still."""

    decisions: list[DecisionOut]
    pending: list[uuid.UUID]
    follow: str | None


@router.post("/decide", response={200: BatchOut, **REFUSALS}, auth=needs("decide"), openapi_extra=PARAMETER)
@once
def decide(request: HttpRequest, batch: BatchIn) -> BatchOut:
    """Decide up to 50 items. Those that need a closer look are pending, and are decided in the background."""
    read = read_items(batch.items)
    good = [one for one in read if isinstance(one, SentItem)]
    standings = iter(receive(person_of(request), good) if good else [])
    results = [
        _refused(raw, one) if isinstance(one, ErrorBody) else _result(one, next(standings))
        for raw, one in zip(batch.items, read, strict=True)
    ]
    return BatchOut(
        results=results, follow=_follow([r.item for r in results if r.status == "pending" and r.item is not None])
    )


def _result(one: SentItem, standing: Standing) -> Result:
    if standing.decision is None:
        return Result(id=one.id, status="pending", item=standing.item_id)
    decision = DecisionOut.of(standing.decision)
    return Result(id=one.id, status="decided", item=standing.item_id, decision=decision)


def _refused(raw: object, error: ErrorBody) -> Result:
    named = raw.get("id") if isinstance(raw, dict) else None
    usable = isinstance(named, str) and len(named) <= 500 and named.isprintable()
    return Result(id=named if usable else None, status="error", error=error)


def _follow(pending: list[uuid.UUID]) -> str | None:
    query = urlencode([("item", str(item)) for item in pending])
    return f"/api/v1/decisions/follow?{query}" if pending else None


@router.get("/decisions/follow", response={200: FollowOut, **REFUSALS}, auth=needs("read"))
async def follow(
    request: HttpRequest,
    item: Annotated[list[uuid.UUID], Query(min_length=1, max_length=MAX_ITEMS)],
    wait: Annotated[int, Query(ge=0, le=MOST_SECONDS, description="Seconds")] = MOST_SECONDS,
) -> FollowOut:
    """Wait until one of the pending items is decided, at most `wait` seconds; then tell where all of them stand."""
    person = caller_of(request).person
    decided, pending = await sync_to_async(standing_of)(person, item)
    if pending and wait:
        await follower.wait(person.id, pending, wait)
        decided, pending = await sync_to_async(standing_of)(person, item)
    return FollowOut(
        decisions=[DecisionOut.of(one) for one in decided], pending=list(pending), follow=_follow(list(pending))
    )

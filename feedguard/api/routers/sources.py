"""Sources: what the person reads."""

from __future__ import annotations

import uuid
from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import BaseModel, Field

from feedguard.api import selectors
from feedguard.api.auth import needs, person_of
from feedguard.api.documented import REFUSALS
from feedguard.api.errors import ApiError
from feedguard.api.once import PARAMETER, once
from feedguard.api.paging import DEFAULT, page_of
from feedguard.api.routers.wishes import Cursor, Limit
from feedguard.api.schemas import In, JobOut, Plain, SourceOut
from feedguard.decisions.jobs import start_job
from feedguard.feeds import services
from feedguard.feeds.models import Subscription

router = Router(tags=["Sources"])


class SourcePage(BaseModel):
    sources: list[SourceOut]
    next: str | None


class SourceIn(In):
    """The address of a feed, or of a site, channel or profile that has one."""

    url: Annotated[Plain, Field(min_length=1, max_length=2000)]
    folder: Annotated[Plain, Field(max_length=200)] = ""


@router.get("/sources", response={200: SourcePage, **REFUSALS})
def sources(request: HttpRequest, limit: Limit = DEFAULT, cursor: Cursor = "") -> SourcePage:
    """The person's sources, the last added first."""
    rows = Subscription.objects.filter(person=person_of(request)).select_related("source")
    page, after = page_of(request, rows, limit=limit, cursor=cursor)
    return SourcePage(sources=[SourceOut.of(row) for row in page], next=after)


@router.post("/sources", response={202: JobOut, **REFUSALS}, auth=needs("write"), openapi_extra=PARAMETER)
@once
def add_source(request: HttpRequest, body: SourceIn) -> Status[JobOut]:
    """Subscribe. The job's result names the source, or offers the feeds that the page at this address names."""
    return Status(202, JobOut.of(start_job(person_of(request), "add_source", body.model_dump())))


@router.get("/sources/{uuid:source_id}", response={200: SourceOut, **REFUSALS})
def source(request: HttpRequest, source_id: uuid.UUID) -> SourceOut:
    """One source."""
    return SourceOut.of(selectors.subscription_of(person_of(request), source_id))


@router.delete("/sources/{uuid:source_id}", response={204: None, **REFUSALS}, auth=needs("write"))
def remove_source(request: HttpRequest, source_id: uuid.UUID) -> Status[None]:
    """End a subscription; its items leave the person's feed."""
    services.unsubscribe(selectors.subscription_of(person_of(request), source_id))
    return Status(204, None)


@router.post(
    "/sources/{uuid:source_id}/fetch",
    response={202: SourceOut, **REFUSALS},
    auth=needs("write"),
    openapi_extra=PARAMETER,
)
@once
def fetch(request: HttpRequest, source_id: uuid.UUID) -> Status[SourceOut]:
    """Ask the source in a moment; `fetched_at` tells when that was done."""
    subscription = selectors.subscription_of(person_of(request), source_id)
    if not subscription.source.fetched:
        raise ApiError(409, "This source is not fetched: its items are sent by your devices, or come with FeedGuard.")
    services.fetch_now(subscription.source)
    return Status(202, SourceOut.of(subscription))

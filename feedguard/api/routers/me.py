"""Who asks, and the jobs that they wait for."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel

from feedguard.accounts.models import SCOPES
from feedguard.api import selectors
from feedguard.api.auth import caller_of, person_of
from feedguard.api.documented import REFUSALS
from feedguard.api.paging import DEFAULT, page_of
from feedguard.api.routers.wishes import Cursor, Limit
from feedguard.api.schemas import JobOut, MeOut
from feedguard.decisions.models import Job

router = Router(tags=["Person and jobs"])


class JobPage(BaseModel):
    jobs: list[JobOut]
    next: str | None


@router.get("/me", response={200: MeOut, **REFUSALS})
def me(request: HttpRequest) -> MeOut:
    """Who the token stands for, and what it may do."""
    caller = caller_of(request)
    return MeOut.of(
        caller.person,
        device=caller.device.name if caller.device else None,
        scopes=[scope for scope in SCOPES if scope in caller.scopes],
        requests_per_minute=settings.API_PER_MINUTE,
    )


@router.get("/jobs", response={200: JobPage, **REFUSALS})
def jobs(request: HttpRequest, limit: Limit = DEFAULT, cursor: Cursor = "") -> JobPage:
    """The person's jobs, newest first."""
    rows = Job.objects.filter(person=person_of(request)).defer("input")
    page, after = page_of(request, rows, limit=limit, cursor=cursor)
    return JobPage(jobs=[JobOut.of(row) for row in page], next=after)


@router.get("/jobs/{uuid:job_id}", response={200: JobOut, **REFUSALS})
def job(request: HttpRequest, job_id: uuid.UUID) -> JobOut:
    """One job: its progress, and its result or error when it has ended."""
    return JobOut.of(selectors.job_of(person_of(request), job_id))

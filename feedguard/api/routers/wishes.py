"""Wishes, the proposals that lead to them, and the history of changes."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import BaseModel, Field

from feedguard import runtime
from feedguard.api import selectors
from feedguard.api.auth import needs, person_of
from feedguard.api.documented import REFUSALS
from feedguard.api.errors import NotFound
from feedguard.api.once import PARAMETER, once
from feedguard.api.paging import DEFAULT, MOST, page_of_list
from feedguard.api.schemas import (
    ChangeOut,
    ChoiceOut,
    ElementOut,
    FlipRow,
    HistoryOut,
    In,
    JobOut,
    Plain,
    PreviewRow,
    ProposalOut,
    WishOut,
)
from feedguard.dashboard.selectors import WishView, wish_views
from feedguard.decisions.jobs import start_job
from feedguard.decisions.models import Job
from feedguard.preferences import accepting, editing, history, renewing, services
from graph.deltas import Delta
from graph.proposals import Proposal

router = Router(tags=["Wishes"])
Limit = Annotated[int, Query(ge=1, le=MOST)]
Cursor = Annotated[str, Query(max_length=500)]
CHANGED = {200: ChangeOut, **REFUSALS}


class WishPage(BaseModel):
    wishes: list[WishOut]
    next: str | None


class ProposalPage(BaseModel):
    proposals: list[ProposalOut]
    next: str | None


class HistoryPage(BaseModel):
    changes: list[HistoryOut]
    next: str | None


class SayIn(In):
    """`sentence` in the person's own words; `replaces` the id of a wish that it is to take the place of."""

    sentence: Annotated[Plain, Field(min_length=1, max_length=2000)]
    replaces: uuid.UUID | None = None


class StatusIn(In):
    status: Literal["active", "paused", "retired"]


class ActionIn(In):
    action: Literal["hide", "blur", "label"]


class RenewIn(In):
    """`until`: the last day, in the person's time zone; without it the wish holds for as long as it did before."""

    until: dt.date | None = None


class AcceptIn(In):
    """`verdicts`: items of the preview, by id, of which the person said that they are `right` or `wrong`."""

    verdicts: Annotated[dict[uuid.UUID, Literal["right", "wrong"]], Field(max_length=200)] = {}


class ChooseIn(In):
    """`choice`: the number, from 0, of one of the proposal's choices."""

    choice: Annotated[int, Field(ge=0, le=3)]


class Done(BaseModel):
    state: Literal["rejected"]


def changed(delta: Delta, job: Job) -> ChangeOut:
    return ChangeOut(change=delta.id, seq=delta.seq or 0, job=JobOut.of(job))


@router.get("/wishes", response={200: WishPage, **REFUSALS})
def wishes(request: HttpRequest, limit: Limit = DEFAULT, cursor: Cursor = "") -> WishPage:
    """The person's wishes, newest first."""
    views = wish_views(person_of(request))
    page, after = page_of_list(request, views, id_of=lambda view: view.intent.id, limit=limit, cursor=cursor)
    return WishPage(wishes=[_wish(view) for view in page], next=after)


def _wish(view: WishView) -> WishOut:
    return WishOut(
        id=view.intent.id,
        text=view.intent.text,
        polarity=view.intent.polarity,
        action=view.intent.action,
        status=view.status,
        elements=[ElementOut(role=e.role, value=e.value, stated=e.stated) for e in view.elements],
        exceptions=[e.text for e in view.exceptions],
        until=next((s.until for s in view.scopes if s.until), None),
        caught=view.caught,
    )


@router.post("/wishes", response={202: JobOut, **REFUSALS}, auth=needs("write"), openapi_extra=PARAMETER)
@once
def say(request: HttpRequest, body: SayIn) -> Status[JobOut]:
    """Say a wish. The job's result names the proposal that it became; it counts when that is accepted."""
    data = {"sentence": body.sentence, "replaces": str(body.replaces) if body.replaces else ""}
    return Status(202, JobOut.of(start_job(person_of(request), "say", data)))


@router.put("/wishes/{uuid:wish_id}/status", response=CHANGED, auth=needs("write"))
def set_wish_status(request: HttpRequest, wish_id: uuid.UUID, body: StatusIn) -> ChangeOut:
    """Pause (`paused`), resume (`active`) or remove (`retired`) a wish."""
    person = person_of(request)
    return changed(*editing.set_status(person, selectors.wish_id_of(person, wish_id), body.status))


@router.put("/wishes/{uuid:wish_id}/action", response=CHANGED, auth=needs("write"))
def set_wish_action(request: HttpRequest, wish_id: uuid.UUID, body: ActionIn) -> ChangeOut:
    """Hide, cover (`blur`) or mark (`label`) what a wish catches."""
    person = person_of(request)
    return changed(*editing.set_action(person, selectors.wish_id_of(person, wish_id), body.action))


@router.post("/wishes/{uuid:wish_id}/renew", response=CHANGED, auth=needs("write"))
def renew_wish(request: HttpRequest, wish_id: uuid.UUID, body: RenewIn) -> ChangeOut:
    """Let a wish with a time limit (status `ended` once that is over) hold again."""
    person = person_of(request)
    return changed(*renewing.renew(person, selectors.limit_id_of(person, wish_id), body.until))


@router.get("/proposals", response={200: ProposalPage, **REFUSALS})
def proposals(request: HttpRequest, limit: Limit = DEFAULT, cursor: Cursor = "") -> ProposalPage:
    """Proposals that wait for an answer, newest first."""
    found = runtime.graph_store().proposals(person_of(request).key)
    page, after = page_of_list(request, found, id_of=lambda proposal: proposal.id, limit=limit, cursor=cursor)
    return ProposalPage(proposals=[_proposal(one) for one in page], next=after)


@router.get("/proposals/{uuid:proposal_id}", response={200: ProposalOut, **REFUSALS})
def proposal(request: HttpRequest, proposal_id: uuid.UUID) -> ProposalOut:
    """A proposal, with what it would have done to the person's last items."""
    return _proposal(_proposal_of(request, proposal_id))


def _proposal_of(request: HttpRequest, proposal_id: uuid.UUID) -> Proposal:
    found = runtime.graph_store().proposal(person_of(request).key, str(proposal_id))
    if found is None:
        raise NotFound("proposal")
    return found


def _proposal(one: Proposal) -> ProposalOut:
    detail = one.detail
    preview = detail.get("preview") or {}
    rows = {
        name: [PreviewRow.model_validate(row) for row in preview.get(kind, ())]
        for name, kind in (("hits", "hits"), ("near", "near"), ("released", "newly_shown"), ("hidden", "newly_hidden"))
    }
    question = detail.get("question") or {}
    return ProposalOut(
        id=one.id,
        why=one.why,
        state=one.state,
        made_by=one.source,
        created_at=one.created_at,
        lines=detail.get("lines") or [],
        notes=detail.get("notes") or [],
        question=question.get("text", ""),
        choices=[ChoiceOut.model_validate(choice) for choice in question.get("choices", ())],
        summary=preview.get("summary", ""),
        flips=[FlipRow.model_validate(row) for row in preview.get("flips", ())],
        looked_at=preview.get("looked_at", 0),
        **rows,
    )


@router.post(
    "/proposals/{uuid:proposal_id}/choose",
    response={202: JobOut, **REFUSALS},
    auth=needs("write"),
    openapi_extra=PARAMETER,
)
@once
def choose(request: HttpRequest, proposal_id: uuid.UUID, body: ChooseIn) -> Status[JobOut]:
    """Answer a proposal's question. The job's result names the proposal that takes its place."""
    data = {"proposal": _proposal_of(request, proposal_id).id, "choice": body.choice}
    return Status(202, JobOut.of(start_job(person_of(request), "choose", data)))


@router.post("/proposals/{uuid:proposal_id}/accept", response=CHANGED, auth=needs("write"), openapi_extra=PARAMETER)
@once
def accept(request: HttpRequest, proposal_id: uuid.UUID, body: AcceptIn) -> ChangeOut:
    """Let a proposal count."""
    verdicts = {str(item): verdict for item, verdict in body.verdicts.items()}
    return changed(*accepting.accept(person_of(request), _proposal_of(request, proposal_id).id, verdicts))


@router.post(
    "/proposals/{uuid:proposal_id}/reject",
    response={200: Done, **REFUSALS},
    auth=needs("write"),
    openapi_extra=PARAMETER,
)
@once
def reject(request: HttpRequest, proposal_id: uuid.UUID) -> Done:
    """Put a proposal away; nothing changes."""
    accepting.reject(person_of(request), _proposal_of(request, proposal_id).id)
    return Done(state="rejected")


@router.get("/changes", response={200: HistoryPage, **REFUSALS})
def changes(request: HttpRequest, limit: Limit = DEFAULT, cursor: Cursor = "") -> HistoryPage:
    """Every change of the person's preferences, newest first."""
    lines = history.changes(person_of(request))
    page, after = page_of_list(request, lines, id_of=lambda line: line.id, limit=limit, cursor=cursor)
    found = [HistoryOut(id=x.id, sentence=x.sentence, at=x.at, actor=x.actor, undone=x.undone) for x in page]
    return HistoryPage(changes=found, next=after)


@router.post("/changes/{uuid:change_id}/undo", response=CHANGED, auth=needs("write"), openapi_extra=PARAMETER)
@once
def undo(request: HttpRequest, change_id: uuid.UUID) -> ChangeOut:
    """Take a change back by a new one, while nothing later stands in its way."""
    person = person_of(request)
    if runtime.graph_store().find(person.key, str(change_id)) is None:
        raise NotFound("change")
    return changed(*services.undo(person, str(change_id)))

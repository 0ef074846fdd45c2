"""Rules and guards: what is to be exact."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import BaseModel, Field

from feedguard.api import selectors
from feedguard.api.auth import needs, person_of
from feedguard.api.documented import REFUSALS
from feedguard.api.once import PARAMETER, once
from feedguard.api.paging import DEFAULT, page_of_list
from feedguard.api.routers.wishes import CHANGED, ActionIn, Cursor, Limit, StatusIn, changed
from feedguard.api.schemas import ChangeOut, GuardOut, In, Plain, PreviewRow, RuleOut
from feedguard.dashboard.selectors import rules_and_guards
from feedguard.preferences import editing
from graph.types import Facet, RuleKind

router = Router(tags=["Rules and guards"])
MADE = {201: ChangeOut, **REFUSALS}


class RulePage(BaseModel):
    rules: list[RuleOut]
    next: str | None


class GuardPage(BaseModel):
    guards: list[GuardOut]
    next: str | None


class RuleTry(In):
    """An exact rule. `value`: a word, a phrase, an RE2 expression, a name, a host, `>30` words or days …"""

    kind: RuleKind
    value: Annotated[Plain, Field(min_length=1, max_length=200)]


class RuleIn(RuleTry):
    action: Literal["hide", "blur", "label"] = "hide"


class GuardIn(In):
    """Never hide this author, source or thread; `value` is its whole name."""

    guards: Literal["author", "source", "thread"]
    value: Annotated[Plain, Field(min_length=1, max_length=500, pattern=r"\S")]


class Tried(BaseModel):
    """The person's recent items that the rule would catch."""

    hits: list[PreviewRow]


@router.get("/rules", response={200: RulePage, **REFUSALS})
def rules(request: HttpRequest, limit: Limit = DEFAULT, cursor: Cursor = "") -> RulePage:
    """The person's rules, newest first."""
    found, _ = rules_and_guards(person_of(request))
    page, after = page_of_list(request, found, id_of=lambda pair: pair[0].id, limit=limit, cursor=cursor)
    return RulePage(rules=[_rule(facet, caught) for facet, caught in page], next=after)


def _rule(facet: Facet, caught: int) -> RuleOut:
    kind, value = (facet.rule.kind, facet.rule.value) if facet.rule else ("word", "")
    return RuleOut(id=facet.id, kind=kind, value=value, action=facet.action, status=facet.status, caught=caught)


@router.post("/rules", response=MADE, auth=needs("write"), openapi_extra=PARAMETER)
@once
def add_rule(request: HttpRequest, body: RuleIn) -> Status[ChangeOut]:
    """Add an exact rule. It holds at once."""
    return Status(201, changed(*editing.add_rule(person_of(request), body.kind, body.value, body.action)))


@router.post("/rules/try", response={200: Tried, **REFUSALS})
def try_rule(request: HttpRequest, body: RuleTry) -> Tried:
    """See what a rule would catch, without adding it."""
    found = editing.try_rule(person_of(request), body.kind, body.value)
    return Tried(hits=[PreviewRow.model_validate(row) for row in found])


@router.put("/rules/{uuid:rule_id}/status", response=CHANGED, auth=needs("write"))
def set_rule_status(request: HttpRequest, rule_id: uuid.UUID, body: StatusIn) -> ChangeOut:
    """Pause, resume or remove a rule."""
    person = person_of(request)
    return changed(*editing.set_status(person, selectors.rule_id_of(person, rule_id), body.status))


@router.put("/rules/{uuid:rule_id}/action", response=CHANGED, auth=needs("write"))
def set_rule_action(request: HttpRequest, rule_id: uuid.UUID, body: ActionIn) -> ChangeOut:
    """Hide, cover or mark what a rule catches."""
    person = person_of(request)
    return changed(*editing.set_action(person, selectors.rule_id_of(person, rule_id), body.action))


@router.get("/guards", response={200: GuardPage, **REFUSALS})
def guards(request: HttpRequest, limit: Limit = DEFAULT, cursor: Cursor = "") -> GuardPage:
    """What is never hidden, newest first."""
    _, found = rules_and_guards(person_of(request))
    page, after = page_of_list(request, found, id_of=lambda guard: guard.id, limit=limit, cursor=cursor)
    return GuardPage(
        guards=[GuardOut(id=g.id, guards=g.guards, value=g.value, status=g.status) for g in page], next=after
    )


@router.post("/guards", response=MADE, auth=needs("write"), openapi_extra=PARAMETER)
@once
def add_guard(request: HttpRequest, body: GuardIn) -> Status[ChangeOut]:
    """Add a guard. It holds at once."""
    return Status(201, changed(*editing.add_guard(person_of(request), body.guards, body.value)))


@router.put("/guards/{uuid:guard_id}/status", response=CHANGED, auth=needs("write"))
def set_guard_status(request: HttpRequest, guard_id: uuid.UUID, body: StatusIn) -> ChangeOut:
    """Pause, resume or remove a guard."""
    person = person_of(request)
    return changed(*editing.set_status(person, selectors.guard_id_of(person, guard_id), body.status))

"""Decisions: reading them, asking why, and saying that one was wrong."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import BaseModel, Field

from feedguard.api import selectors
from feedguard.api.auth import needs, person_of
from feedguard.api.documented import REFUSALS
from feedguard.api.once import PARAMETER, once
from feedguard.api.paging import DEFAULT, MOST, page_of
from feedguard.api.schemas import MAX_ITEMS, DecisionOut, In, ListedDecision, Plain
from feedguard.dashboard.selectors import names_of_wishes
from feedguard.decisions import services
from feedguard.decisions.models import Decision, Override
from graph.types import Action

router = Router(tags=["Decisions"])


class DecisionPage(BaseModel):
    decisions: list[ListedDecision]
    next: str | None


class Quote(BaseModel):
    """`quote` stands in `field` of the item from character `start` to `end`."""

    field: str
    start: int
    end: int
    quote: str


class RulingOut(BaseModel):
    """What was ruled on one wish, part by part."""

    wish: str
    name: str
    verdict: Literal["violated", "not_violated", "unclear"]
    score: float
    certainty: float
    note: str
    exception: str | None
    elements: list[dict[str, Any]]


class LeftOutWish(BaseModel):
    wish: str
    name: str
    why: str


class WhyOut(BaseModel):
    """Why an item stands as it does. `override` is the person's own word, if there is one."""

    decision: DecisionOut
    title: str
    text: str
    url: str
    source: str
    evidence: list[Quote]
    rulings: list[RulingOut]
    left_out: list[LeftOutWish]
    models: dict[str, str]
    override: Literal["show", "hide"] | None
    earlier: list[DecisionOut]


class AppealIn(In):
    text: Annotated[Plain, Field(max_length=1000)] = ""


class OverrideIn(In):
    action: Literal["show", "hide"]


class Withdrawn(BaseModel):
    """FeedGuard decides the item again; `follow` answers when it has."""

    item: uuid.UUID
    follow: str


@router.get("/decisions", response={200: DecisionPage, **REFUSALS})
def decisions(
    request: HttpRequest,
    item: Annotated[list[uuid.UUID], Query(max_length=MAX_ITEMS)] = [],  # noqa: B006 – read anew for each request
    action: Annotated[Action | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = DEFAULT,
    cursor: Annotated[str, Query(max_length=500)] = "",
) -> DecisionPage:
    """Current decisions, newest first; of these items or this action alone, if asked."""
    rows = Decision.objects.filter(person=person_of(request), is_current=True).select_related("item__source")
    rows = rows.filter(item__in=item) if item else rows
    rows = rows.filter(action=action) if action else rows
    page, after = page_of(request, rows.defer("outcome"), limit=limit, cursor=cursor)
    return DecisionPage(decisions=[_listed(row) for row in page], next=after)


def _listed(row: Decision) -> ListedDecision:
    about = {"title": str(row.item), "url": row.item.url, "source": str(row.item.source)}
    return ListedDecision.model_validate({**DecisionOut.of(row).model_dump(), **about})


@router.get("/items/{uuid:item_id}/why", response={200: WhyOut, **REFUSALS})
def why(request: HttpRequest, item_id: uuid.UUID) -> WhyOut:
    """On which words a decision rests, what each wish was ruled, and which wishes were left out."""
    person = person_of(request)
    entry, decision = selectors.entry_of(person, item_id), selectors.current_decision(person, item_id)
    word = Override.objects.filter(person=person, item=item_id).first()
    earlier = Decision.objects.filter(person=person, item=item_id, is_current=False).order_by("-pk").defer("outcome")
    return WhyOut(
        decision=DecisionOut.of(decision),
        title=entry.item.title,
        text=entry.item.article_text or entry.item.text,
        url=entry.item.url,
        source=str(entry.item.source),
        override=word.action if word else None,
        earlier=[DecisionOut.of(row) for row in earlier[:MOST]],
        **_reasons(decision, names_of_wishes(person)),
    )


def _reasons(decision: Decision, names: dict[str, str]) -> dict[str, Any]:
    outcome = decision.outcome
    return {
        "evidence": [Quote.model_validate({k: e[k] for k in Quote.model_fields}) for e in outcome["evidence"]],
        "rulings": [
            RulingOut(
                name=names.get(ruling["wish"], ""),
                exception=names.get(ruling["exception"]) if ruling["exception"] else None,
                **{k: ruling[k] for k in ("wish", "verdict", "score", "certainty", "note", "elements")},
            )
            for ruling in outcome["rulings"]
        ],
        "left_out": [
            LeftOutWish(wish=left["wish"], name=names.get(left["wish"], ""), why=left["why"])
            for left in outcome["left_out"]
        ],
        "models": outcome["models"],
    }


@router.post(
    "/items/{uuid:item_id}/appeal",
    response={200: DecisionOut, **REFUSALS},
    auth=needs("write"),
    openapi_extra=PARAMETER,
)
@once
def appeal(request: HttpRequest, item_id: uuid.UUID, body: AppealIn) -> DecisionOut:
    """The decision was wrong: its opposite is obeyed at once, and the appeal is kept."""
    person = person_of(request)
    services.appeal(person, selectors.current_decision(person, item_id), body.text)
    return DecisionOut.of(selectors.current_decision(person, item_id))


@router.put("/items/{uuid:item_id}/override", response={200: DecisionOut, **REFUSALS}, auth=needs("write"))
def set_override(request: HttpRequest, item_id: uuid.UUID, body: OverrideIn) -> DecisionOut:
    """Show or hide this item, whatever any wish says. It outlives every later judgement."""
    person = person_of(request)
    return DecisionOut.of(services.override(person, selectors.current_decision(person, item_id), body.action))


@router.delete("/items/{uuid:item_id}/override", response={202: Withdrawn, **REFUSALS}, auth=needs("write"))
def withdraw_override(request: HttpRequest, item_id: uuid.UUID) -> Status[Withdrawn]:
    """Take the person's own word back: FeedGuard decides this item again."""
    person = person_of(request)
    selectors.entry_of(person, item_id)
    services.withdraw_override(person, item_id)
    return Status(202, Withdrawn(item=item_id, follow=f"/api/v1/decisions/follow?item={item_id}"))

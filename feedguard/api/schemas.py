"""What the API takes in and gives out. Times are in UTC; ids are UUIDs."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from agents.types import Stage
from feedguard.accounts.models import Person
from feedguard.api.errors import BROKEN_TEXT, ErrorBody
from feedguard.decisions.models import Decision, Job
from feedguard.feeds.models import Subscription
from graph.types import Action, GuardKind, Polarity, RuleKind, Status, Target

MAX_ITEMS = 50
MAX_TEXT_BYTES = 64 * 1024


def _unbroken(value: str) -> str:
    if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
        raise ValueError(BROKEN_TEXT)
    return value


def _without_nul(value: str) -> str:
    if "\x00" in value:
        raise ValueError("This text holds a NUL character.")
    return value


Text = Annotated[str, AfterValidator(_unbroken)]
"""A text of whole characters."""
Plain = Annotated[Text, AfterValidator(_without_nul)]
"""A text that a person typed."""


class In(BaseModel):
    """What is taken in: unknown names are refused, so that a mistyped one is not passed over."""

    model_config = ConfigDict(extra="forbid")


class DecisionOut(BaseModel):
    """What becomes of an item. `wish` is the wish or rule that decided, `seq` the change of the person's
    preferences up to which it holds, `valid_until` the moment at which a clock changes it by itself."""

    id: uuid.UUID
    item: uuid.UUID
    action: Action
    target: Target
    reason: str
    wish: str | None
    stage: Stage
    certainty: float
    state: Literal["provisional", "final"]
    seq: int
    valid_until: dt.datetime | None
    made_at: dt.datetime

    @classmethod
    def of(cls, decision: Decision, **more: Any) -> DecisionOut:
        names = ("id", "action", "target", "reason", "stage", "certainty", "state", "seq", "valid_until", "made_at")
        values = {name: getattr(decision, name) for name in names}
        return cls(item=decision.item_id, wish=decision.wish or None, **values, **more)


class ListedDecision(DecisionOut):
    """A decision with what it is about."""

    title: str
    url: str
    source: str


class JobOut(BaseModel):
    """Work that goes on in the background. Ask for `href` again until `state` is `done` or `failed`."""

    id: uuid.UUID
    kind: str
    state: Literal["waiting", "running", "done", "failed"]
    progress: str
    result: dict[str, Any] | None
    error: ErrorBody | None
    href: str
    created_at: dt.datetime
    ended_at: dt.datetime | None

    @classmethod
    def of(cls, job: Job) -> JobOut:
        error = ErrorBody(code="refused", message=job.error, field=job.error_field or None) if job.error else None
        names = ("id", "kind", "state", "progress", "result", "created_at", "ended_at")
        values = {name: getattr(job, name) for name in names}
        return cls(error=error, href=f"/api/v1/jobs/{job.id}", **values)


class ChangeOut(BaseModel):
    """A change was made; `change` is its id (to take it back), `job` judges the unread items again."""

    change: str
    seq: int
    job: JobOut


class MeOut(BaseModel):
    """Who asks, with what, and how often they may."""

    user: str
    time_zone: str
    languages: list[str]
    device: str | None
    scopes: list[str]
    requests_per_minute: int

    @classmethod
    def of(cls, person: Person, **more: Any) -> MeOut:
        return cls(user=person.username, time_zone=person.time_zone, languages=person.languages.split(), **more)


class SourceOut(BaseModel):
    """A source that the person reads. `state`: new, well, failing, gone."""

    id: uuid.UUID
    title: str
    url: str
    folder: str
    service: str
    language: str
    state: str
    error: str
    fetched_at: dt.datetime | None
    next_at: dt.datetime | None

    @classmethod
    def of(cls, subscription: Subscription) -> SourceOut:
        source = subscription.source
        names = ("url", "service", "language", "state", "error", "fetched_at", "next_at")
        values = {name: getattr(source, name) for name in names}
        return cls(id=subscription.id, title=str(source), folder=subscription.folder, **values)


class ElementOut(BaseModel):
    role: str
    value: str
    stated: bool


class WishOut(BaseModel):
    """A wish with what it was taken apart into. `caught`: how many items in the last seven days."""

    id: str
    text: str
    polarity: Polarity
    action: Action
    status: Literal["active", "paused", "ended"]
    elements: list[ElementOut]
    exceptions: list[str]
    until: dt.datetime | None
    caught: int


class RuleOut(BaseModel):
    id: str
    kind: RuleKind
    value: str
    action: Action
    status: Status
    caught: int


class GuardOut(BaseModel):
    id: str
    guards: GuardKind
    value: str
    status: Status


class PreviewRow(BaseModel):
    item: str
    title: str
    source: str
    action: str = ""
    reason: str = ""
    quotes: list[str] = []


class FlipRow(BaseModel):
    """An item that would end otherwise than the person confirmed; `confirmed` is whether it was to be hidden."""

    title: str
    confirmed: bool
    action: str
    reason: str


class ChoiceOut(BaseModel):
    """One answer to a proposal's question, and what it would do."""

    label: str
    lines: list[str]
    notes: list[str]


class ProposalOut(BaseModel):
    """A change that is proposed. Nothing of it counts before it is accepted. `lines` say it in words. One with a
    `question` cannot be accepted: one of its `choices` is to be chosen. `hidden` and `released` are items that would
    be hidden or shown anew."""

    id: str
    why: str
    state: Literal["open", "accepted", "rejected"]
    made_by: str
    created_at: dt.datetime
    lines: list[str]
    notes: list[str]
    question: str
    choices: list[ChoiceOut]
    summary: str
    looked_at: int
    hits: list[PreviewRow]
    near: list[PreviewRow]
    released: list[PreviewRow]
    hidden: list[PreviewRow]
    flips: list[FlipRow]


class HistoryOut(BaseModel):
    id: str
    sentence: str
    at: dt.datetime
    actor: str
    undone: bool


class ItemMedia(In):
    """A picture, sound or film of an item. Pictures are not looked at yet; `alt` is read."""

    kind: Literal["image", "audio", "video"]
    url: Annotated[Text, Field(max_length=2000)] = ""
    alt: Annotated[Text, Field(max_length=1000)] = ""


class ItemIn(In):
    """One item as the program saw it. `id` is the program's or the site's own name for it, the same each time."""

    id: Annotated[Text, Field(min_length=1, max_length=500)]
    service: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,39}$")] = "web"
    title: Annotated[Text, Field(max_length=1000)] = ""
    text: Annotated[Text, Field(description="Plain text, at most 64 KB (65,536 bytes) in UTF-8.")] = ""
    author: Annotated[Text, Field(max_length=300)] = ""
    url: Annotated[Text, Field(max_length=2000)] = ""
    kind: Literal["post", "repost", "reply", "quote", "video", "live", "short", "audio"] = "post"
    language: Annotated[str, Field(pattern=r"^$|^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", max_length=16)] = ""
    thread: Annotated[Text, Field(max_length=500)] = ""
    duration_seconds: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    published_at: AwareDatetime | None = None
    media: Annotated[list[ItemMedia], Field(max_length=4)] = []

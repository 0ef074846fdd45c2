"""Entities of the preference graph.

Every entity is an immutable pydantic model: it is validated at the edge, serialises to plain JSON, and
compares by value. Field names, roles and statuses are part of the stored form (see graph/deltas.py for how
a stored form of an older schema is read).
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

import uuid_utils
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Polarity = Literal["avoid", "welcome"]
Action = Literal["show", "star", "label", "blur", "hide"]
Target = Literal["item", "picture"]
Status = Literal["active", "paused", "retired"]
Origin = Literal["stated", "confirmed", "imported", "observed", "inferred"]
Role = Literal["subject", "act", "feeling", "form", "who", "text"]
RuleKind = Literal[
    "word", "phrase", "regex", "author", "source", "link_host", "link_path", "kind", "length", "age", "language"
]
GuardKind = Literal["author", "source", "thread", "own"]
EntityKind = Literal["intent", "facet", "exception", "guard", "scope", "exemplar", "erased"]
LinkKind = Literal["REFINES", "EXCEPTS", "SCOPED_TO", "REMEMBERS"]

MAX_TEXT = 2_000
"""Longest text of one entity, in characters."""
MAX_ELEMENT = 300
"""Longest value of one element, in characters."""

Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]
Identifier = Annotated[str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")]


def new_id() -> str:
    """A UUIDv7 (RFC 9562) in its canonical text form, made by the client so that a retry is recognised."""
    return str(uuid_utils.uuid7())


class _Entity(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class Element(_Entity):
    """One condition of a wish, in the person's words. An item is the thing only if every stated one holds."""

    role: Role
    value: Annotated[str, Field(min_length=1, max_length=MAX_ELEMENT)]
    stated: bool = True


class Rule(_Entity):
    """An exact condition that needs no model; its evidence is the match.

    `value` is a word, phrase, RE2 expression, name, host, path prefix, kind or language code; for `length`
    it is `"<N"` or `">N"` words, for `age` `">N"` days.
    """

    kind: RuleKind
    value: Annotated[str, Field(min_length=1, max_length=200)]


class Intent(_Entity):
    """The broad tier: a lasting wish. Without elements it is a heading and catches nothing."""

    kind: Literal["intent"] = "intent"
    id: Identifier
    text: Text
    elements: tuple[Element, ...] = ()
    polarity: Polarity = "avoid"
    action: Action = "hide"
    target: Target = "item"
    always: bool = False
    hide_anyway: bool = True
    strength: Annotated[int, Field(ge=0, le=1000)] = 500
    status: Status = "active"
    origin: Origin = "stated"


class Facet(_Entity):
    """The fine tier: a concrete form of an intent, with its elements, or an exact rule."""

    kind: Literal["facet"] = "facet"
    id: Identifier
    text: Text
    elements: tuple[Element, ...] = ()
    rule: Rule | None = None
    polarity: Polarity = "avoid"
    action: Action = "hide"
    target: Target = "item"
    always: bool = False
    hide_anyway: bool = True
    strength: Annotated[int, Field(ge=0, le=1000)] = 500
    status: Status = "active"
    origin: Origin = "stated"

    @model_validator(mode="after")
    def _elements_or_rule(self) -> Facet:
        if self.rule is not None and self.elements:
            raise ValueError("rule: a facet holds elements or a rule, not both")
        if self.rule is None and not any(element.stated for element in self.elements):
            raise ValueError("elements: a facet needs at least one stated element, or a rule")
        return self


class Exception_(_Entity):
    """What stays visible although its parent intent or facet would catch it."""

    kind: Literal["exception"] = "exception"
    id: Identifier
    text: Text
    elements: tuple[Element, ...]
    status: Status = "active"
    origin: Origin = "stated"


class Guard(_Entity):
    """Never hide this author, source, thread, or the person's own posts. `value` is matched whole, any case."""

    kind: Literal["guard"] = "guard"
    id: Identifier
    guards: GuardKind
    value: Annotated[str, Field(min_length=1, max_length=500)]
    status: Status = "active"
    origin: Origin = "stated"


class Scope(_Entity):
    """Where and when a wish holds. An empty tuple means everywhere. `hours` is minutes of the person's day."""

    kind: Literal["scope"] = "scope"
    id: Identifier
    services: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    surfaces: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    hours: tuple[int, int] | None = None
    until: dt.datetime | None = None
    status: Status = "active"
    origin: Origin = "stated"

    @field_validator("until", mode="after")
    @classmethod
    def _in_utc(cls, until: dt.datetime | None) -> dt.datetime | None:
        """One instant has one stored form, whatever zone it was given in."""
        if until is None:
            return None
        if until.tzinfo is None:
            raise ValueError("needs a time zone, such as 2026-05-04T18:00:00+02:00")
        try:
            return until.astimezone(dt.UTC)
        except OverflowError:
            raise ValueError("lies outside the years 1 to 9999") from None

    @model_validator(mode="after")
    def _hours_of_a_day(self) -> Scope:
        if self.hours is not None and not all(0 <= minute < 1440 for minute in self.hours):
            raise ValueError("hours: minutes of a day, 0 to 1439")
        return self


class Exemplar(_Entity):
    """An item that the person confirmed or corrected: a case that later changes must not forget."""

    kind: Literal["exemplar"] = "exemplar"
    id: Identifier
    content_hash: str
    excerpt: Annotated[str, Field(max_length=500)]
    caught: bool
    """True where the person confirmed that the wish catches it, False where they said it does not."""
    status: Status = "active"
    origin: Origin = "confirmed"


class Erased(_Entity):
    """What is left of an entity whose words were erased from the log: that there was one, and of which kind."""

    kind: Literal["erased"] = "erased"
    id: Identifier
    was: EntityKind
    status: Literal["retired"] = "retired"


Entity = Annotated[Intent | Facet | Exception_ | Guard | Scope | Exemplar | Erased, Field(discriminator="kind")]


def as_json(entity: Entity) -> dict[str, Any]:
    """The stored form of an entity: plain JSON values by field name."""
    return entity.model_dump(mode="json")


class Link(_Entity):
    """A relation from a finer entity to the one it belongs to: facet REFINES intent, exception EXCEPTS
    intent or facet, intent or facet SCOPED_TO scope, intent or facet REMEMBERS exemplar."""

    kind: LinkKind
    source: Identifier
    target: Identifier

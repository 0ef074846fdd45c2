"""What a sentence was understood as: a wish of its own, or a change of one that is there."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from graph.deltas import Op, creation_ops
from graph.types import Exception_, Facet, Intent, Link, Scope

T = TypeVar("T")


class Choice(BaseModel, Generic[T]):
    """One answer to a question, as the person reads it, with all that follows from it."""

    model_config = ConfigDict(frozen=True)
    label: str
    reading: T


class Question(BaseModel, Generic[T]):
    """What a sentence leaves open. The first choice is what is taken where nobody can be asked."""

    model_config = ConfigDict(frozen=True)
    text: str
    choices: Annotated[tuple[Choice[T], ...], Field(min_length=2, max_length=4)]


class ParsedWish(BaseModel):
    """A wish of its own. `notes` say in plain words what was taken in a certain way; `question` has this
    reading as its first choice, and every choice is a full reading without a question."""

    model_config = ConfigDict(frozen=True)
    intent: Intent
    facets: tuple[Facet, ...]
    exceptions: tuple[tuple[str, Exception_], ...] = ()
    """Each with the id of the intent or facet that it belongs to."""
    scope: Scope | None = None
    links: tuple[Link, ...]
    notes: tuple[str, ...] = ()
    question: Question[ParsedWish] | None = None

    @property
    def ops(self) -> tuple[Op, ...]:
        """The operations that add it."""
        exceptions = [exception for _, exception in self.exceptions]
        scopes = [self.scope] if self.scope else []
        return tuple(creation_ops([self.intent, *self.facets, *exceptions, *scopes], self.links))


class Understood(BaseModel):
    """What a sentence would do to the graph that it was said to: operations, and the wishes that they add
    or change (`about`: ids of facets, or of an intent). `question` as in ParsedWish."""

    model_config = ConfigDict(frozen=True)
    ops: tuple[Op, ...]
    about: tuple[str, ...]
    notes: tuple[str, ...] = ()
    question: Question[Understood] | None = None

    @classmethod
    def of(cls, parsed: ParsedWish) -> Understood:
        """The adding of a wish of its own."""
        question = None
        if parsed.question is not None:
            choices = tuple(
                Choice[Understood](label=one.label, reading=cls.of(one.reading)) for one in parsed.question.choices
            )
            question = Question[Understood](text=parsed.question.text, choices=choices)
        about = tuple(facet.id for facet in parsed.facets)
        return cls(ops=parsed.ops, about=about, notes=parsed.notes, question=question)

"""The graph of one person at one sequence number, compiled for fast reading.

Only what can take effect is in it: active wishes (whose intent is active too), active guards. Times are not
applied here, because a snapshot has no clock: scopes carry them and the decision applies them.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from graph.types import Action, Element, Guard, Polarity, Rule, Scope, Target


class _Compiled(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CompiledException(_Compiled):
    """An exception of one wish (its own, or one inherited from its intent)."""

    id: str
    text: str
    elements: tuple[Element, ...]


class Wish(_Compiled):
    """One facet (or an intent that has elements of its own) with all that bears on it.

    `hash` covers what a ruling depends on: elements or rule, exceptions and exemplars, but not action,
    scope or strength, so that a ruling outlives changes of those. `heading` is the text of its intent.
    """

    id: str
    kind: Literal["intent", "facet"]
    text: str
    heading: str
    elements: tuple[Element, ...]
    rule: Rule | None
    polarity: Polarity
    action: Action
    target: Target
    always: bool
    hide_anyway: bool
    strength: int
    exceptions: tuple[CompiledException, ...]
    scopes: tuple[Scope, ...]
    hash: str


class Snapshot(_Compiled):
    """Everything that deciding reads. `hash` is the state hash of the graph it was compiled from."""

    person: str
    seq: int
    hash: str
    wishes: tuple[Wish, ...] = ()
    guards: tuple[Guard, ...] = ()

"""The history of all changes: undo and redo of any of them, and what stands against it where it cannot be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.decisions.models import Job
from feedguard.preferences.selectors import state_of
from feedguard.preferences.services import commit
from graph.deltas import Delta, Op, invert, new_id, sentence, set_op
from graph.errors import InvalidDelta
from graph.state import State
from graph.types import Link
from graph.wording import name_of, words_of

PAGE = 50


@dataclass(frozen=True)
class HistoryLine:
    """One change, as a person reads it. `again` is the undo whose undo does it again, where it is undone."""

    id: str
    sentence: str
    at: dt.datetime
    actor: str
    again: str

    @property
    def undone(self) -> bool:
        return bool(self.again)


@dataclass(frozen=True)
class FieldConflict:
    """One value on which a change and the present graph do not agree: what the change started from (`before`), what
    it wants (`yours`), what is there (`theirs`), and the later change that put it there, if one did."""

    name: str
    field: str
    before: str
    yours: str
    theirs: str
    changed_by: HistoryLine | None


def history(person: Person, *, page: int = 1) -> tuple[list[HistoryLine], bool]:
    """A page of changes, the newest first, and whether there are older ones."""
    log = runtime.graph_store().log(person.key)
    newest = list(reversed(log))[(page - 1) * PAGE : page * PAGE]
    return _as_lines(person, newest, log), len(log) > page * PAGE


def changes(person: Person) -> list[HistoryLine]:
    """All changes, the newest first."""
    log = runtime.graph_store().log(person.key)
    return _as_lines(person, list(reversed(log)), log)


def _as_lines(person: Person, deltas: Sequence[Delta], log: Sequence[Delta]) -> list[HistoryLine]:
    state, _ = state_of(person)
    undoes = {delta.id: delta.undoes for delta in log}
    undoers: dict[str, list[Delta]] = {}
    for delta in log:
        if delta.undoes:
            undoers.setdefault(delta.undoes, []).append(delta)

    def standing(delta: Delta) -> Delta | None:
        """The undo of this change that was not itself undone."""
        return next((undo for undo in reversed(undoers.get(delta.id, [])) if standing(undo) is None), None)

    def told(delta: Delta) -> str:
        """Its sentence; an undo of an undo does something again."""
        text = sentence(delta, state, person.time_zone)
        again = delta.undoes is not None and undoes.get(delta.undoes) is not None
        return text.replace("took a change back", "made a change again", 1) if again else text

    return [HistoryLine(d.id, told(d), d.at, d.actor, undo.id if (undo := standing(d)) else "") for d in deltas]


def undo_ops(person: Person, delta_id: str) -> tuple[Op, ...]:
    """The operations that take a change back. Raises InvalidDelta for an unknown one."""
    delta = runtime.graph_store().find(person.key, delta_id)
    if delta is None:
        raise InvalidDelta("There is no such change.", field="delta")
    return invert(delta, new_id(), 0, runtime.clock().now()).ops


def conflicts(person: Person, ops: Sequence[Op]) -> list[FieldConflict]:
    """Where these operations start from values that are no longer there."""
    state, _ = state_of(person)
    log = runtime.graph_store().log(person.key)
    found = []
    for op in ops:
        if op.field in {"", "link"} or (entity := state.entities.get(op.target)) is None:
            continue
        present = entity.model_dump(mode="json").get(op.field)
        if present not in (op.before, op.after):
            values = (words_of(op.field, value, person.time_zone) for value in (op.before, op.after, present))
            later = next((delta for delta in reversed(log) if _sets(delta, op)), None)
            line = _as_lines(person, [later], log)[0] if later else None
            found.append(FieldConflict(name_of(entity), op.field.replace("_", " "), *values, line))
    return found


def _sets(delta: Delta, op: Op) -> bool:
    return any(one.target == op.target and one.field == op.field for one in delta.ops)


def insist(person: Person, ops: Sequence[Op], why: str) -> tuple[Delta, Job]:
    """Commit what these operations want, from the values that are there now: the person has seen the conflict.

    Raises InvalidDelta where nothing is left to change.
    """
    state, seq = state_of(person)
    rebased = rebase(state, ops)
    if not rebased:
        raise InvalidDelta("Everything is so already.", field="ops")
    return commit(person, rebased, why=why, base=seq)


def rebase(state: State, ops: Sequence[Op]) -> list[Op]:
    """The same outcome from the present values: what is so already is left out."""
    found: list[Op] = []
    made: set[str] = set()
    for op in ops:
        if op.field == "":
            present = state.entities.get(op.target)
            if present is None:
                found.append(op)
                made.add(op.target)
            elif present.status == "retired":
                found.append(set_op(state, op.target, "status", op.after.get("status", "active")))
        elif op.field == "link":
            wanted = op.after is not None
            if (_link(op.after if wanted else op.before) in state.links) != wanted:
                found.append(op)
        elif op.target in made:
            found.append(op)
        elif op.target in state.entities:
            again = set_op(state, op.target, op.field, op.after)
            if again.before != again.after:
                found.append(again)
    return found


def _link(raw: Any) -> Link:
    return Link.model_validate(raw)

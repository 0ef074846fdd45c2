"""What is asked of a new delta, beyond what the fold asks of every one.

These rules may grow stricter with time, so they are never asked of what is in a log already, nor of an undo,
whose values come from there.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from graph.errors import InvalidDelta
from graph.fold import FIXED, validated
from graph.ops import SCHEMA, Delta, Op, inverse_ops, name_of
from graph.state import State
from graph.types import Entity, Exception_, Scope

MAX_OPS = 20_000
MAX_WHY = 2_000
MAX_ELEMENTS = 40
MAX_PLACES = 200
MAX_PLACE = 300
_PLACES = ("services", "sources", "folders", "surfaces", "languages")
_HIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")
"""Control characters, zero-width spaces, and what embeds or overrides the writing direction. Zero-width joiners and
the plain marks of direction stay: they are part of words in several languages, and of emoji."""


def admit(state: State, delta: Delta, undone: Delta | None) -> None:
    """Raises InvalidDelta where a new delta asks for what may not be; `undone` is the one that it takes back."""
    if delta.person != state.person:
        raise InvalidDelta("person: the delta is of another person.", field="person")
    if delta.schema_version != SCHEMA:
        raise InvalidDelta(f"schema: a new change has to be of form {SCHEMA}.", field="schema")
    if delta.seq is not None or delta.erased:
        raise InvalidDelta("seq: is given on commit.", field="seq")
    if delta.actor == "machine":
        raise InvalidDelta("actor: a machine proposes; only a person commits.", field="actor")
    if delta.at.tzinfo is None:
        raise InvalidDelta("at: needs a time zone.", field="at")
    if len(delta.ops) > MAX_OPS:
        raise InvalidDelta(f"ops: at most {MAX_OPS:,} at once, not {len(delta.ops):,}.", field="ops")
    if delta.undoes is not None:
        return _admit_undo(delta, undone)
    if len(delta.why) > MAX_WHY:
        raise InvalidDelta(f"why: at most {MAX_WHY:,} characters, not {len(delta.why):,}.", field="why")
    made: dict[str, Entity] = {}
    for op in delta.ops:
        _admit_op(op, state, made, delta.at)
    return None


def _admit_undo(delta: Delta, undone: Delta | None) -> None:
    if undone is None:
        raise InvalidDelta("undoes: there is no such change.", field="undoes")
    if undone.erased:
        raise InvalidDelta("undoes: its words were erased, so it cannot be taken back.", field="undoes")
    if delta.ops != inverse_ops(undone):
        raise InvalidDelta("ops: an undo does the inverse of what it takes back, and nothing else.", field="ops")


def _admit_op(op: Op, state: State, made: dict[str, Entity], at: dt.datetime) -> None:
    for text in () if op.op == "remember" else _texts(op.after):  # an exemplar quotes what somebody else wrote
        if found := _HIDDEN.search(text):
            name = op.field or "after"
            raise InvalidDelta(f"{name}: holds the hidden character U+{ord(found[0]):04X}. Remove it.", field=name)
    entity = made.get(op.target) or state.entities.get(op.target)
    if op.field == "":
        entity = made[op.target] = validated(op.after)
        if entity.status == "retired":
            raise InvalidDelta("status: what is new cannot be retired.", field="status")
    if entity is None:
        if op.field == "link":
            raise InvalidDelta("link: the relation names an entity that is not there.", field="link")
        raise InvalidDelta(f"target: there is no entity {op.target}.", field="target")
    right = name_of(entity.kind, op.field, op.before, op.after)
    if op.op != right:
        raise InvalidDelta(f"op: this is called {right}, not {op.op}.", field="op")
    if op.field in type(entity).model_fields and op.field not in FIXED:
        entity = made[op.target] = validated({**entity.model_dump(mode="json"), op.field: op.after})
    if op.field != "link":
        _admit_entity(entity, op.field, at)


def _admit_entity(entity: Entity, field: str, at: dt.datetime) -> None:
    if isinstance(entity, Scope):
        _admit_scope(entity, at if field in {"", "until"} else None)
    elif len(getattr(entity, "elements", ())) > MAX_ELEMENTS:
        raise InvalidDelta(f"elements: at most {MAX_ELEMENTS}.", field="elements")
    elif isinstance(entity, Exception_) and not entity.elements:
        raise InvalidDelta("elements: an exception needs at least one.", field="elements")


def _admit_scope(scope: Scope, at: dt.datetime | None) -> None:
    if at is not None and scope.until is not None and scope.until <= at:
        raise InvalidDelta("until: lies in the past. Choose a time that is still to come.", field="until")
    for name in _PLACES:
        places: tuple[str, ...] = getattr(scope, name)
        if len(places) > MAX_PLACES:
            raise InvalidDelta(f"{name}: at most {MAX_PLACES} entries, not {len(places):,}.", field=name)
        if any(not place.strip() or len(place) > MAX_PLACE for place in places):
            raise InvalidDelta(f"{name}: each entry has 1 to {MAX_PLACE} characters.", field=name)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)

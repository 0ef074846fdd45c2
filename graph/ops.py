"""Operations and deltas: small, reviewable, reversible changes to the graph, as data.

An operation states target, field, `before` and `after` with absolute values. `before` is its precondition.
What an operation does follows from its field: `""` the whole entity comes into being, `"link"` a relation comes
or goes, anything else is a field of the entity that is set. The operation's name says what a person did; it
follows from the values too (`name_of`), so that a wrong name is refused at the door.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from graph.errors import InvalidDelta
from graph.types import EntityKind, Identifier

SCHEMA = 2
OpName = Literal[
    "add", "reword", "strengthen", "weaken", "scope", "except", "guard", "pause", "resume", "retire", "restore",
    "link", "unlink", "remember", "forget",
]  # fmt: skip
Actor = Literal["person", "machine", "import"]
_MADE_BY: dict[str, OpName] = {"exception": "except", "guard": "guard", "scope": "scope", "exemplar": "remember"}
_OPPOSITE: dict[OpName, OpName] = {
    "strengthen": "weaken", "weaken": "strengthen", "pause": "resume", "resume": "pause", "retire": "restore",
    "restore": "retire", "link": "unlink", "unlink": "link", "remember": "forget", "forget": "remember",
}  # fmt: skip


class Op(BaseModel):
    """One operation. For a link, `target` is the link's source entity and the value is the link."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    op: OpName
    target: Identifier
    field: str = ""
    before: Any = None
    after: Any = None


class Touched(BaseModel):
    """An entity that an erased delta made or changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: Identifier
    kind: EntityKind


class Delta(BaseModel):
    """One change by one actor. `base` is the sequence number it was made on; `seq` is given on commit.

    `erased` is empty but for a delta whose words were erased from the log: it has no operations any more, and
    `erased` names the entities they were about.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)
    id: Identifier
    person: Identifier
    base: Annotated[int, Field(ge=0)]
    seq: int | None = None
    schema_version: int = Field(default=SCHEMA, alias="schema")
    ops: tuple[Op, ...]
    actor: Actor = "person"
    why: str = ""
    at: dt.datetime
    undoes: Identifier | None = None
    erased: tuple[Touched, ...] = ()


def name_of(kind: str, field: str, before: Any, after: Any) -> OpName:
    """What a person would call setting this field of an entity of this kind."""
    if field == "":
        return _MADE_BY.get(kind, "add")
    if field == "link":
        return "link" if after is not None else "unlink"
    if field == "status":
        if kind == "exemplar" and "retired" in (before, after):
            return "forget" if after == "retired" else "remember"
        if after == "retired":
            return "retire"
        if before == "retired":
            return "restore"
        return "pause" if after == "paused" else "resume"
    if field == "strength":
        less = isinstance(before, int) and isinstance(after, int) and after <= before
        return "weaken" if less else "strengthen"
    return "scope" if kind == "scope" else "reword"


def invert(delta: Delta, delta_id: str, base: int, at: dt.datetime) -> Delta:
    """The delta that takes this one back: what it made is retired, what it set gets its old value.

    Raises InvalidDelta for a delta whose words were erased.
    """
    if delta.erased:
        raise InvalidDelta("The words of this change were erased, so it cannot be taken back.", field="undoes")
    return Delta(
        id=delta_id, person=delta.person, base=base, ops=inverse_ops(delta), actor="person", why="undo", at=at,
        undoes=delta.id,
    )  # fmt: skip


def inverse_ops(delta: Delta) -> tuple[Op, ...]:
    """The operations that take a delta's back, last one first."""
    return tuple(_inverse(op) for op in reversed(delta.ops))


def _inverse(op: Op) -> Op:
    if op.field == "":
        status = op.after.get("status", "active")
        name: OpName = "forget" if op.op == "remember" else "retire"
        return Op(op=name, target=op.target, field="status", before=status, after="retired")
    return Op(op=_OPPOSITE.get(op.op, op.op), target=op.target, field=op.field, before=op.after, after=op.before)


def upcast(payload: dict[str, Any]) -> dict[str, Any]:
    """A stored delta of any older schema in the present form. Raises InvalidDelta for a newer one.

    1 → 2: the number stood under `schema_version`; exemplars were retired and restored, not forgotten and
    remembered again.
    """
    schema = payload.get("schema", payload.get("schema_version", SCHEMA))
    if not isinstance(schema, int) or schema > SCHEMA:
        raise InvalidDelta(f"schema: this change is of a newer form ({schema}). Update FeedGuard.", field="schema")
    if schema == 1:
        payload = {key: value for key, value in payload.items() if key != "schema_version"} | {"schema": 2}
    return payload

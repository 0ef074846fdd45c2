"""Deltas: small, reviewable, reversible changes to the graph, and their meaning.

An operation states target, field, `before` and `after` with absolute values. `before` is its precondition.
What an operation does follows from its field: `""` the whole entity comes into being, `"link"` a relation comes
or goes, anything else is a field of the entity that is set. The operation's name says what a person did.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from graph.errors import Conflict, InvalidDelta
from graph.state import State
from graph.types import Entity, Identifier, Link, new_id

SCHEMA = 1
OpName = Literal[
    "add", "reword", "strengthen", "weaken", "scope", "except", "guard", "pause", "resume", "retire", "restore",
    "link", "unlink", "remember", "forget",
]  # fmt: skip
Actor = Literal["person", "machine", "import"]
_entity: TypeAdapter[Entity] = TypeAdapter(Entity)
_LINK_ENDS = {
    "REFINES": ({"facet"}, {"intent"}),
    "EXCEPTS": ({"exception"}, {"intent", "facet"}),
    "SCOPED_TO": ({"intent", "facet"}, {"scope"}),
    "REMEMBERS": ({"intent", "facet"}, {"exemplar"}),
}
_FIXED = {"id", "kind"}


class Op(BaseModel):
    """One operation. For a link, `target` is the link's source entity and the value is the link."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    op: OpName
    target: Identifier
    field: str = ""
    before: Any = None
    after: Any = None


class Delta(BaseModel):
    """One change by one actor. `base` is the sequence number it was made on; `seq` is given on commit."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: Identifier
    person: Identifier
    base: int
    seq: int | None = None
    schema_version: int = SCHEMA
    ops: tuple[Op, ...]
    actor: Actor = "person"
    why: str = ""
    at: dt.datetime
    undoes: Identifier | None = None


def apply(state: State, delta: Delta) -> State:
    """The state after a delta. Raises InvalidDelta or Conflict; the given state is never changed."""
    if delta.person != state.person:
        raise InvalidDelta("The delta is of another person.", field="person")
    if not delta.ops:
        raise InvalidDelta("The delta changes nothing.", field="ops")
    for op in delta.ops:
        state = _apply_op(state, op)
    _check_links(state)
    return state


def fold(person: str, deltas: Iterable[Delta]) -> State:
    """The state that a log gives."""
    state = State.empty(person)
    for delta in deltas:
        state = apply(state, delta)
    return state


def _apply_op(state: State, op: Op) -> State:
    if op.field == "link":
        return _apply_link(state, op)
    present = state.entities.get(op.target)
    if op.field == "":
        if present is not None:
            raise Conflict(
                "This entity exists already.", field="target", before=None, theirs=_dump(present), yours=op.after
            )
        made = _validated(op.after)
        if made.id != op.target:
            raise InvalidDelta("The id in `after` is not the target.", field="target")
        return State(state.person, {**state.entities, op.target: made}, state.links)
    if present is None:
        raise InvalidDelta(f"There is no entity {op.target}.", field="target")
    values = _dump(present)
    if op.field not in values or op.field in _FIXED:
        raise InvalidDelta(f"{present.kind} has no field {op.field!r} that can be set.", field=op.field)
    if values[op.field] != op.before:
        raise Conflict(
            f"{op.field} was changed meanwhile.",
            field=op.field,
            before=op.before,
            theirs=values[op.field],
            yours=op.after,
        )
    changed = _validated({**values, op.field: op.after})
    return State(state.person, {**state.entities, op.target: changed}, state.links)


def _apply_link(state: State, op: Op) -> State:
    raw = op.after if op.after is not None else op.before
    try:
        link = Link.model_validate(raw)
    except ValidationError as error:
        raise _clear(error) from None
    there = link in state.links
    if (op.after is not None) == there:
        raise Conflict("The relation is there already." if there else "The relation is not there.", field="link")
    links = state.links | {link} if op.after is not None else state.links - {link}
    return State(state.person, state.entities, links)


def _check_links(state: State) -> None:
    for link in state.links:
        source, target = state.entities.get(link.source), state.entities.get(link.target)
        if source is None or target is None:
            raise InvalidDelta("A relation names an entity that is not there.", field="link")
        sources, targets = _LINK_ENDS[link.kind]
        if source.kind not in sources or target.kind not in targets:
            raise InvalidDelta(f"{source.kind} {link.kind} {target.kind} cannot be.", field="link")


def _validated(raw: Any) -> Entity:
    try:
        return _entity.validate_python(raw)
    except ValidationError as error:
        raise _clear(error) from None


def _clear(error: ValidationError) -> InvalidDelta:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:] or first["loc"])
    return InvalidDelta(f"{field or 'value'}: {first['msg']}", field=field)


def _dump(entity: Entity) -> dict[str, Any]:
    return entity.model_dump(mode="json")


def invert(delta: Delta, delta_id: str, base: int, at: dt.datetime) -> Delta:
    """The delta that takes this one back: what it made is retired, what it set gets its old value."""
    ops = [inverse for op in reversed(delta.ops) if (inverse := _inverse(op)) is not None]
    return Delta(
        id=delta_id, person=delta.person, base=base, ops=tuple(ops), actor="person", why="undo", at=at, undoes=delta.id
    )


_OPPOSITE: dict[OpName, OpName] = {
    "strengthen": "weaken", "weaken": "strengthen", "pause": "resume", "resume": "pause", "retire": "restore",
    "restore": "retire", "link": "unlink", "unlink": "link",
}  # fmt: skip


def _inverse(op: Op) -> Op | None:
    if op.field == "":
        status = op.after["status"]
        return Op(op="retire", target=op.target, field="status", before=status, after="retired")
    if op.field == "link" and op.op in {"link", "remember", "except", "scope"}:
        return Op(op="unlink", target=op.target, field="link", before=op.after, after=op.before)
    return Op(op=_OPPOSITE.get(op.op, op.op), target=op.target, field=op.field, before=op.after, after=op.before)


def creation_ops(entities: Sequence[Entity], links: Iterable[Link]) -> list[Op]:
    """Operations that add these entities and relations."""
    names: dict[str, OpName] = {"exception": "except", "guard": "guard", "scope": "scope", "exemplar": "remember"}
    made = [Op(op=names.get(e.kind, "add"), target=e.id, after=_dump(e)) for e in entities]
    return made + [Op(op="link", target=x.source, field="link", after=x.model_dump(mode="json")) for x in links]


def remember_op(exemplar: Entity, link: Link) -> list[Op]:
    """Operations by which a wish remembers an item."""
    return creation_ops([exemplar], [link])


def set_op(state: State, target: str, field: str, after: Any) -> Op:
    """The operation that sets one field of an entity, with its present value as precondition.

    Raises InvalidDelta for an unknown entity or field.
    """
    entity = state.entities.get(target)
    if entity is None:
        raise InvalidDelta(f"There is no entity {target}.", field="target")
    values = _dump(entity)
    if field not in values:
        raise InvalidDelta(f"{entity.kind} has no field {field!r}.", field=field)
    before = values[field]
    name: OpName = "reword"
    if field == "status":
        restored: OpName = "restore" if before == "retired" else "resume"
        name = {"paused": "pause", "retired": "retire"}.get(str(after), restored)  # type: ignore[assignment]
    elif field == "strength" and isinstance(after, int):
        name = "strengthen" if after > before else "weaken"
    return Op(op=name, target=target, field=field, before=before, after=after)


def retire_ops(state: State, target: str) -> list[Op]:
    """Operations that retire an entity and the finer ones that belong to it alone."""
    finer = [e.id for kind in ("REFINES", "EXCEPTS") for e in state.sources(kind, target)]
    ops = [op for key in finer for op in retire_ops(state, key)]
    entity = state.entities.get(target)
    if entity is None:
        raise InvalidDelta(f"There is no entity {target}.", field="target")
    return ops if entity.status == "retired" else [*ops, set_op(state, target, "status", "retired")]


def sentence(delta: Delta, state: State) -> str:
    """What a delta did, in plain words; `state` gives the names of entities it does not carry itself."""
    parts = [line for op in delta.ops if (line := _op_sentence(op, state))]
    text = "; ".join(parts) or "changed relations"
    return f"took back: {text}" if delta.undoes else text


_DONE: dict[str, str] = {
    "pause": "paused", "resume": "resumed", "retire": "removed", "restore": "brought back", "strengthen": "strengthened",
    "weaken": "weakened",
}  # fmt: skip
_MADE = {
    "intent": "new wish", "facet": "catches", "exception": "except", "guard": "never hide", "exemplar": "remembers",
    "scope": "holds only in a part of the feed or for a time",
}  # fmt: skip


def _op_sentence(op: Op, state: State) -> str:
    if op.field == "link":
        return ""
    if op.field == "":
        name = op.after.get("text") or op.after.get("value") or op.after.get("excerpt") or ""
        return f"{_MADE[op.after['kind']]} “{name}”" if name else _MADE[op.after["kind"]]
    entity = state.entities.get(op.target)
    name = getattr(entity, "text", "") or getattr(entity, "value", "") or getattr(entity, "excerpt", "")
    if op.field == "status":
        return f"{_DONE.get(op.op, 'changed')} “{name}”" if name else ""
    return f"“{name}”: {op.field} {op.before} → {op.after}"


def upcast(payload: dict[str, Any]) -> dict[str, Any]:
    """A stored delta of any older schema in the present form. Raises InvalidDelta for a newer one."""
    schema = payload.get("schema_version", SCHEMA)
    if schema > SCHEMA:
        raise InvalidDelta(f"This change is of a newer form ({schema}). Update FeedGuard.", field="schema")
    return payload


__all__ = [
    "Actor", "Delta", "Op", "OpName", "apply", "creation_ops", "fold", "invert", "new_id", "remember_op", "retire_ops",
    "sentence", "set_op", "upcast",
]  # fmt: skip

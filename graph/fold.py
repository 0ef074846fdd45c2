"""What deltas mean: the one fold that every store rests on.

Here stands only what holds for ever, since old logs are folded too. What is asked of a new delta beyond that
stands in graph/admission.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from graph.errors import Conflict, InvalidDelta
from graph.ops import Delta, Op
from graph.state import State
from graph.types import Entity, Erased, Link, LinkKind, as_json
from graph.validation import clear

_entity: TypeAdapter[Entity] = TypeAdapter(Entity)
_LINK_ENDS: dict[LinkKind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "REFINES": (("facet",), ("intent",)),
    "EXCEPTS": (("exception",), ("intent", "facet")),
    "SCOPED_TO": (("intent", "facet"), ("scope",)),
    "REMEMBERS": (("intent", "facet"), ("exemplar",)),
}
FIXED = {"id", "kind"}


@dataclass
class _Draft:
    """A state in the making: copied once a delta, not once an operation."""

    entities: dict[str, Entity]
    links: set[Link]


def apply(state: State, delta: Delta) -> State:
    """The state after a delta. Raises InvalidDelta or Conflict; the given state is never changed."""
    if delta.person != state.person:
        raise InvalidDelta("person: the delta is of another person.", field="person")
    if not delta.ops:
        raise InvalidDelta("ops: the delta changes nothing.", field="ops")
    return _applied(state, delta.ops)


def fold(person: str, deltas: Iterable[Delta]) -> State:
    """The state that a log gives.

    What erased deltas made and changed stays as nameless tombstones, and later operations on it are passed over:
    a delta can be erased only when all that it was about is retired (graph/commit.py), so nothing alive is missed.
    """
    log = tuple(deltas)
    gone: dict[str, Entity] = {t.id: Erased(id=t.id, was=t.kind) for delta in log for t in delta.erased}
    state = State(person, gone)
    for delta in log:
        if delta.person != person:
            raise InvalidDelta("person: the delta is of another person.", field="person")
        if ops := [op for op in delta.ops if not _concerns(op, gone)]:
            state = _applied(state, ops)
    return state


def _concerns(op: Op, gone: dict[str, Entity]) -> bool:
    if op.field != "link":
        return op.target in gone
    link = _link(op)
    return link.source in gone or link.target in gone


def _applied(state: State, ops: Sequence[Op]) -> State:
    draft = _Draft(dict(state.entities), set(state.links))
    for op in ops:
        _apply_op(draft, op)
    for op in ops:
        if op.field == "link" and op.after is not None:
            _check_link(draft, _link(op))
    touched = {op.target for op in ops if op.field != "link"}
    return state.successor(draft.entities, frozenset(draft.links), touched)


def _apply_op(draft: _Draft, op: Op) -> None:
    if op.field == "link":
        return _apply_link(draft, op)
    present = draft.entities.get(op.target)
    if op.field == "":
        if present is not None:
            raise Conflict(
                "target: this entity exists already.", field="target", target=op.target, theirs=as_json(present),
                yours=op.after,
            )  # fmt: skip
        made = validated(op.after)
        if made.id != op.target or isinstance(made, Erased):
            raise InvalidDelta("target: the id in `after` is not the target.", field="target")
        draft.entities[op.target] = made
        return None
    if present is None:
        raise InvalidDelta(f"target: there is no entity {op.target}.", field="target")
    draft.entities[op.target] = _changed(present, op)
    return None


def _changed(present: Entity, op: Op) -> Entity:
    if isinstance(present, Erased):
        raise InvalidDelta("target: its words were erased; it cannot be changed any more.", field="target")
    values = as_json(present)
    if op.field not in values or op.field in FIXED:
        raise InvalidDelta(f"{op.field}: {present.kind} has no field of this name that can be set.", field=op.field)
    if values[op.field] != op.before and values[op.field] != _normal(values, op.field, op.before):
        raise Conflict(
            f"{op.field}: it was changed meanwhile.", field=op.field, target=op.target, before=op.before,
            theirs=values[op.field], yours=op.after,
        )  # fmt: skip
    return validated({**values, op.field: op.after})


def _normal(values: dict[str, Any], field: str, value: Any) -> Any:
    """The stored form of a value that was written in another way, such as an instant in another zone."""
    try:
        return as_json(validated({**values, field: value}))[field]
    except InvalidDelta:
        return value


def _link(op: Op) -> Link:
    try:
        return Link.model_validate(op.after if op.after is not None else op.before)
    except ValidationError as error:
        raise clear(error) from None


def _apply_link(draft: _Draft, op: Op) -> None:
    link = _link(op)
    if link.source != op.target:
        raise InvalidDelta("target: a relation is changed at its source.", field="target")
    there = link in draft.links
    if (op.after is not None) == there:
        raise Conflict(
            f"link: the relation is {'there already' if there else 'not there'}.", field="link", target=op.target,
            before=op.before, theirs=link.model_dump(mode="json") if there else None, yours=op.after,
        )  # fmt: skip
    if op.after is not None:
        draft.links.add(link)
    else:
        draft.links.remove(link)


def _check_link(draft: _Draft, link: Link) -> None:
    source, target = draft.entities.get(link.source), draft.entities.get(link.target)
    if source is None or target is None:
        raise InvalidDelta("link: the relation names an entity that is not there.", field="link")
    sources, targets = _LINK_ENDS[link.kind]
    if source.kind in sources and target.kind in targets:
        return
    if link.kind == "REFINES" and (
        source is target or Link(kind="REFINES", source=link.target, target=link.source) in draft.links
    ):
        raise InvalidDelta(f"link: {link.kind} would go in a circle.", field="link")
    raise InvalidDelta(
        f"link: {source.kind} {link.kind} {target.kind} cannot be; it goes from {' or '.join(sources)} "
        f"to {' or '.join(targets)}.",
        field="link",
    )


def validated(raw: Any) -> Entity:
    """An entity from plain values. Raises InvalidDelta that names the field."""
    try:
        return _entity.validate_python(raw)
    except ValidationError as error:
        raise clear(error) from None

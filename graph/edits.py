"""The operations of what a person does, made from the state that they see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from graph.errors import InvalidDelta
from graph.ops import Op, name_of
from graph.state import State
from graph.types import Entity, Exemplar, Facet, Intent, Link, Scope, as_json, new_id


def creation_ops(entities: Sequence[Entity], links: Iterable[Link]) -> list[Op]:
    """Operations that add these entities and relations."""
    made = [Op(op=name_of(e.kind, "", None, None), target=e.id, after=as_json(e)) for e in entities]
    return made + [link_op(link) for link in links]


def link_op(link: Link) -> Op:
    """The operation that relates two entities."""
    return Op(op="link", target=link.source, field="link", after=link.model_dump(mode="json"))


def unlink_op(link: Link) -> Op:
    """The operation that takes a relation away."""
    return Op(op="unlink", target=link.source, field="link", before=link.model_dump(mode="json"))


def set_op(state: State, target: str, field: str, after: Any) -> Op:
    """The operation that sets one field of an entity, with its present value as precondition.

    Raises InvalidDelta for an unknown entity or field.
    """
    entity = _known(state, target)
    values = as_json(entity)
    if field not in values:
        raise InvalidDelta(f"{field}: {entity.kind} has no field of this name.", field=field)
    before = values[field]
    return Op(op=name_of(entity.kind, field, before, after), target=target, field=field, before=before, after=after)


def retire_ops(state: State, target: str) -> list[Op]:
    """Operations that retire an entity and the finer ones that belong to it alone."""
    finer = [e.id for kind in ("REFINES", "EXCEPTS") for e in state.sources(kind, target)]
    ops = [op for key in finer for op in retire_ops(state, key)]
    return ops if _known(state, target).status == "retired" else [*ops, set_op(state, target, "status", "retired")]


def remember_op(exemplar: Entity, link: Link) -> list[Op]:
    """Operations by which a wish remembers an item."""
    return creation_ops([exemplar], [link])


def forget_op(state: State, exemplar: str) -> Op:
    """The operation by which an item is no longer remembered. Raises InvalidDelta for what is no exemplar."""
    if not isinstance(_known(state, exemplar), Exemplar):
        raise InvalidDelta("target: only an exemplar can be forgotten.", field="target")
    return set_op(state, exemplar, "status", "retired")


def scope_ops(state: State, wish: str, **limits: Any) -> list[Op]:
    """Operations that narrow or widen where and when a wish holds: fields of Scope with their new values.

    The scope that the wish has alone is changed; a wish without one gets a new one.
    """
    if not isinstance(_known(state, wish), Intent | Facet):
        raise InvalidDelta("target: only a wish holds somewhere.", field="target")
    for scope in state.targets("SCOPED_TO", wish):
        if scope.status == "active" and len(list(state.sources("SCOPED_TO", scope.id))) == 1:
            return [set_op(state, scope.id, field, _plain(value)) for field, value in limits.items()]
    made = Scope(id=new_id(), **limits)
    return creation_ops([made], [Link(kind="SCOPED_TO", source=wish, target=made.id)])


def _known(state: State, target: str) -> Entity:
    entity = state.entities.get(target)
    if entity is None:
        raise InvalidDelta(f"target: there is no entity {target}.", field="target")
    return entity


def _plain(value: Any) -> Any:
    """A field's value as JSON has it."""
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value

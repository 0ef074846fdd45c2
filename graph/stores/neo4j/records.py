"""Entities, deltas and relations to and from nodes that a person can read in Neo4j Browser.

A node's properties are the entity's fields and the truth: nothing of it is stored a second time. What Neo4j has no
type for is JSON: each element of a wish is a string of its own in the list `elements`. A field that is None is absent.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from graph.canonical import canonical
from graph.chain import LogEntry
from graph.errors import Damaged, InvalidDelta
from graph.fold import validated
from graph.state import State
from graph.types import Entity, Erased, Link, as_json
from graph.validation import clear

LABELS = {
    "intent": "Intent", "facet": "Facet", "exception": "Exception", "guard": "Guard", "scope": "Scope",
    "exemplar": "Exemplar",
}  # fmt: skip
HELD = ("Intent", "Facet", "Guard")
"""What a person holds by themselves; exceptions, scopes and exemplars belong to a wish."""
_NESTED = ("elements", "rule")


def label_of(entity: Entity) -> str:
    return LABELS[entity.was if isinstance(entity, Erased) else entity.kind]


def properties_of(person: str, entity: Entity) -> dict[str, Any]:
    """A node's properties."""
    values = as_json(entity)
    if values.get("elements") is not None:
        values["elements"] = [canonical(element) for element in values["elements"]]
    if values.get("rule") is not None:
        values["rule"] = canonical(values["rule"])
    return {"person": person} | {key: value for key, value in values.items() if value is not None}


def entity_of(properties: Mapping[str, Any]) -> Entity:
    """The entity of a node. Raises Damaged where somebody changed it so that it is none any more."""
    try:
        values = {key: value for key, value in properties.items() if key != "person"}
        if "elements" in values:
            values["elements"] = [json.loads(element) for element in values["elements"]]
        if "rule" in values:
            values["rule"] = json.loads(values["rule"])
        return validated(values)
    except (InvalidDelta, ValueError, TypeError) as error:
        raise Damaged(f"Node {properties.get('id')} cannot be read: {error}") from None


def by_label(state: State, keys: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Properties of these entities, by label."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for key in keys:
        entity = state.entities[key]
        found[label_of(entity)].append(properties_of(state.person, entity))
    return found


def by_ends(state: State, links: Iterable[Link]) -> dict[tuple[str, str, str], list[dict[str, str]]]:
    """Relations by (type, label of the source, label of the target)."""
    found: dict[tuple[str, str, str], list[dict[str, str]]] = defaultdict(list)
    for link in links:
        ends = (link.kind, label_of(state.entities[link.source]), label_of(state.entities[link.target]))
        found[ends].append({"source": link.source, "target": link.target})
    return found


def link_of(found: Mapping[str, Any]) -> Link:
    """The relation of a row with kind, source and target. Raises Damaged."""
    try:
        return Link.model_validate(found)
    except ValidationError as error:
        raise Damaged(f"A relation cannot be read: {clear(error)}") from None


def delta_properties(person: str, entry: LogEntry) -> dict[str, Any]:
    """A delta's node: its place in the log, its payload, and what of it a person wants to read."""
    delta = entry.delta
    return {
        "person": person, "id": entry.id, "seq": entry.seq, "payload_hash": entry.payload_hash, "chain": entry.chain,
        "body": entry.body, "erased": entry.erased, "actor": delta.actor, "why": delta.why, "at": delta.at.isoformat(),
        "ops": [op.op for op in delta.ops],
    }  # fmt: skip


def entry_from(properties: Mapping[str, Any]) -> LogEntry:
    """The log's entry of a delta's node."""
    names = ("seq", "id", "payload_hash", "chain", "body", "erased")
    try:
        return LogEntry(**{name: properties[name] for name in names})
    except KeyError as missing:
        raise Damaged(f"Delta {properties.get('id')} lacks {missing}.") from None


def touched_by(entry: LogEntry) -> list[str]:
    """Ids of the entities that a delta made or changed."""
    delta = entry.delta
    keys = [op.target for op in delta.ops if op.field != "link"] or [touched.id for touched in delta.erased]
    return list(dict.fromkeys(keys))

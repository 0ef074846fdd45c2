"""What taking something in would change in a graph: the operations, by groups that can be accepted one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from feedguard.preferences.editing import rule_text
from feedguard.preferences.formats.rules import Taken, Wanted
from graph.bundle import Bundle, BundleRefused
from graph.deltas import Op, creation_ops, retire_ops, set_op
from graph.state import State
from graph.types import Entity, Facet, Link, Scope, new_id
from graph.wording import words_of

_IDENTITY = {"id", "kind", "origin"}


@dataclass(frozen=True)
class Group:
    """Operations that belong together, under a title that a person reads; `about` are the wishes in them."""

    title: str
    ops: tuple[Op, ...]
    about: tuple[str, ...]


@dataclass
class Difference:
    """What would change, how many entities are there already as they are to be, and what is passed over."""

    groups: list[Group] = field(default_factory=list)
    already: int = 0
    passed_over: list[str] = field(default_factory=list)

    def add(self, title: str, ops: Sequence[Op], about: Iterable[str]) -> None:
        if ops:
            self.groups.append(Group(title, tuple(ops), tuple(about)))


def compare_bundle(state: State, bundle: Bundle, now: dt.datetime) -> Difference:
    """What of a bundle is new, different, or was removed there.

    A bundle of the same person keeps each origin; from another account everything comes as imported. Origins
    are not compared, so that taking in twice changes nothing. Raises BundleRefused where an id is of another
    kind here.
    """
    found = Difference()
    own = bundle.person == state.person
    over = _ended(bundle, now)
    found.passed_over += [
        f"“{_name(bundle.entities[key])}”: its time is over." for key in sorted(over) if _name(bundle.entities[key])
    ]
    entities = {key: entity for key, entity in bundle.entities.items() if key not in over}
    added: list[Entity] = []
    restored: list[Op] = []
    changed: list[Op] = []
    for key, entity in sorted(entities.items()):
        present = state.entities.get(key)
        if present is None:
            added.append(entity if own else entity.model_copy(update={"origin": "imported"}))
            continue
        if present.kind == "erased":
            found.passed_over.append(f"“{_name(entity) or key}”: its words were erased here.")
            continue
        if present.kind != entity.kind:
            raise BundleRefused(f"{key}: is a {present.kind} here and a {entity.kind} in the bundle.", field="kind")
        if present.status == "retired":
            restored.append(set_op(state, key, "status", entity.status))
        ops = _field_ops(state, key, entity, skip={"status"} if present.status == "retired" else set())
        changed += ops
        found.already += not ops and present.status != "retired"
    new = {entity.id for entity in added}
    entities = {k: e for k, e in entities.items() if k in new or state.entities[k].kind != "erased"}
    links = [x for x in _ordered(bundle.links - state.links) if x.source in entities and x.target in entities]
    loose = [x for x in links if x.source not in new and x.target not in new]
    found.add("What is new", [*restored, *creation_ops(added, [x for x in links if x not in loose])], _wishes(added))
    found.add("What is different", [*changed, *creation_ops([], loose)], [op.target for op in changed])
    gone = [key for key in bundle.tombstones if key in state.entities and state.entities[key].status != "retired"]
    removed = {op.target: op for key in gone for op in retire_ops(state, key)}
    found.add("What was removed there", list(removed.values()), [])
    return found


def _field_ops(state: State, key: str, entity: Entity, skip: set[str]) -> list[Op]:
    present, wanted = state.entities[key].model_dump(mode="json"), entity.model_dump(mode="json")
    differing = [f for f in wanted if f not in _IDENTITY | skip and wanted[f] != present[f]]
    return [set_op(state, key, f, wanted[f]) for f in differing]


def _ended(bundle: Bundle, now: dt.datetime) -> set[str]:
    """Scopes whose time is over, the wishes that they limit, and what belongs to those alone."""
    over = {k for k, e in bundle.entities.items() if isinstance(e, Scope) and e.until is not None and e.until <= now}
    grown = set(over)
    grown |= {x.source for x in bundle.links if x.kind == "SCOPED_TO" and x.target in over}
    for kind in ("REFINES", "EXCEPTS"):
        grown |= {x.source for x in bundle.links if x.kind == kind and x.target in grown}
    return grown | {x.target for x in bundle.links if x.kind in {"SCOPED_TO", "REMEMBERS"} and x.source in grown}


def _name(entity: Entity) -> str:
    return str(getattr(entity, "text", "") or "") if entity.kind in {"intent", "facet"} else ""


def _wishes(entities: Iterable[Entity]) -> list[str]:
    return [e.id for e in entities if isinstance(e, Facet)]


def _ordered(links: Iterable[Link]) -> list[Link]:
    return sorted(links, key=lambda x: (x.kind, x.source, x.target))


def compare_rules(state: State, taken: Taken, most_expressions: int) -> Difference:
    """The rules that are not there yet, as facets with their limits. `most_expressions` may be held in all."""
    found = Difference(passed_over=list(taken.passed_over))
    known = {
        _key(state, e): e.action
        for e in state.entities.values()
        if isinstance(e, Facet) and e.status != "retired" and e.rule
    }
    expressions = sum(rule[0] == "regex" for rule in known)
    facets: list[Facet] = []
    scopes: dict[tuple[object, ...], Scope] = {}
    links: list[Link] = []
    for wanted in taken.wanted:
        key = _wanted_key(wanted)
        if key in known:
            found.already += 1
            if known[key] != wanted.action:
                done = words_of("action", known[key])
                found.passed_over.append(f"“{wanted.rule.value}”: is here already, and what it catches is {done}.")
            continue
        if key[0] == "regex" and (expressions := expressions + 1) > most_expressions:
            found.passed_over.append(f"“{wanted.rule.value}”: {most_expressions} expressions are the most.")
            continue
        known[key] = wanted.action
        facet = Facet(
            id=new_id(),
            text=_text(wanted),
            rule=wanted.rule,
            action=wanted.action,
            target=wanted.target,
            origin="imported",
        )
        facets.append(facet)
        limits = (wanted.services, wanted.surfaces, wanted.until)
        if any(limits):
            scope = scopes.setdefault(
                limits,
                Scope(
                    id=new_id(),
                    services=wanted.services,
                    surfaces=wanted.surfaces,
                    until=wanted.until,
                    origin="imported",
                ),
            )
            links.append(Link(kind="SCOPED_TO", source=facet.id, target=scope.id))
    found.add("Rules", creation_ops([*facets, *scopes.values()], links), [facet.id for facet in facets])
    return found


def _text(wanted: Wanted) -> str:
    return f"{rule_text(wanted.rule)} ({wanted.source})" if wanted.source else rule_text(wanted.rule)


def _key(state: State, facet: Facet) -> tuple[object, ...]:
    """What makes two rules the same: the condition and where it holds; not what happens, the time, or the name."""
    scopes = [e for e in state.targets("SCOPED_TO", facet.id) if isinstance(e, Scope) and e.status == "active"]
    services = {service for scope in scopes for service in scope.services}
    surfaces = {surface for scope in scopes for surface in scope.surfaces}
    rule = facet.rule
    condition = (rule.kind, rule.value.casefold()) if rule else ("", "")
    return (*condition, facet.target, tuple(sorted(services)), tuple(sorted(surfaces)))


def _wanted_key(wanted: Wanted) -> tuple[object, ...]:
    where = (tuple(sorted(wanted.services)), tuple(sorted(wanted.surfaces)))
    return (wanted.rule.kind, wanted.rule.value.casefold(), wanted.target, *where)

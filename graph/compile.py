"""From a state to the snapshot that deciding reads."""

from __future__ import annotations

from graph.canonical import digest
from graph.snapshot import CompiledException, Snapshot, Wish
from graph.state import State
from graph.types import Element, Exception_, Exemplar, Facet, Guard, Intent, Rule, Scope


def compile_snapshot(state: State, seq: int) -> Snapshot:
    """Active wishes with their exceptions and scopes (own and of their intent), and active guards, by id."""
    wishes = []
    for key in sorted(state.entities):
        entity = state.entities[key]
        if isinstance(entity, Facet) and entity.status == "active":
            intents = [e for e in state.targets("REFINES", key) if isinstance(e, Intent)]
            if all(intent.status == "active" for intent in intents):
                wishes.append(_wish(state, entity, intents))
        elif isinstance(entity, Intent) and entity.status == "active" and entity.elements:
            wishes.append(_wish(state, entity, []))
    guards = [e for _, e in sorted(state.entities.items()) if isinstance(e, Guard) and e.status == "active"]
    return Snapshot(person=state.person, seq=seq, hash=state.hash, wishes=tuple(wishes), guards=tuple(guards))


def _wish(state: State, entity: Facet | Intent, intents: list[Intent]) -> Wish:
    holders = [entity.id, *(intent.id for intent in intents)]
    exceptions = tuple(
        CompiledException(id=e.id, text=e.text, elements=e.elements)
        for holder in holders
        for e in state.sources("EXCEPTS", holder)
        if isinstance(e, Exception_) and e.status == "active"
    )
    scopes = tuple(
        s
        for holder in holders
        for s in state.targets("SCOPED_TO", holder)
        if isinstance(s, Scope) and s.status == "active"
    )
    rule = entity.rule if isinstance(entity, Facet) else None
    return Wish(
        id=entity.id,
        kind=entity.kind,
        text=entity.text,
        heading=intents[0].text if intents else entity.text,
        elements=entity.elements,
        rule=rule,
        polarity=entity.polarity,
        action=entity.action,
        target=entity.target,
        always=entity.always,
        hide_anyway=entity.hide_anyway,
        strength=entity.strength,
        exceptions=exceptions,
        scopes=scopes,
        hash=_wish_hash(state, entity, rule, exceptions),
    )


def _wish_hash(
    state: State, entity: Facet | Intent, rule: Rule | None, exceptions: tuple[CompiledException, ...]
) -> str:
    remembered = [
        [e.content_hash, e.caught]
        for e in state.targets("REMEMBERS", entity.id)
        if isinstance(e, Exemplar) and e.status == "active"
    ]
    return digest(
        {
            "polarity": entity.polarity,
            "elements": _plain(entity.elements),
            "rule": {"kind": rule.kind, "value": rule.value} if rule else None,
            "exceptions": [[e.id, _plain(e.elements)] for e in exceptions],
            "exemplars": sorted(remembered),
        }
    )


def _plain(elements: tuple[Element, ...]) -> list[dict[str, object]]:
    return [{"role": e.role, "value": e.value, "stated": e.stated} for e in elements]

"""Changes that a person makes directly: rules, guards, statuses, actions."""

from __future__ import annotations

from typing import Any, cast

from agents.judge.rules import judge_rule
from agents.parse.rules import check_rule
from agents.types import Ruling
from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.decisions.models import Job
from feedguard.items.models import Entry
from feedguard.items.selectors import pipeline_items
from feedguard.preferences.selectors import state_of
from feedguard.preferences.services import commit
from graph.deltas import Delta, creation_ops, retire_ops, set_op
from graph.errors import InvalidDelta
from graph.snapshot import Wish
from graph.types import Action, Facet, Guard, GuardKind, Rule, RuleKind, new_id

TRIED_ITEMS = 200
MAX_EXPRESSIONS = 500


def add_rule(person: Person, kind: str, value: str, action: str) -> tuple[Delta, Job]:
    """Add an exact rule. Raises RuleRefused for a value that cannot be used, GraphError otherwise."""
    rule = check_rule(cast(RuleKind, kind), value)
    state, _ = state_of(person)
    if kind == "regex" and sum(_is_expression(e) for e in state.entities.values()) >= MAX_EXPRESSIONS:
        raise InvalidDelta(f"There are {MAX_EXPRESSIONS} expressions already. Remove one first.", field="value")
    facet = Facet(id=new_id(), text=rule_text(rule), rule=rule, action=cast(Action, action))
    return commit(person, creation_ops([facet], []), why=f"rule: {facet.text}")


def _is_expression(entity: object) -> bool:
    return (
        isinstance(entity, Facet)
        and entity.rule is not None
        and entity.rule.kind == "regex"
        and entity.status != "retired"
    )


def rule_text(rule: Rule) -> str:
    """A rule in words."""
    names = {
        "word": "the word", "phrase": "the phrase", "regex": "the expression", "author": "author", "source": "source",
        "link_host": "links to", "link_path": "links under", "kind": "kind", "length": "length in words",
        "age": "age in days", "language": "language",
    }  # fmt: skip
    return f"{names[rule.kind]} {rule.value}"


def try_rule(person: Person, kind: str, value: str) -> list[dict[str, Any]]:
    """The person's recent items that a rule would catch. Raises RuleRefused."""
    rule = check_rule(cast(RuleKind, kind), value)
    wish = Wish(
        id=new_id(), kind="facet", text=rule_text(rule), heading="", elements=(), rule=rule, polarity="avoid",
        action="hide", target="item", always=False, hide_anyway=True, strength=500, exceptions=(), scopes=(), hash="trial",
    )  # fmt: skip
    newest = Entry.objects.filter(person=person).order_by("-published_at", "-id")
    ids = list(newest.values_list("item_id", flat=True)[:TRIED_ITEMS])
    now = runtime.clock().now()
    ruled = [(item, judge_rule(item, wish, now)) for item in pipeline_items(person, ids)]
    return [
        {"item": item.id, "title": item.title or item.text[:100], "source": item.source, "quotes": _quotes(ruling)}
        for item, ruling in ruled
        if ruling.verdict == "violated"
    ]


def _quotes(ruling: Ruling) -> list[str]:
    return [found.quote for element in ruling.elements for found in element.evidence]


def add_guard(person: Person, guards: str, value: str) -> tuple[Delta, Job]:
    """Add a guard: what it names is never hidden."""
    guard = Guard(id=new_id(), guards=cast(GuardKind, guards), value=value.strip())
    return commit(person, creation_ops([guard], []), why=f"never hide {guards} {guard.value}")


def set_status(person: Person, entity_id: str, status: str) -> tuple[Delta, Job]:
    """Pause, resume, or retire (which leaves a tombstone and takes the finer entities with it)."""
    state, _ = state_of(person)
    _known(state.entities, entity_id)
    if status == "retired":
        return commit(person, retire_ops(state, entity_id), why="removed")
    return commit(person, [set_op(state, entity_id, "status", status)], why=status)


def set_action(person: Person, entity_id: str, action: str) -> tuple[Delta, Job]:
    """Choose what happens to what a wish catches."""
    state, _ = state_of(person)
    _known(state.entities, entity_id)
    return commit(person, [set_op(state, entity_id, "action", action)], why=f"{action} instead")


def _known(entities: Any, entity_id: str) -> None:
    if entity_id not in entities:
        raise InvalidDelta("There is no such wish, rule or guard.", field="id")

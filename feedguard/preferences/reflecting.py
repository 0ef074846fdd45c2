"""The job that follows an appeal: the smallest change that would have avoided the mistake, as a proposal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.parse import Choice, Question, Understood
from agents.reflect import Correction, corrections
from agents.types import Fact, Item, Outcome
from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.decisions.jobs import JobRefused, Progress
from feedguard.decisions.models import Appeal
from feedguard.decisions.services import judge
from feedguard.items.selectors import pipeline_items
from feedguard.items.stores import StoredFacts
from feedguard.preferences.previewing import CAUGHT, KEPT_AWAY, preview, snapshot_with
from feedguard.preferences.proposing import propose
from feedguard.preferences.selectors import snapshot_of, state_of
from graph.types import new_id

TRIED = 3
"""Exceptions that are offered, by what else they would change."""
_STRENGTH = {"show": 0, "star": 0, "label": 1, "blur": 2, "hide": 3}


def reflect(person: Person, data: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Job: propose the smallest correction. The result names the proposal, or says why there is none (`note`)."""
    appeal = Appeal.objects.filter(person=person, pk=data["appeal"]).select_related("decision").first()
    items = pipeline_items(person, [appeal.decision.item_id]) if appeal else []
    if appeal is None or not items:
        raise JobRefused("The item that this was about is no longer in your feed.", field="appeal")
    item = items[0]
    progress("Looking for what would have avoided this …")
    outcome = _without_override(person, item, ())
    if (outcome.action in CAUGHT) == (appeal.should_be == "hide"):
        return {"proposal": "", "note": "Your wishes as they are now would not do this again."}
    found = _avoiding(person, item, outcome, appeal)
    if not found:
        return {
            "proposal": "",
            "note": "No small change of your wishes would have avoided this; your word on it counts.",
        }
    hidden = appeal.should_be == "hide"
    why = f"“{(item.title or item.text)[:120]}” should have been {'hidden' if hidden else 'shown'}."
    about = {"item": item.id, "should_be": appeal.should_be, "kind": found[0].kind}
    detail = {"sentence": why, "replaces": "", "appeal": about}
    proposal = propose(person, _understood(found), progress, why=why, source="appeal", detail=detail)
    return {"proposal": proposal.id}


def _understood(found: Sequence[Correction]) -> Understood:
    """The smallest correction; where several words could set the item apart, the person is asked which do."""
    readings = [Understood(ops=one.ops, about=one.about) for one in found]
    if len(found) == 1:
        return readings[0]
    choices = tuple(
        Choice[Understood](label=_label(one), reading=reading) for one, reading in zip(found, readings, strict=True)
    )
    question = Question[Understood](text="What sets this one apart from what you meant?", choices=choices)
    return readings[0].model_copy(update={"question": question})


def _label(one: Correction) -> str:
    if one.kind != "exception":
        return "nothing of this: be milder with all of them"
    exception = next(op.after["text"] for op in one.ops if op.field == "")
    return f"it is about “{exception}”"


def _without_override(person: Person, item: Item, ops: Sequence[Any]) -> Outcome:
    """What the wishes, changed by these operations, come to for an item, whatever the person said on it."""
    alone = item.model_copy(update={"id": new_id()})
    snapshot = snapshot_with(person, ops) if ops else snapshot_of(person)
    return judge(person, [alone], snapshot)[alone.id]


def _avoiding(person: Person, item: Item, outcome: Outcome, appeal: Appeal) -> list[Correction]:
    """The smallest kind of correction that avoids the mistake. Of several exceptions, which only the person can
    choose among, those that change least else come first, and after them a weaker facet."""
    tried: list[Correction] = []
    for candidate in corrections(
        state_of(person)[0], item, _facts(item), outcome, appeal.should_be, said=appeal.text,
        now=runtime.clock().now(), time_zone=person.time_zone,
    ):  # fmt: skip
        if candidate.kind == "exception" and len(tried) == TRIED:
            continue
        if _avoids(candidate, outcome, _without_override(person, item, candidate.ops), appeal.should_be):
            if candidate.kind != "exception" or (appeal.text and not tried):
                weaker = [candidate] if len(tried) != 1 else []
                return [*sorted(tried, key=lambda one: _collateral(person, one)), *weaker]
            tried.append(candidate)
    return sorted(tried, key=lambda one: _collateral(person, one))


def _avoids(candidate: Correction, before: Outcome, after: Outcome, should_be: str) -> bool:
    if should_be == "hide":
        return after.action in KEPT_AWAY
    if candidate.kind == "exception":
        return after.action not in KEPT_AWAY
    return _STRENGTH[after.action] < _STRENGTH[before.action]


def _collateral(person: Person, candidate: Correction) -> int:
    """How much else a correction would change; what the person confirmed weighs most."""
    found = preview(person, candidate.ops, candidate.about, lambda line: None)
    changed = sum(len(found[name]) for name in ("newly_hidden", "newly_shown", "newly_starred", "otherwise"))
    return changed + 100 * len(found["flips"])


def _facts(item: Item) -> tuple[Fact, ...]:
    version = runtime.pipeline().models["perceiver"]
    return StoredFacts().load([item.content_hash], version).get(item.content_hash, ())

"""Deciding at once, without a model: by exact rules, and by the absence of everything that a wish names.

What is decided here is decided as the pipeline would; what is not, is for the pipeline. Loads no model.
"""

from __future__ import annotations

from agents.decide import decide, in_scope
from agents.explain import explain
from agents.judge.rules import VERSION as RULES_VERSION
from agents.judge.rules import judge_rule
from agents.ports import Perceiver
from agents.recall import compile_index
from agents.types import Context, Item, LeftOut, Outcome
from agents.verify import verify
from graph.snapshot import Snapshot

VERSION = "gate-1"


def decide_at_once(
    item: Item, snapshot: Snapshot, context: Context, perceiver: Perceiver | None = None
) -> Outcome | None:
    """The outcome of one case; None where a described wish could concern it.

    `perceiver` is the pipeline's own, if it needs no model; without it, what hangs on facts is not decided here.
    """
    passed = compile_index(snapshot).gate(item, perceiver.perceive(item) if perceiver else None)
    if passed is None:
        return None
    rules, left_out = passed
    outside = {wish.id: why for wish in rules if (why := in_scope(item, wish, context))}
    left_out += [LeftOut(wish=key, why=why) for key, why in outside.items()]
    rulings = [verify(item, judge_rule(item, wish, context.now)) for wish in rules if wish.id not in outside]
    outcome = decide(item, snapshot, rulings, left_out, context)
    models = {"gate": VERSION, "rules": RULES_VERSION}
    return outcome.model_copy(update={"reason": explain(item, outcome), "models": models})

"""The pipeline: perceive ► recall ► judge ► dispute ► verify ► decide ► explain, over a batch of cases.

A LangGraph graph without a checkpointer: what has to outlive a crash lies in the outbox and the stores. Cases
do not see each other: an item's outcome is the same alone and in any batch.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypedDict

os.environ["LANGSMITH_TRACING"] = "false"  # nothing is ever traced to a provider, whatever the environment says
os.environ["LANGCHAIN_TRACING_V2"] = "false"

from langgraph.graph import END, START, StateGraph

from agents.decide import decide, in_scope
from agents.dispute import dispute
from agents.explain import explain
from agents.judge.rules import VERSION as RULES_VERSION
from agents.judge.rules import judge_rule
from agents.ports import FactStore, Judge, Perceiver, RulingStore
from agents.recall import compile_index
from agents.types import Context, Fact, Item, LeftOut, Outcome, Ruling
from agents.verify import verify
from graph.snapshot import Snapshot, Wish

log = logging.getLogger(__name__)
STAGES = ("perceive", "recall", "judge", "dispute", "verify", "decide", "explain")
ABLATIONS = ("recall", "dispute", "verify")
"""Stages without which the pipeline still decides: without recall every wish is judged."""


class Batch(TypedDict, total=False):
    """The pipeline's state. All mappings are keyed by item id; `failed` names the stage that an item died in."""

    items: Mapping[str, Item]
    snapshot: Snapshot
    contexts: Mapping[str, Context]
    facts: dict[str, tuple[Fact, ...]]
    recalled: dict[str, list[Wish]]
    left_out: dict[str, list[LeftOut]]
    rulings: dict[str, list[Ruling]]
    outcomes: dict[str, Outcome]
    failed: dict[str, str]


class Pipeline:
    """Built once a process; `run` is safe to call from several threads."""

    stages = STAGES

    def __init__(
        self,
        perceiver: Perceiver,
        judge: Judge,
        facts: FactStore,
        rulings: RulingStore,
        *,
        ablated: Collection[str] = (),
    ) -> None:
        """`ablated` names stages of ABLATIONS that are left out, to measure what they are worth."""
        self._perceiver, self._judge, self._facts, self._rulings = perceiver, judge, facts, rulings
        self._ablated = frozenset(ablated)
        graph = StateGraph(Batch)
        nodes: Mapping[str, Callable[[Batch], Batch]] = {
            "perceive": self._perceive_stage,
            "recall": self._recall_stage,
            "judge": self._judge_stage,
            "dispute": self._dispute_stage if "dispute" not in self._ablated else _as_it_is,
            "verify": self._verify_stage if "verify" not in self._ablated else _as_it_is,
            "decide": self._decide_stage,
            "explain": self._explain_stage,
        }
        previous = START
        for name in STAGES:
            graph.add_node(name, nodes[name])  # type: ignore[call-overload]
            graph.add_edge(previous, name)
            previous = name
        graph.add_edge(previous, END)
        self._graph = graph.compile()

    @property
    def models(self) -> dict[str, str]:
        """Versions of everything that judges."""
        return {"perceiver": self._perceiver.version, "judge": self._judge.version, "rules": RULES_VERSION}

    def run(self, items: Sequence[Item], snapshot: Snapshot, contexts: Mapping[str, Context]) -> dict[str, Outcome]:
        """Outcomes by item id. An item that a stage fails on is shown, and its outcome names the stage."""
        if not items:
            return {}
        batch: Batch = {"items": {i.id: i for i in items}, "snapshot": snapshot, "contexts": contexts, "failed": {}}
        outcomes: dict[str, Outcome] = self._graph.invoke(batch)["outcomes"]
        return outcomes

    def _each(self, batch: Batch, stage: str, work: Callable[[Item], Any]) -> dict[str, Any]:
        """Do a stage for every item that is well so far; one bad item does not sink the others."""
        done = {}
        for key, item in batch["items"].items():
            if key in batch["failed"]:
                continue
            try:
                done[key] = work(item)
            except Exception:  # the boundary at which one item's fault ends
                log.exception("stage %s failed on item %s", stage, key)
                batch["failed"][key] = stage
        return done

    def _perceive_stage(self, batch: Batch) -> Batch:
        keys = {item.content_hash for item in batch["items"].values()}
        known = self._facts.load(sorted(keys), self._perceiver.version)
        new: dict[str, tuple[Fact, ...]] = {}

        def perceive(item: Item) -> tuple[Fact, ...]:
            found = known.get(item.content_hash) or new.get(item.content_hash)
            if found is None:
                found = new[item.content_hash] = self._perceiver.perceive(item)
            return found

        facts = self._each(batch, "perceive", perceive)
        if new:
            self._facts.save(new, self._perceiver.version)
        return {"facts": facts}

    def _recall_stage(self, batch: Batch) -> Batch:
        index = compile_index(batch["snapshot"])

        def recall(item: Item) -> tuple[list[Wish], list[LeftOut]]:
            taken, left = index.recall(item, batch["facts"][item.id])
            if "recall" in self._ablated:
                taken, left = list(batch["snapshot"].wishes), []
            context = batch["contexts"][item.id]
            outside = {wish.id: why for wish in taken if (why := in_scope(item, wish, context))}
            left += [LeftOut(wish=key, why=why) for key, why in outside.items()]
            return [wish for wish in taken if wish.id not in outside], left

        found = self._each(batch, "recall", recall)
        return {
            "recalled": {key: taken for key, (taken, _) in found.items()},
            "left_out": {key: left for key, (_, left) in found.items()},
        }

    def _judge_stage(self, batch: Batch) -> Batch:
        wanted = [
            (item.content_hash, wish.hash)
            for key, item in batch["items"].items()
            for wish in batch["recalled"].get(key, ())
            if wish.rule is None
        ]
        known = self._rulings.load(wanted, self._judge.version)
        new: dict[tuple[str, str], Ruling] = {}

        def rule(item: Item, wish: Wish) -> Ruling:
            if wish.rule is not None:
                return judge_rule(item, wish, batch["contexts"][item.id].now)
            key = (item.content_hash, wish.hash)
            found = known.get(key) or new.get(key)
            if found is None:
                found = new[key] = self._judge.judge(item, batch["facts"][item.id], wish)
            return found.model_copy(update={"wish": wish.id})

        rulings = self._each(batch, "judge", lambda item: [rule(item, wish) for wish in batch["recalled"][item.id]])
        if new:
            self._rulings.save(new, self._judge.version)
        return {"rulings": rulings}

    def _dispute_stage(self, batch: Batch) -> Batch:
        wishes = {wish.id: wish for wish in batch["snapshot"].wishes}

        def other_side(item: Item) -> list[Ruling]:
            facts = batch["facts"][item.id]
            return [dispute(ruling, wishes[ruling.wish], facts) for ruling in batch["rulings"][item.id]]

        return {"rulings": self._each(batch, "dispute", other_side)}

    def _verify_stage(self, batch: Batch) -> Batch:
        def check(item: Item) -> list[Ruling]:
            return [verify(item, ruling) for ruling in batch["rulings"][item.id]]

        return {"rulings": self._each(batch, "verify", check)}

    def _decide_stage(self, batch: Batch) -> Batch:
        def outcome(item: Item) -> Outcome:
            key = item.id
            return decide(
                item, batch["snapshot"], batch["rulings"][key], batch["left_out"][key], batch["contexts"][key]
            )

        return {"outcomes": self._each(batch, "decide", outcome)}

    def _explain_stage(self, batch: Batch) -> Batch:
        def worded(item: Item) -> Outcome:
            outcome = batch["outcomes"][item.id]
            return outcome.model_copy(update={"reason": explain(item, outcome), "models": self.models})

        outcomes = self._each(batch, "explain", worded)
        for key, stage in batch["failed"].items():
            outcomes[key] = _degraded(stage, self.models)
        return {"outcomes": outcomes}


def _as_it_is(batch: Batch) -> Batch:
    """A stage left out."""
    return {"rulings": batch["rulings"]}


def _degraded(stage: str, models: dict[str, str]) -> Outcome:
    return Outcome(
        action="show", reason=f"Shown: it could not be judged (the stage “{stage}” failed).", stage="default",
        certainty=0.0, score=0.0, state="provisional", degraded=(stage,), models=models,
    )  # fmt: skip

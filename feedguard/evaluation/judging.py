"""Judging benchmark samples by the product's own path, for a fresh person each, touching nobody's data."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agents.evaluation.metrics import Row
from agents.evaluation.samples import DEFAULT_NOW, Sample
from agents.judge.lexical import LexicalJudge
from agents.parse import parse
from agents.perceive import LexicalPerceiver
from agents.pipeline import Pipeline
from agents.stores import MemoryFacts, MemoryRulings
from agents.types import Context, Item, Outcome
from feedguard.preferences.say import parsed_ops
from graph.compile import compile_snapshot
from graph.deltas import Delta, apply
from graph.snapshot import Snapshot
from graph.state import State
from graph.types import new_id

HIDDEN = {"hide", "blur", "label"}


@dataclass(frozen=True)
class Judged:
    """One sample with its outcome. `seconds` is the whole time from the words to the decision."""

    sample: Sample
    item: Item
    outcome: Outcome
    seconds: float

    @property
    def hidden(self) -> bool:
        return self.outcome.action in HIDDEN

    def row(self) -> Row:
        return Row(
            id=self.sample.id,
            category=self.sample.category,
            modality=self.sample.modality,
            label=self.sample.label,
            hidden=self.hidden,
            grounded=self.hidden and _verbatim(self.item, self.outcome),
        )


def _verbatim(item: Item, outcome: Outcome) -> bool:
    quotes = outcome.evidence
    return bool(quotes) and all(item.field(e.field)[e.start : e.end] == e.quote for e in quotes if e.field != "image")


def judge_samples(samples: Iterable[Sample]) -> Iterator[Judged]:
    """Judge each sample for a person who said its preference, and the later adjustments, and nothing else."""
    pipeline = Pipeline(LexicalPerceiver(), LexicalJudge(), MemoryFacts(), MemoryRulings())
    for sample in samples:
        started = time.perf_counter()
        snapshot = _snapshot(sample)
        item = sample.as_item()
        context = Context(now=sample.now or DEFAULT_NOW)
        outcome = pipeline.run([item], snapshot, {item.id: context})[item.id]
        yield Judged(sample, item, outcome, time.perf_counter() - started)


def _snapshot(sample: Sample) -> Snapshot:
    state, seq = State.empty(new_id()), 0
    said = [(sample.now or DEFAULT_NOW, sample.preference)]
    if sample.adjustments:
        said = [(sample.adjustments[0].at, sample.preference), *((a.at, a.say) for a in sample.adjustments)]
    for at, words in said:
        parsed = parse(words, now=at, time_zone="UTC", sources=[sample.item.source])
        delta = Delta(
            id=new_id(), person=state.person, base=seq, ops=tuple(parsed_ops(parsed)), actor="person", why=words, at=at
        )
        state, seq = apply(state, delta), seq + 1
    return compile_snapshot(state, seq)

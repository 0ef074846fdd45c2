"""The quick yardstick of the corpus: a cross-encoder on parts of it, and what that brings on samples it has not seen.

The learning curve says whether more writing helps. Measured by the area under the ROC curve: on the benchmark's `dev`
part (adversarial; counterfactual, where the same item is hidden for one wish and shown for another; ordinary), on
statements about items held out, and on pairs of items held out.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agents.evaluation.baselines import said, shown_words
from agents.evaluation.metrics import Arrays, area_under_curve, part_of
from agents.evaluation.samples import Sample
from agents.training.corpus import Corpus
from agents.training.cross_encoder import Example, score, train

SEED = 11


@dataclass(frozen=True)
class Point:
    """One point of the curve: the share of the corpus learned from, and the area under the curve by name."""

    share: int
    examples: int
    areas: dict[str, float | None]


def learning_curve(
    corpus: Corpus,
    dev: Sequence[Sample],
    *,
    encoder: str,
    shares: Sequence[int],
    epochs: int,
    folder: Path,
    progress: Callable[[str], None],
) -> Iterable[Point]:
    """A point for each share (in percent). A part holds whole items, so that a smaller part is a smaller corpus."""
    tests = test_sets(corpus, dev)
    for share in shares:
        examples = training_examples(corpus, share)
        tokenizer, model = train(
            encoder,
            examples,
            seed=SEED,
            epochs=epochs,
            checkpoint=folder / f"quick-{share}.pt",
            progress=lambda line, share=share: progress(f"{share} %: {line}"),  # type: ignore[misc]
        )
        areas = {name: _area(found, score(tokenizer, model, found)) for name, found in tests.items()}
        yield Point(share, len(examples), areas)


def training_examples(corpus: Corpus, share: int) -> list[Example]:
    """Statements and pairs of a share of the items that are not held out; the same items for the same share."""
    items = sorted(key for key, item in corpus.items.items() if not item.held_out)
    random.Random(SEED).shuffle(items)
    taken = set(items[: round(len(items) * share / 100)])
    return [*_statements(corpus, taken), *_pairs(corpus, taken)]


def _statements(corpus: Corpus, taken: set[str]) -> list[Example]:
    return [
        Example(statement.statement, corpus.items[statement.item].words, statement.holds)
        for statement in corpus.statements
        if statement.item in taken
    ]


def _pairs(corpus: Corpus, taken: set[str]) -> list[Example]:
    return [
        Example(f"Wish: {corpus.wishes[pair.wish].say}", corpus.items[pair.item].words, pair.label == "hide")
        for pair in corpus.pairs
        if pair.item in taken
    ]


def test_sets(corpus: Corpus, dev: Sequence[Sample]) -> dict[str, list[Example]]:
    """What the curve is measured on, by name."""
    held_out = {key for key, item in corpus.items.items() if item.held_out}
    text = [sample for sample in dev if sample.modality == "text"]
    both = _seen_both_ways(text)
    sets = {
        "dev, adversarial": [s for s in text if part_of(s.category) == "adversarial"],
        "dev, counterfactual": [s for s in text if part_of(s.category) == "adversarial" and shown_words(s) in both],
        "dev, ordinary": [s for s in text if part_of(s.category) in {"ordinary", "unrelated"}],
    }
    found = {name: [_example(sample) for sample in samples] for name, samples in sets.items()}
    found["held-out statements"] = _statements(corpus, held_out)
    found["held-out pairs"] = _pairs(corpus, held_out)
    return found


def _seen_both_ways(samples: Sequence[Sample]) -> set[str]:
    labels: dict[str, set[str]] = {}
    for sample in samples:
        labels.setdefault(shown_words(sample), set()).add(sample.label)
    return {words for words, found in labels.items() if len(found) == 2}


def _example(sample: Sample) -> Example:
    return Example(f"Wish: {said(sample)}", shown_words(sample), sample.label == "hide")


def _area(examples: Sequence[Example], scores: Sequence[float]) -> float | None:
    wanted, values = np.array([example.holds for example in examples], dtype=bool), np.array(scores)
    return area_under_curve(Arrays(wanted, values >= 0.5, values, values))

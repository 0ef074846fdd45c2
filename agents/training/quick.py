"""The quick yardstick of the corpus: a cross-encoder on parts of it, and what that brings on samples it has not seen.

The learning curve says whether more writing helps. Measured by the area under the ROC curve: on the benchmark's `dev`
part (adversarial, and by category; counterfactual, where the same item is hidden for one wish and shown for another;
ordinary), on statements about items held out, and on pairs of items held out.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agents.evaluation.baselines import said, shown_words
from agents.evaluation.metrics import Arrays, area_under_curve, part_of
from agents.evaluation.samples import Sample
from agents.training.augmentation import Made
from agents.training.corpus import Corpus
from agents.training.cross_encoder import Example, score, train

SEED = 11
MAX_HELD_OUT = 2_000
"""So many statements and so many pairs of the held-out items are scored at each point."""


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
    made: Made | None = None,
    folder: Path,
    progress: Callable[[str], None],
) -> Iterator[Point]:
    """A point for each share (in percent), from the smallest to the largest. Errors: `TrainingError`.

    With what was `made` from the corpus, a share learns also from what was made from its items and its pairs.
    """
    tests = measured_on(corpus, dev)
    asked = list(dict.fromkeys(example for found in tests.values() for example in found))
    parts = parts_by_share(corpus, sorted(set(shares)), made)
    seen = 0
    for share, (tokenizer, model) in zip(
        parts, train(encoder, list(parts.values()), seed=SEED, folder=folder, progress=progress), strict=True
    ):
        seen += len(parts[share])
        scores = dict(zip(asked, score(tokenizer, model, asked), strict=True))
        areas = {name: _area(found, [scores[example] for example in found]) for name, found in tests.items()}
        yield Point(share, seen, areas)


def parts_by_share(corpus: Corpus, shares: Sequence[int], made: Made | None = None) -> dict[int, list[Example]]:
    """For each share what it adds to the one before: statements and pairs of whole items, none of them held out.

    A part holds whole items, so that a smaller share is a smaller corpus, and what was made from these items.
    """
    items = sorted(key for key, item in corpus.items.items() if not item.held_out)
    random.Random(SEED).shuffle(items)
    whole = corpus if made is None else made.joined_to(corpus)
    found, start = {}, 0
    for share in shares:
        end = round(len(items) * share / 100)
        taken = set(items[start:end])
        if made is not None:
            taken |= {item.id for item in made.items.values() if item.made_from in taken}
        found[share] = [*_statements(whole, taken), *_pairs(whole, taken)]
        start = end
    return found


def _statements(corpus: Corpus, taken: set[str]) -> list[Example]:
    return [
        Example(statement.statement, corpus.items[statement.item].words, statement.holds)
        for statement in corpus.statements
        if statement.item in taken
    ]


def _pairs(corpus: Corpus, taken: set[str]) -> list[Example]:
    return [
        Example(f"Wish: {corpus.wishes[pair.wish].said}", corpus.items[pair.item].words, pair.label == "hide")
        for pair in corpus.pairs
        if pair.item in taken
    ]


def measured_on(corpus: Corpus, dev: Sequence[Sample]) -> dict[str, list[Example]]:
    """What the curve is measured on, by name."""
    held_out = {key for key, item in corpus.items.items() if item.held_out}
    text = [sample for sample in dev if sample.modality == "text"]
    both = _seen_both_ways(text)
    sets = {
        "dev, adversarial": [s for s in text if part_of(s.category) == "adversarial"],
        "dev, counterfactual": [s for s in text if part_of(s.category) == "adversarial" and shown_words(s) in both],
        "dev, ordinary": [s for s in text if part_of(s.category) in {"ordinary", "unrelated"}],
    }
    for category in sorted({s.category for s in sets["dev, adversarial"]}):
        sets[f"dev, {category}"] = [s for s in text if s.category == category]
    found = {name: [_example(sample) for sample in samples] for name, samples in sets.items()}
    found["held-out statements"] = _drawn(_statements(corpus, held_out))
    found["held-out pairs"] = _drawn(_pairs(corpus, held_out))
    return found


def _drawn(examples: list[Example]) -> list[Example]:
    return random.Random(SEED).sample(examples, min(len(examples), MAX_HELD_OUT))


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

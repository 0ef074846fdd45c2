"""Yardsticks that are judged beside FeedGuard on the same samples.

`hide_all` hides everything. `keyword` hides at any content word of the wish (stemmed, stop-words out: the best case of
a word filter). `similarity` compares sentence embeddings. `item_only` and `preference_only` see half of the input: what
they learn can only be the style of the samples, so their area under the curve is to be near 0.5 (Gururangan et al.,
2018; Poliak et al., 2018).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from agents.evaluation.metrics import Arrays, Row, f1, part_of
from agents.evaluation.samples import Sample
from agents.models.encoder import Encoder, encoder
from agents.words import content_words


class BaselineUnavailable(Exception):
    """A yardstick cannot be measured here; the message says what it lacks."""


@dataclass(frozen=True)
class Verdict:
    """What a yardstick says of one sample; `score` ranks within it."""

    hidden: bool
    score: float


@dataclass(frozen=True)
class Judgement:
    """A yardstick's verdicts, one a sample in order, and what was set on `dev` beforehand."""

    verdicts: tuple[Verdict, ...]
    settings: Mapping[str, float]


class Baseline(Protocol):
    def __call__(self, samples: Sequence[Sample], dev: Sequence[Sample]) -> Judgement: ...


def said(sample: Sample) -> str:
    """All that the person said, in order."""
    return " ".join([sample.preference, *(later.say for later in sample.adjustments)])


def shown_words(sample: Sample) -> str:
    """The words that a text-only filter gets to see."""
    return "\n".join(part for part in (sample.item.title, sample.item.text, sample.item.alt) if part)


def hide_all(samples: Sequence[Sample], dev: Sequence[Sample]) -> Judgement:
    return Judgement(tuple(Verdict(True, 1.0) for _ in samples), {})


def keyword(samples: Sequence[Sample], dev: Sequence[Sample]) -> Judgement:
    """Score: the share of the wish's content words that occur in the item in any form."""
    verdicts = []
    for sample in samples:
        wanted = [word.stems for word in content_words(said(sample))]
        there = {stem for word in content_words(shown_words(sample)) for stem in word.stems}
        share = sum(bool(stems & there) for stems in wanted) / len(wanted) if wanted else 0.0
        verdicts.append(Verdict(share > 0, share))
    return Judgement(tuple(verdicts), {})


def similarity(samples: Sequence[Sample], dev: Sequence[Sample], *, model: Encoder | None = None) -> Judgement:
    """Score: the cosine of the vectors of wish and item; the threshold that is best on `dev`, both parts alike."""
    model = model or encoder()
    threshold = _threshold(dev, _cosines(dev, model))
    found = _cosines(samples, model)
    return Judgement(tuple(Verdict(score >= threshold, score) for score in found), {"threshold": threshold})


def _cosines(samples: Sequence[Sample], model: Encoder) -> list[float]:
    wishes = model.encode([said(sample) for sample in samples])
    items = model.encode([shown_words(sample) for sample in samples])
    return [float(value) for value in np.sum(wishes * items, axis=1)]


def _threshold(dev: Sequence[Sample], scores: Sequence[float]) -> float:
    """The threshold with the highest mean of the F1 of the adversarial and of the ordinary part (with unrelated)."""
    if not dev:
        raise BaselineUnavailable("similarity needs the `dev` part of a benchmark to set its threshold (--dev PATH)")
    sides = np.array([part_of(sample.category) == "adversarial" for sample in dev])
    wanted, values = np.array([sample.label == "hide" for sample in dev]), np.array(scores)

    def quality(threshold: float) -> float:
        hidden = values >= threshold
        parts = [Arrays(wanted[side], hidden[side], values[side], values[side]) for side in (sides, ~sides)]
        return sum(f1(part) or 0.0 for part in parts)

    return float(max(np.unique(values), key=quality))


def item_only(samples: Sequence[Sample], dev: Sequence[Sample]) -> Judgement:
    return _half(samples, dev, shown_words)


def preference_only(samples: Sequence[Sample], dev: Sequence[Sample]) -> Judgement:
    return _half(samples, dev, said)


def _half(samples: Sequence[Sample], dev: Sequence[Sample], view: Callable[[Sample], str]) -> Judgement:
    """A linear classifier over words and their neighbours (TF-IDF), trained on `dev`. It refuses what it was trained on."""
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline, make_union
    except ImportError:
        raise BaselineUnavailable("needs scikit-learn (`make evaluate` installs it)") from None
    if not dev:
        raise BaselineUnavailable("needs the `dev` part of a benchmark to learn from (--dev PATH)")
    known = {sample.id for sample in dev}
    if any(sample.id in known for sample in samples):
        raise BaselineUnavailable("would be measured on what it has learned from")
    features = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, min_df=2),
    )
    model = make_pipeline(features, LogisticRegression(C=3.0, max_iter=1000, class_weight="balanced"))
    model.fit([view(sample) for sample in dev], [sample.label == "hide" for sample in dev])
    chances = model.predict_proba([view(sample) for sample in samples])[:, 1]
    return Judgement(tuple(Verdict(bool(chance >= 0.5), float(chance)) for chance in chances), {})


BASELINES: Mapping[str, Baseline] = {
    "hide_all": hide_all,
    "keyword": keyword,
    "similarity": similarity,
    "item_only": item_only,
    "preference_only": preference_only,
}


def as_rows(samples: Sequence[Sample], judgement: Judgement) -> list[Row]:
    """A yardstick's verdicts in the form that the metrics take; its certainty is not asked for."""
    return [
        Row(
            id=sample.id, category=sample.category, modality=sample.modality, pair=sample.pair, label=sample.label,
            hidden=verdict.hidden, score=verdict.score,
        )
        for sample, verdict in zip(samples, judgement.verdicts, strict=True)
    ]  # fmt: skip

"""Metrics of judgement, over arrays of one entry a sample, each with a bootstrap interval.

Every figure is None where it has no denominator. Intervals are 95 % percentile intervals (Efron and Tibshirani, 1993)
over 1,000 resamplings of whole groups of samples that belong together (`pair`), with a fixed seed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1_000
SEED = 20_260
RECALL_POINT = 0.80
BINS = 10
Part = Literal["adversarial", "ordinary", "unrelated", "other"]
ADVERSARIAL = (
    "purpose_shift", "use_mention", "homonym_figurative", "safe_context", "sibling_entity", "facet_vs_whole",
    "stance_tone", "support_vs_promotion", "visual_false_alarm", "cross_modal", "delta_exception_expiry", "evasion",
)  # fmt: skip
ORDINARY = ("ordinary_hit", "ordinary_neighbour")


def part_of(category: str) -> Part:
    """The part of a benchmark that a category belongs to; `other` for categories of other suites."""
    if category in ADVERSARIAL:
        return "adversarial"
    if category in ORDINARY:
        return "ordinary"
    return "unrelated" if category == "unrelated" else "other"


@dataclass(frozen=True)
class Row:
    """How one sample ended. `score` ranks, `certainty` is how sure the decision is (both 0..1)."""

    id: str
    category: str
    modality: str
    pair: str
    label: Literal["hide", "show"]
    hidden: bool
    score: float = 0.0
    certainty: float = 0.0
    grounded: bool = False
    overlaps: bool | None = None
    stage: str = ""
    seconds: float = 0.0
    llm_calls: int = 0

    @property
    def right(self) -> bool:
        return self.hidden == (self.label == "hide")


@dataclass(frozen=True)
class Arrays:
    """Rows as arrays of length n: `wanted` is whether the label says hide."""

    wanted: NDArray[np.bool_]
    hidden: NDArray[np.bool_]
    score: NDArray[np.float64]
    certainty: NDArray[np.float64]

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Arrays:
        return cls(
            np.array([row.label == "hide" for row in rows], dtype=bool),
            np.array([row.hidden for row in rows], dtype=bool),
            np.array([row.score for row in rows], dtype=float),
            np.array([row.certainty for row in rows], dtype=float),
        )

    def take(self, index: NDArray[np.int64]) -> Arrays:
        return Arrays(self.wanted[index], self.hidden[index], self.score[index], self.certainty[index])


Statistic = Callable[[Arrays], float | None]


def _share(part: float | np.signedinteger[Any], whole: float | np.signedinteger[Any]) -> float | None:
    return float(part / whole) if whole else None


def precision(a: Arrays) -> float | None:
    return _share(np.count_nonzero(a.wanted & a.hidden), np.count_nonzero(a.hidden))


def recall(a: Arrays) -> float | None:
    return _share(np.count_nonzero(a.wanted & a.hidden), np.count_nonzero(a.wanted))


def f1(a: Arrays) -> float | None:
    return _share(2 * np.count_nonzero(a.wanted & a.hidden), np.count_nonzero(a.wanted) + np.count_nonzero(a.hidden))


def false_positive_rate(a: Arrays) -> float | None:
    """Share of wanted items that were hidden."""
    return _share(np.count_nonzero(~a.wanted & a.hidden), np.count_nonzero(~a.wanted))


def false_discovery_rate(a: Arrays) -> float | None:
    """Share of hidden items that were wanted."""
    return _share(np.count_nonzero(~a.wanted & a.hidden), np.count_nonzero(a.hidden))


def area_under_curve(a: Arrays) -> float | None:
    """Area under the ROC curve of `score`: the probability that a hide outranks a show, ties counting half."""
    positive, negative = int(np.count_nonzero(a.wanted)), int(np.count_nonzero(~a.wanted))
    if not positive or not negative:
        return None
    _, place, sizes = np.unique(a.score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(sizes) - (sizes - 1) / 2)[place]
    return float((ranks[a.wanted].sum() - positive * (positive + 1) / 2) / (positive * negative))


def false_positive_rate_at_recall(a: Arrays) -> float | None:
    """False-positive rate at the highest threshold of `score` that reaches a recall of 0.80."""
    if not a.wanted.any() or a.wanted.all():
        return None
    needed = int(np.ceil(RECALL_POINT * np.count_nonzero(a.wanted) - 1e-9))
    threshold = np.sort(a.score[a.wanted])[::-1][needed - 1]
    return _share(np.count_nonzero(~a.wanted & (a.score >= threshold)), np.count_nonzero(~a.wanted))


def brier(a: Arrays) -> float | None:
    """Mean squared difference of certainty and being right (Brier, 1950)."""
    right = a.hidden == a.wanted
    return float(np.mean((a.certainty - right) ** 2)) if right.size else None


def expected_calibration_error(a: Arrays) -> float | None:
    """Weighted mean distance of certainty and accuracy in 10 bins of equal width (Naeini et al., 2015)."""
    bins = calibration_bins(a)
    total = sum(size for size, _, _ in bins)
    return sum(size * abs(certain - right) for size, certain, right in bins) / total if total else None


def calibration_bins(a: Arrays) -> list[tuple[int, float, float]]:
    """(samples, mean certainty, share right) of each bin that holds any."""
    which = np.minimum((a.certainty * BINS).astype(int), BINS - 1)
    right = a.hidden == a.wanted
    return [
        (int(inside.sum()), float(a.certainty[inside].mean()), float(right[inside].mean()))
        for inside in (which == b for b in range(BINS))
        if inside.any()
    ]


def risk_coverage(a: Arrays) -> list[tuple[float, float]]:
    """(coverage, error rate) when only the surest decisions count, surest first (El-Yaniv and Wiener, 2010)."""
    order = np.argsort(-a.certainty, kind="stable")
    wrong = (a.hidden != a.wanted)[order]
    n = wrong.size
    return [(float((i + 1) / n), float(wrong[: i + 1].mean())) for i in range(n)]


def roc(a: Arrays) -> list[tuple[float, float]]:
    """(false-positive rate, recall) at every threshold of `score`, highest first."""
    positive, negative = max(1, int(a.wanted.sum())), max(1, int((~a.wanted).sum()))
    points = [(0.0, 0.0)]
    for threshold in np.unique(a.score)[::-1]:
        caught = a.score >= threshold
        points.append(
            (
                float(np.count_nonzero(caught & ~a.wanted) / negative),
                float(np.count_nonzero(caught & a.wanted) / positive),
            )
        )
    return points


@dataclass(frozen=True)
class Figure:
    """A figure with the ends of its interval."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Summary:
    """The figures of one group of rows."""

    n: int
    hide: int
    precision: Figure
    recall: Figure
    f1: Figure
    false_positive_rate: Figure
    false_discovery_rate: Figure
    area_under_curve: Figure
    false_positive_rate_at_recall: Figure
    pair_accuracy: Figure


_STATISTICS: dict[str, Statistic] = {
    "precision": precision, "recall": recall, "f1": f1, "false_positive_rate": false_positive_rate,
    "false_discovery_rate": false_discovery_rate, "area_under_curve": area_under_curve,
    "false_positive_rate_at_recall": false_positive_rate_at_recall,
}  # fmt: skip


def summarise(rows: Sequence[Row], *, resamples: int = RESAMPLES) -> Summary:
    """All figures of these rows, with intervals."""
    arrays = Arrays.of(rows)
    groups = _groups(rows)
    drawn = [arrays.take(index) for index in _resampled(groups, resamples)]
    figures = {name: _figure(statistic, arrays, drawn) for name, statistic in _STATISTICS.items()}
    return Summary(n=len(rows), hide=int(arrays.wanted.sum()), pair_accuracy=_pairs(rows, resamples), **figures)


def _groups(rows: Sequence[Row]) -> list[NDArray[np.int64]]:
    places: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        places.setdefault(row.pair or row.id, []).append(place)
    return [np.array(found, dtype=np.int64) for found in places.values()]


def _resampled(groups: Sequence[NDArray[np.int64]], times: int) -> list[NDArray[np.int64]]:
    if not groups:
        return []
    generator = np.random.default_rng(SEED)
    return [np.concatenate([groups[i] for i in generator.integers(0, len(groups), len(groups))]) for _ in range(times)]


def _figure(statistic: Statistic, arrays: Arrays, drawn: Sequence[Arrays]) -> Figure:
    value = statistic(arrays)
    if value is None:
        return Figure(None)
    found = [v for sample in drawn if (v := statistic(sample)) is not None]
    return _with_interval(value, found)


def _with_interval(value: float, found: Sequence[float]) -> Figure:
    if not found:
        return Figure(value)
    low, high = np.percentile(found, [2.5, 97.5])
    return Figure(value, float(low), float(high))


def _pairs(rows: Sequence[Row], resamples: int) -> Figure:
    """Share of groups of look-alike samples that are right as a whole; groups of one are left out."""
    groups: dict[str, list[bool]] = {}
    for row in rows:
        if row.pair:
            groups.setdefault(row.pair, []).append(row.right)
    whole = np.array([all(right) for right in groups.values() if len(right) > 1], dtype=float)
    if not whole.size:
        return Figure(None)
    generator = np.random.default_rng(SEED)
    drawn = [float(whole[generator.integers(0, whole.size, whole.size)].mean()) for _ in range(resamples)]
    return _with_interval(float(whole.mean()), drawn)


def grounding(rows: Sequence[Row]) -> tuple[float | None, float | None]:
    """Of what was hidden: the share whose evidence is verbatim, and, of what was hidden rightly for stated words, the
    share whose evidence overlaps them."""
    hidden = [row for row in rows if row.hidden]
    said = [row for row in hidden if row.overlaps is not None]
    return _share(sum(r.grounded for r in hidden), len(hidden)), _share(sum(bool(r.overlaps) for r in said), len(said))


def as_plain(summary: Summary) -> dict[str, object]:
    """A summary as plain JSON: each figure as [value, low, high]."""
    plain: dict[str, object] = {}
    for field in fields(summary):
        value = getattr(summary, field.name)
        plain[field.name] = [value.value, value.low, value.high] if isinstance(value, Figure) else value
    return plain

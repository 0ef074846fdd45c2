"""Figures, checked against values worked out by hand or by the standard library of the field."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, f1_score, roc_auc_score

from agents.evaluation import metrics
from agents.evaluation.metrics import Arrays, Row, summarise


def row(
    number: int, label: str, hidden: bool, *, score: float = 0.0, pair: str = "", certainty: float = 0.5, **more: object
) -> Row:
    return Row(
        id=str(number), category="use_mention", modality="text", pair=pair, label=label, hidden=hidden, score=score,
        certainty=certainty, **more,  # type: ignore[arg-type]
    )  # fmt: skip


ROWS = [
    row(1, "hide", True, score=0.9, pair="a", certainty=0.9),
    row(2, "show", False, score=0.2, pair="a", certainty=0.8),
    row(3, "hide", False, score=0.4, pair="b", certainty=0.6),
    row(4, "show", True, score=0.5, pair="b", certainty=0.7),
    row(5, "show", False, score=0.1, pair="c", certainty=0.95),
]


def test_the_figures_of_a_small_case() -> None:
    found = summarise(ROWS, resamples=50)
    assert (found.n, found.hide) == (5, 2)
    assert found.precision.value == 0.5
    assert found.recall.value == 0.5
    assert found.f1.value == 0.5
    assert found.false_positive_rate.value == pytest.approx(1 / 3)
    assert found.false_discovery_rate.value == 0.5
    assert found.area_under_curve.value == pytest.approx(5 / 6)
    assert found.false_positive_rate_at_recall.value == pytest.approx(1 / 3)
    assert found.pair_accuracy.value == 0.5


def test_a_figure_without_a_denominator_is_none() -> None:
    nothing = summarise([row(1, "show", False)], resamples=5)
    assert nothing.precision.value is None
    assert nothing.recall.value is None
    assert nothing.area_under_curve.value is None
    assert nothing.pair_accuracy.value is None


def test_intervals_hold_the_figure_and_come_out_the_same_twice() -> None:
    rows = [row(n, "hide" if n % 3 == 0 else "show", n % 4 == 0, score=(n * 7 % 10) / 10) for n in range(90)]
    first, second = summarise(rows, resamples=200), summarise(rows, resamples=200)
    assert first == second
    assert first.f1.low is not None
    assert first.f1.high is not None
    assert first.f1.value is not None
    assert first.f1.low <= first.f1.value <= first.f1.high
    assert first.f1.low < first.f1.high


def test_samples_of_one_group_are_drawn_together() -> None:
    """With a single group every resampling is the whole, so that the interval has no width."""
    rows = [row(n, "hide" if n % 2 else "show", n % 3 == 0, pair="one") for n in range(12)]
    found = summarise(rows, resamples=20).f1
    assert found.low == found.high == found.value


labelled = st.lists(st.tuples(st.booleans(), st.floats(0, 1), st.floats(0, 1)), min_size=4, max_size=40).filter(
    lambda rows: len({wanted for wanted, _, _ in rows}) == 2
)


@given(labelled)
def test_they_agree_with_the_standard_library_of_the_field(rows: list[tuple[bool, float, float]]) -> None:
    wanted = np.array([r[0] for r in rows])
    score = np.array([r[1] for r in rows])
    certainty = np.array([r[2] for r in rows])
    arrays = Arrays(wanted, score >= 0.5, score, certainty)
    assert metrics.area_under_curve(arrays) == pytest.approx(roc_auc_score(wanted, score))
    if (score >= 0.5).any():
        assert metrics.f1(arrays) == pytest.approx(f1_score(wanted, score >= 0.5))
    right = (score >= 0.5) == wanted
    assert metrics.brier(arrays) == pytest.approx(brier_score_loss(right, certainty))


def test_calibration_is_perfect_where_certainty_is_the_share_that_is_right() -> None:
    rows = [row(n, "hide", n < 7, certainty=0.7) for n in range(10)]
    assert metrics.expected_calibration_error(Arrays.of(rows)) == pytest.approx(0, abs=1e-9)
    sure = [row(n, "hide", n < 7, certainty=1.0) for n in range(10)]
    assert metrics.expected_calibration_error(Arrays.of(sure)) == pytest.approx(0.3)


def test_risk_and_coverage_begin_with_the_surest() -> None:
    curve = metrics.risk_coverage(Arrays.of(ROWS))
    assert curve[0] == (0.2, 0.0)
    assert curve[-1] == (1.0, pytest.approx(0.4))


def test_the_false_positive_rate_at_a_recall_takes_ties_whole() -> None:
    rows = [row(n, "hide", False, score=0.5) for n in range(5)] + [row(9, "show", False, score=0.5)]
    assert metrics.false_positive_rate_at_recall(Arrays.of(rows)) == 1.0


def test_grounding_counts_what_was_hidden_alone() -> None:
    rows = [
        row(1, "hide", True, grounded=True, overlaps=True),
        row(2, "hide", True, grounded=False, overlaps=False),
        row(3, "show", True, grounded=True),
        row(4, "show", False),
    ]
    assert metrics.grounding(rows) == (pytest.approx(2 / 3), 0.5)


@pytest.mark.parametrize(
    ("category", "part"),
    [("evasion", "adversarial"), ("ordinary_hit", "ordinary"), ("unrelated", "unrelated"), ("slur_h", "other")],
)
def test_every_category_has_its_part(category: str, part: str) -> None:
    assert metrics.part_of(category) == part


def test_the_curve_ends_where_everything_is_hidden() -> None:
    points = metrics.roc(Arrays.of(ROWS))
    assert points[0] == (0.0, 0.0)
    assert points[-1] == (1.0, 1.0)
    assert all(math.isfinite(x) and math.isfinite(y) for x, y in points)

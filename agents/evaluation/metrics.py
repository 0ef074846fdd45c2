"""Metrics of judgement over rows of (label, hidden)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Row:
    """How one sample ended."""

    id: str
    category: str
    modality: str
    label: Literal["hide", "show"]
    hidden: bool
    grounded: bool


@dataclass(frozen=True)
class Counts:
    """Confusion counts; the shares are None where they have no denominator."""

    hidden_rightly: int
    hidden_wrongly: int
    shown_rightly: int
    shown_wrongly: int

    @property
    def precision(self) -> float | None:
        return _share(self.hidden_rightly, self.hidden_rightly + self.hidden_wrongly)

    @property
    def recall(self) -> float | None:
        return _share(self.hidden_rightly, self.hidden_rightly + self.shown_wrongly)

    @property
    def false_positive_rate(self) -> float | None:
        return _share(self.hidden_wrongly, self.hidden_wrongly + self.shown_rightly)

    @property
    def f1(self) -> float | None:
        return _share(2 * self.hidden_rightly, 2 * self.hidden_rightly + self.hidden_wrongly + self.shown_wrongly)


def count(rows: Sequence[Row]) -> Counts:
    """Confusion counts of these rows."""

    def number(label: str, hidden: bool) -> int:
        return sum(row.label == label and row.hidden == hidden for row in rows)

    return Counts(number("hide", True), number("show", True), number("show", False), number("hide", False))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None

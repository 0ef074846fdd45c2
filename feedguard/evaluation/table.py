"""The figures as tables of text, in Markdown, so that the screen's and the documentation's are the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

FIGURES = (
    ("F1", "f1"),
    ("precision", "precision"),
    ("recall", "recall"),
    ("wanted hidden", "false_positive_rate"),
    ("wanted hidden at recall 0.8", "false_positive_rate_at_recall"),
    ("AUC", "area_under_curve"),
    ("pairs right", "pair_accuracy"),
)
Plain = dict[str, Any]


def side_by_side(part: str, systems: Sequence[tuple[str, Plain]]) -> str:
    """One row a system, for one part of the benchmark."""
    rows = []
    for name, figures in systems:
        if part in figures:
            rows.append([name, *_cells(figures[part])])
    first = next((f[part] for _, f in systems if part in f), None)
    title = f"**{part}**" + (f" (n {first['n']}, {first['hide']} to hide)" if first else "")
    return _table([title, *(name for name, _ in FIGURES)], rows)


def by_group(title: str, groups: dict[str, Plain]) -> str:
    """One row a category or modality, for FeedGuard alone."""
    rows = [[name, str(found["n"]), str(found["hide"]), *_cells(found)] for name, found in groups.items()]
    return _table([title, "n", "to hide", *(name for name, _ in FIGURES)], rows)


def _cells(summary: Plain) -> list[str]:
    return [_figure(summary[key]) for _, key in FIGURES]


def _figure(figure: Sequence[float | None]) -> str:
    value, low, high = figure
    if value is None:
        return "–"
    return f"{value:.2f}" if low is None or high is None else f"{value:.2f} [{low:.2f}, {high:.2f}]"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    full = list(rows)
    widths = [max(len(line[i]) for line in [head, *full]) for i in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"

    return "\n".join([line(head), "|" + "|".join("-" * (width + 2) for width in widths) + "|", *map(line, full)])


def summary_lines(metrics: Plain) -> list[str]:
    """What is measured of FeedGuard alone, a line each."""
    stages = ", ".join(f"{name} {share:.0%}" for name, share in metrics["stages"].items())
    return [
        f"evidence verbatim: {_share(metrics['grounding']['verbatim'])} of what was hidden; "
        f"overlaps the stated words: {_share(metrics['grounding']['overlaps_because'])}",
        f"certainty: Brier score {metrics['brier']:.3f}, expected calibration error "
        f"{metrics['expected_calibration_error']:.3f}",
        f"decided at: {stages}",
        f"time: {metrics['seconds_an_item'] * 1000:.1f} ms an item; {metrics['llm_calls_an_item']:.2f} LLM calls an item",
    ]


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"

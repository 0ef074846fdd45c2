"""The evaluation as one page to read: tables, curves, and every wrong sample with what led to it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from feedguard.dashboard.marking import marked
from feedguard.evaluation import report
from feedguard.evaluation.judging import Judged, facts_of

SIZE = 240
"""Side of a chart, in the units of its SVG."""


def write_page(path: Path, whole: dict[str, Any], judged: Sequence[Judged]) -> None:
    """Write a page that needs nothing beside it."""
    metrics = whole["metrics"]
    wrong = [one for one in judged if not one.row().right]
    context = {
        "whole": whole,
        "metrics": metrics,
        "parts": [
            (part, [(name, found[part]) for name, found in _systems(whole) if part in found])
            for part in report.PARTS
            if part in metrics
        ],
        "skipped": [(name, found["skipped"]) for name, found in _systems(whole) if "skipped" in found],
        "categories": list(metrics["by_category"].items()),
        "confusion": {part: _confusion(found) for part, found in report.by_part([j.row() for j in judged]).items()},
        "roc": [(part, _polyline(points)) for part, points in metrics["roc"].items()],
        "risk": _polyline(metrics["risk_coverage"]),
        "calibration": [
            (certain * SIZE, SIZE - right * SIZE, 3 + 12 * size / len(judged), size)
            for size, certain, right in metrics["calibration"]
        ],
        "size": SIZE,
        "wrong": [_wrong(one) for one in sorted(wrong, key=lambda j: (j.sample.category, j.sample.pair, j.sample.id))],
        "judged": len(judged),
    }
    path.write_text(render_to_string("evaluation/report.html", context), encoding="utf-8")


def _systems(whole: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [("FeedGuard", whole["metrics"]), *whole["baselines"].items()]


def _confusion(rows: Sequence[Any]) -> dict[str, int]:
    def number(label: str, hidden: bool) -> int:
        return sum(row.label == label and row.hidden == hidden for row in rows)

    return {
        "hidden_rightly": number("hide", True), "shown_wrongly": number("hide", False),
        "hidden_wrongly": number("show", True), "shown_rightly": number("show", False),
    }  # fmt: skip


def _polyline(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x * SIZE:.1f},{SIZE - y * SIZE:.1f}" for x, y in points)


def _wrong(one: Judged) -> dict[str, Any]:
    evidence = [found.model_dump() for found in one.outcome.evidence]
    return {
        "sample": one.sample,
        "title": marked(one.item.title, evidence, "title"),
        "text": marked(one.item.text, evidence, "text"),
        "picture": _picture(one.sample.image_path),
        "outcome": one.outcome,
        "rulings": one.outcome.rulings,
        "facts": facts_of(one),
        "refused": one.refused,
    }


def _picture(path: Path | None) -> str:
    """A data address, so that the page can be handed on as one file."""
    return "" if path is None else f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"

"""The figures of one evaluation: FeedGuard and the yardsticks on the same samples, as plain JSON."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from agents.errors import ModelUnavailable
from agents.evaluation.baselines import BASELINES, Baseline, BaselineUnavailable, as_rows
from agents.evaluation.metrics import (
    Arrays,
    Row,
    as_plain,
    brier,
    calibration_bins,
    expected_calibration_error,
    grounding,
    part_of,
    risk_coverage,
    roc,
    summarise,
)
from agents.evaluation.samples import Sample
from agents.evaluation.text_llm import text_llm
from feedguard import runtime
from feedguard.evaluation.judging import Judged

PARTS = ("adversarial", "ordinary", "unrelated", "other")


@dataclass(frozen=True)
class Measured:
    """One system's rows; `settings` is what was set on `dev`, `skipped` why a yardstick could not be measured."""

    name: str
    rows: tuple[Row, ...]
    settings: Mapping[str, float]
    seconds: float = 0.0
    skipped: str = ""


def baselines() -> dict[str, Baseline]:
    """All yardsticks by name."""
    return {**BASELINES, "text_llm": lambda samples, dev: text_llm(samples, dev, chat=runtime.chat())}


def measure_baselines(
    names: Sequence[str], samples: Sequence[Sample], dev: Sequence[Sample], progress: Callable[[str], None]
) -> list[Measured]:
    """Each yardstick's rows on these samples; one that cannot be measured says why."""
    found = []
    for name in names:
        progress(f"measuring {name}")
        started = time.perf_counter()
        try:
            judgement = baselines()[name](samples, dev)
        except (BaselineUnavailable, ModelUnavailable) as error:
            found.append(Measured(name, (), {}, skipped=str(error)))
            continue
        rows = tuple(as_rows(samples, judgement))
        found.append(Measured(name, rows, judgement.settings, time.perf_counter() - started))
    return found


def by_part(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Rows by part of the benchmark; `ordinary` holds the unrelated crossings too, which also stand by themselves."""
    parts: dict[str, list[Row]] = {name: [] for name in PARTS}
    for row in rows:
        part = part_of(row.category)
        parts[part].append(row)
        if part == "unrelated":
            parts["ordinary"].append(row)
    return {name: found for name, found in parts.items() if found}


def by_key(rows: Sequence[Row], key: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda r: str(getattr(r, key))):
        groups.setdefault(str(getattr(row, key)), []).append(row)
    return groups


def figures(measured: Measured) -> dict[str, Any]:
    """All figures of one system."""
    if measured.skipped:
        return {"skipped": measured.skipped}
    rows = measured.rows
    return {
        "overall": as_plain(summarise(rows)),
        **{part: as_plain(summarise(found)) for part, found in by_part(rows).items()},
        "by_category": {name: as_plain(summarise(found)) for name, found in by_key(rows, "category").items()},
        "by_modality": {name: as_plain(summarise(found)) for name, found in by_key(rows, "modality").items()},
        "settings": dict(measured.settings),
        "seconds": round(measured.seconds, 3),
    }


def engine_figures(rows: Sequence[Row]) -> dict[str, Any]:
    """What is measured of FeedGuard alone: grounding, calibration, stages, time."""
    arrays = Arrays.of(rows)
    verbatim, overlapping = grounding(rows)
    return {
        "grounding": {"verbatim": verbatim, "overlaps_because": overlapping},
        "brier": brier(arrays),
        "expected_calibration_error": expected_calibration_error(arrays),
        "calibration": calibration_bins(arrays),
        "risk_coverage": risk_coverage(arrays),
        "roc": {
            part: roc(Arrays.of(found)) for part, found in by_part(rows).items() if len({r.label for r in found}) > 1
        },
        "stages": {name: len(found) / len(rows) for name, found in by_key(rows, "stage").items()},
        "seconds_an_item": fmean(row.seconds for row in rows),
        "llm_calls_an_item": fmean(row.llm_calls for row in rows),
    }


def as_json(
    files: Sequence[str], engine: str, ablated: Sequence[str], judged: Sequence[Judged], measured: Sequence[Measured]
) -> dict[str, Any]:
    """The whole report. `measured` holds FeedGuard first, then the yardsticks."""
    own, *others = measured
    return {
        "files": list(files),
        "engine": engine,
        "ablated": list(ablated),
        "models": judged[0].outcome.models if judged else {},
        "metrics": {**figures(own), **engine_figures(own.rows)} if judged else {},
        "baselines": {other.name: figures(other) for other in others},
        "samples": [_sample(one) for one in judged],
    }


def _sample(one: Judged) -> dict[str, Any]:
    evidence = [
        {"field": "image", "box": found.box, "quote": found.quote}
        if found.field == "image"
        else {"field": found.field, "start": found.start, "end": found.end, "quote": found.quote}
        for found in one.outcome.evidence
    ]
    return {
        "id": one.sample.id, "label": one.sample.label, "action": one.outcome.action, "hidden": one.hidden,
        "certainty": one.outcome.certainty, "score": one.outcome.score, "stage": one.outcome.stage,
        "reason": one.outcome.reason, "evidence": evidence, "seconds": round(one.seconds, 4), "llm_calls": 0,
    }  # fmt: skip

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agents.evaluation.metrics import Row, count
from agents.evaluation.samples import SampleError, read_samples
from feedguard.evaluation.judging import Judged, judge_samples


class Command(BaseCommand):
    help = "Judge samples in benchmark form by the product's own path and print how that went, errors included."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--json", type=Path, metavar="OUT", help="write metrics and one row a sample")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            samples = [sample for path in options["paths"] for sample in read_samples(path)]
        except (SampleError, OSError) as error:
            raise CommandError(str(error)) from None
        judged = list(judge_samples(samples))
        rows = [one.row() for one in judged]
        for name, chosen in _groups(rows).items():
            self.stdout.write(_line(name, chosen))
        wrong = [one for one in judged if one.hidden != (one.sample.label == "hide")]
        self.stdout.write(f"\n{len(wrong)} of {len(judged)} wrong:")
        for one in wrong:
            self.stdout.write(f"  {one.sample.id:24} {one.sample.category:22} {one.outcome.action:5} {_short(one)}")
        if options["json"]:
            options["json"].write_text(json.dumps(_report(options["paths"], judged, rows), indent=1))


def _groups(rows: list[Row]) -> dict[str, list[Row]]:
    groups = {"all": rows}
    for row in sorted(rows, key=lambda r: (r.modality, r.category)):
        groups.setdefault(f"modality {row.modality}", []).append(row)
    for row in sorted(rows, key=lambda r: r.category):
        groups.setdefault(row.category, []).append(row)
    return groups


def _figure(value: float | None) -> str:
    return "   –" if value is None else f"{value:4.2f}"


def _line(name: str, rows: list[Row]) -> str:
    found = count(rows)
    hidden = [row for row in rows if row.hidden]
    grounded = sum(row.grounded for row in hidden) / len(hidden) if hidden else None
    return (
        f"{name:24} n {len(rows):4}  F1 {_figure(found.f1)}  precision {_figure(found.precision)}  "
        f"recall {_figure(found.recall)}  false positives {_figure(found.false_positive_rate)}  "
        f"grounded {_figure(grounded)}"
    )


def _short(one: Judged) -> str:
    return (one.sample.item.title or one.sample.item.text)[:70]


def _report(paths: list[Path], judged: list[Judged], rows: list[Row]) -> dict[str, Any]:
    found = count(rows)
    return {
        "files": [str(path) for path in paths],
        "engine": "local",
        "models": judged[0].outcome.models if judged else {},
        "metrics": {
            "f1": found.f1,
            "precision": found.precision,
            "recall": found.recall,
            "false_positive_rate": found.false_positive_rate,
        },
        "samples": [
            {
                "id": one.sample.id,
                "label": one.sample.label,
                "action": one.outcome.action,
                "hidden": one.hidden,
                "certainty": one.outcome.certainty,
                "score": one.outcome.score,
                "stage": one.outcome.stage,
                "reason": one.outcome.reason,
                "evidence": [found.model_dump(mode="json", exclude_none=True) for found in one.outcome.evidence],
                "seconds": round(one.seconds, 4),
                "llm_calls": 0,
            }
            for one in judged
        ],
    }

import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from agents.evaluation.samples import DEFAULT_NOW, Sample, SampleError, read_samples
from agents.pipeline import ABLATIONS
from feedguard.evaluation import report, table
from feedguard.evaluation.judging import Judged, judge_samples
from feedguard.evaluation.page import write_page
from feedguard.evaluation.scratch import SetClock, scratch_product

DEV = settings.ROOT / "tests" / "data" / "benchmark" / "dev.jsonl"


class Command(BaseCommand):
    help = "Judge samples in benchmark form by the product's own path, beside the yardsticks, and print the figures."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--engine", choices=["local", "llm"], default="local", help="which engine judges")
        parser.add_argument("--baseline", nargs="*", default=[], choices=list(report.baselines()), metavar="NAME",
                            help=f"yardsticks measured beside it: {', '.join(report.baselines())}")  # fmt: skip
        parser.add_argument("--dev", type=Path, default=DEV, help="samples on which yardsticks are tuned or trained")
        parser.add_argument("--ablate", nargs="*", default=[], choices=ABLATIONS, metavar="STAGE",
                            help=f"stages left out: {', '.join(ABLATIONS)}")  # fmt: skip
        parser.add_argument("--category", nargs="*", metavar="NAME", help="judge these categories alone")
        parser.add_argument("--limit", type=int, metavar="N", help="judge the first N samples alone")
        parser.add_argument("--skip-bad", action="store_true", help="pass over lines that cannot be used, and count")
        parser.add_argument("--json", type=Path, metavar="OUT", help="write metrics and one row a sample")
        parser.add_argument("--html", type=Path, metavar="OUT", help="write a page with curves and every wrong sample")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["engine"] == "llm":
            raise CommandError("The engine with a language model is not part of this version; --engine local judges.")
        samples = self._read(options["paths"], skip_bad=options["skip_bad"])
        if options["category"]:
            samples = [sample for sample in samples if sample.category in options["category"]]
        samples = samples[: options["limit"]]
        if not samples:
            raise CommandError("There are no samples to judge.")
        dev = self._read([options["dev"]], skip_bad=False) if options["baseline"] and options["dev"].is_file() else []
        clock = SetClock(DEFAULT_NOW)
        with scratch_product(clock, ablated=options["ablate"]):
            judged = self._judge(samples, clock)
            own = report.Measured("FeedGuard", tuple(one.row() for one in judged), {}, sum(j.seconds for j in judged))
            others = report.measure_baselines(options["baseline"], samples, dev, self._progress)
            whole = report.as_json(
                [str(path) for path in options["paths"]], options["engine"], options["ablate"], judged, [own, *others]
            )
            self._print(whole, judged)
            if options["json"]:
                options["json"].write_text(json.dumps(whole, indent=1))
            if options["html"]:
                write_page(options["html"], whole, judged)

    def _read(self, paths: Sequence[Path], *, skip_bad: bool) -> list[Sample]:
        problems: list[SampleError] | None = [] if skip_bad else None
        try:
            samples = list(read_samples(paths, problems=problems))
        except SampleError as error:
            raise CommandError(str(error)) from None
        for problem in problems or ():
            self.stderr.write(f"passed over: {problem}")
        if problems:
            self.stderr.write(f"{len(problems)} lines were passed over.")
        return samples

    def _judge(self, samples: Sequence[Sample], clock: SetClock) -> list[Judged]:
        judged = []
        for one in judge_samples(samples, clock):
            judged.append(one)
            if len(judged) % 25 == 0 or len(judged) == len(samples):
                self._progress(f"judged {len(judged)} of {len(samples)}")
        return judged

    def _progress(self, line: str) -> None:
        """One line that is written over on a screen; every line where the output is a file."""
        if sys.stderr.isatty():
            self.stderr.write(f"\r\x1b[K{line}", ending="")
        else:
            self.stderr.write(line)

    def _print(self, whole: dict[str, Any], judged: Sequence[Judged]) -> None:
        if sys.stderr.isatty():
            self.stderr.write("\r\x1b[K", ending="")
        metrics = whole["metrics"]
        systems = [("FeedGuard", metrics), *whole["baselines"].items()]
        if whole["ablated"]:
            self.stdout.write(f"Ablated: {', '.join(whole['ablated'])}\n")
        for part in ("overall", *report.PARTS):
            if part in metrics:
                self.stdout.write(table.side_by_side(part, systems) + "\n\n")
        for name, found in whole["baselines"].items():
            if "skipped" in found:
                self.stdout.write(f"{name} was skipped: {found['skipped']}")
        self.stdout.write(table.by_group("category", metrics["by_category"]) + "\n\n")
        self.stdout.write(table.by_group("modality", metrics["by_modality"]) + "\n\n")
        for line in table.summary_lines(metrics):
            self.stdout.write(line)
        wrong = sum(not one.row().right for one in judged)
        refused = sum(bool(one.refused) for one in judged)
        self.stdout.write(f"{wrong} of {len(judged)} wrong; {refused} with words that the parser refused")

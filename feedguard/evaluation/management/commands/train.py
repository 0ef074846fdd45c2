import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agents.evaluation.samples import SampleError, read_samples
from agents.training.augmentation import made_from
from agents.training.corpus import CorpusError, read_corpus, read_rewordings
from agents.training.cross_encoder import TrainingError
from agents.training.quick import learning_curve
from feedguard.evaluation.management.commands.evaluate import DEV


class Command(BaseCommand):
    help = "Train on the corpus. --quick: a cross-encoder on parts of it, and its learning curve."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quick", action="store_true", required=True, help="measure the learning curve")
        parser.add_argument("--encoder", default="BAAI/bge-small-en-v1.5", help="a transformers folder or a hub's name")
        parser.add_argument("--shares", nargs="+", type=int, default=[25, 50, 100], metavar="PERCENT")
        parser.add_argument("--augmented", action="store_true", help="learn also from what is made from the corpus")
        parser.add_argument("--dev", type=Path, default=DEV, help="the benchmark's dev part")
        parser.add_argument("--folder", type=Path, default=Path("build/train"), help="where checkpoints and results go")

    def handle(self, *args: Any, **options: Any) -> None:
        if not all(1 <= share <= 100 for share in options["shares"]):
            raise CommandError("--shares: percentages from 1 to 100")
        try:
            corpus, dev = read_corpus(), list(read_samples([options["dev"]]))
            made = made_from(corpus, read_rewordings(corpus.wishes)) if options["augmented"] else None
        except (CorpusError, SampleError) as error:
            raise CommandError(str(error)) from None
        try:
            import torch  # noqa: F401 – said here once, rather than in the midst of the work
        except ImportError:
            raise CommandError("Training needs torch: make train-tools") from None
        found = []
        try:
            for point in learning_curve(
                corpus, dev, encoder=options["encoder"], shares=options["shares"], made=made,
                folder=options["folder"], progress=self.stderr.write,
            ):  # fmt: skip
                found.append({"share": point.share, "examples": point.examples, "areas": point.areas})
                self.stdout.write(f"{point.share} % of the corpus, {point.examples} examples")
                for name, area in point.areas.items():
                    self.stdout.write(f"  {name:40} " + ("–" if area is None else f"{area:.3f}"))
                (options["folder"] / "curve.json").write_text(json.dumps(found, indent=1))
        except (TrainingError, OSError) as error:
            raise CommandError(str(error)) from None

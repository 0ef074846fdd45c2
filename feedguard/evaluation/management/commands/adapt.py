import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agents.evaluation.adapters import FORMS
from agents.evaluation.samples import SampleError


class Command(BaseCommand):
    help = "Turn the file of a public suite, or a CSV of preference, text and label, into samples in benchmark form."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("form", choices=list(FORMS))
        parser.add_argument("path", type=Path, help="the suite's own file")
        parser.add_argument("out", type=Path, help="where to write JSON Lines")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            samples = list(FORMS[options["form"]](options["path"]))
        except SampleError as error:
            raise CommandError(str(error)) from None
        lines = [json.dumps(sample, ensure_ascii=False) + "\n" for sample in samples]
        options["out"].write_text("".join(lines), encoding="utf-8")
        self.stdout.write(
            f"{len(samples)} samples in {options['out']}. Measure them: manage.py evaluate {options['out']}"
        )

import datetime as dt
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agents.parse.reading import ParsedWish
from agents.parse.sentence import parse
from agents.training.augmentation import reworded
from agents.training.corpus import CorpusError, read_corpus, read_rewordings
from agents.training.parsing import measure

NOW = dt.datetime(2026, 1, 15, 12, tzinfo=dt.UTC)


class Command(BaseCommand):
    help = "Compare how sentences are understood with the corpus' parse by hand: its wishes, and the same reworded."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures to this file too")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            corpus = read_corpus()
            again = list(reworded(corpus, read_rewordings(corpus.wishes)))
        except CorpusError as error:
            raise CommandError(str(error)) from None
        found = {"wishes": measure(_parse, corpus.wishes.values()), "reworded": measure(_parse, again)}
        self.stdout.write(f"{'':42}" + "".join(f"{name:>24}" for name in found))
        for line in found["wishes"]:
            self.stdout.write(f"{line:42}" + "".join(f"{part[line]!s:>24}" for part in found.values()))
        if options["json"]:
            figures = {name: {line: [s.part, s.whole] for line, s in part.items()} for name, part in found.items()}
            options["json"].write_text(json.dumps(figures, indent=1))


def _parse(say: str) -> ParsedWish:
    return parse(say, now=NOW, time_zone="UTC")

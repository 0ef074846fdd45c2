import datetime as dt
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


def _parse(say: str) -> ParsedWish:
    return parse(say, now=NOW, time_zone="UTC")

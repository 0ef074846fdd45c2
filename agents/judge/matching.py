"""Whether the words of an element stand in an item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agents.lexicon import class_of
from agents.types import Evidence, Fact, Field_, Item
from agents.words import Token, content_words, tokens
from graph.types import Element

FIELDS: tuple[Field_, ...] = ("title", "text", "alt", "author")
WINDOW = 12
"""Words of one element stand at most this many words apart."""


@dataclass(frozen=True)
class Reading:
    """The words of an item by field, read once for all wishes."""

    item: Item
    facts: Sequence[Fact]
    fields: dict[Field_, list[Token]]

    @classmethod
    def of(cls, item: Item, facts: Sequence[Fact]) -> Reading:
        return cls(item, facts, {field: tokens(item.field(field)) for field in FIELDS})

    def evidence(self, field: Field_, token: Token) -> Evidence:
        quote = self.item.field(field)[token.start : token.end]
        return Evidence(field=field, start=token.start, end=token.end, quote=quote)


def match_element(reading: Reading, element: Element) -> tuple[float, tuple[Evidence, ...]]:
    """How far an element holds (1 is wholly; less is the share of its words), with the evidence of it."""
    if (found := class_of(element.value)) is not None:
        kind, name = found
        for fact in reading.facts:
            if (fact.kind, fact.value) == (kind, name) and fact.evidence:
                return 1.0, fact.evidence
        return 0.0, ()
    return match_words(reading, content_words(element.value) or tokens(element.value))


def match_words(reading: Reading, wanted: Sequence[Token]) -> tuple[float, tuple[Evidence, ...]]:
    """The best place in any field where these words stand near each other, in any order and form."""
    best: tuple[float, tuple[Evidence, ...]] = (0.0, ())
    needed = [word.stems for word in wanted]
    for field, found in reading.fields.items():
        hits = [(i, n) for i, token in enumerate(found) for n, stems in enumerate(needed) if token.stems & stems]
        for at, _ in hits:
            near: dict[int, int] = {}
            for i, n in hits:
                if at <= i < at + WINDOW:
                    near.setdefault(n, i)
            share = len(near) / len(needed)
            if share > best[0]:
                best = share, tuple(reading.evidence(field, found[i]) for i in sorted(set(near.values())))
    return best

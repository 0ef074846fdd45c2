"""The first advocate of the other side: it knows a few signs that an item speaks about a thing.

It speaks only for wishes that state an act, form or feeling: a wish that names a mere subject ("spiders") is
met by every way of speaking of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from agents.lexicon import class_of
from agents.types import Fact, Ruling
from graph.snapshot import Wish

SIGNS = {
    ("act", "warn"): "it warns",
    ("act", "report"): "it reports",
    ("act", "mock"): "it mocks",
    ("act", "help"): "it helps",
    ("stance", "criticises"): "it criticises",
    ("stance", "quotes"): "it quotes",
    ("stance", "plays"): "it plays",
}
OUTWEIGHED_BY = {("act", "sell")}
"""What sells is not disputed away by a borrowed study or a warning tone."""


def dispute(ruling: Ruling, wish: Wish, facts: Sequence[Fact]) -> Ruling:
    """The ruling, or an unclear one where an item shows signs of speaking about the thing."""
    stated = {class_of(element.value) for element in wish.elements if element.stated} - {None}
    perceived = {(fact.kind, fact.value) for fact in facts}
    wants_selling = ("act", "sell") in stated
    if ruling.verdict != "violated" or not stated or (wants_selling and _strong(facts)):
        return ruling
    signs = [words for key, words in SIGNS.items() if key in perceived and key not in stated]
    if not signs:
        return ruling
    note = f"It may only speak about this: {', '.join(signs)}."
    return ruling.model_copy(
        update={"verdict": "unclear", "score": 0.45, "certainty": 0.5, "stage": "dispute", "note": note}
    )


def _strong(facts: Sequence[Fact]) -> bool:
    """Whether at least two different places sell."""
    return any((fact.kind, fact.value) in OUTWEIGHED_BY and len(fact.evidence) >= 2 for fact in facts)

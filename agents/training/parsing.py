"""How a parser reads the corpus' wishes, against the parse by hand.

Words are compared by their stems, without stop words: a parser need not word an element as a person would, but it
must not lose what was said, nor take a reason, an exception or a limit for a part of what is avoided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from agents.errors import ParseRefused
from agents.parse.reading import ParsedWish
from agents.training.corpus import CorpusWish
from agents.words import content_words
from graph.types import Element


@dataclass(frozen=True)
class Share:
    """`part` of `whole`."""

    part: int
    whole: int

    def __str__(self) -> str:
        return f"{self.part:,} of {self.whole:,}" + (f" ({self.part / self.whole:.1%})" if self.whole else "")


def measure(parse: Callable[[str], ParsedWish], wishes: Iterable[CorpusWish]) -> dict[str, Share]:
    """What of the wishes the parser reads as the hand did, by name. A wish that it refuses is read as nothing.

    Wishes with later words are left out: their parse by hand is of more than one sentence of its own.
    """
    rows = [(wish, _parsed(parse, wish.say)) for wish in wishes if not wish.later]
    return {
        "wishes read at all": _share(read is not None for _, read in rows),
        "avoided or welcomed, told rightly": _share(
            (wish.polarity == "welcome") == any(facet.polarity == "welcome" for facet in read.facets)
            for wish, read in rows
            if read is not None
        ),
        **_elements([(wish, [] if read is None else [facet.elements for facet in read.facets]) for wish, read in rows]),
        **_presence("exception", [(bool(wish.exceptions), bool(read and read.exceptions)) for wish, read in rows]),
        **_presence("limit", [(bool(wish.scope), bool(read and read.scope)) for wish, read in rows]),
    }


def _parsed(parse: Callable[[str], ParsedWish], say: str) -> ParsedWish | None:
    try:
        return parse(say)
    except ParseRefused:
        return None


def _elements(rows: Sequence[tuple[CorpusWish, Sequence[Sequence[Element]]]]) -> dict[str, Share]:
    found, right_role, belonging, pure = [], [], [], []
    for wish, facets in rows:
        by_hand = _stems(element.value for element in wish.elements)
        read = [element for facet in facets for element in facet]
        belonging += [stem in by_hand for stem in _stems(element.value for element in read)]
        pure.append(any(_stems(element.value for element in facet) <= by_hand for facet in facets))
        for element in wish.elements:
            if element.stated:
                words = _stems([element.value])
                roles = {other.role for other in read if words & _stems([other.value])}
                found.append(bool(roles))
                right_role += [element.role in roles] if roles else []
    return {
        "stated elements found by a word": _share(found),
        "of those, with the same role": _share(right_role),
        "words read that belong to an element": _share(belonging),
        "wishes with a form of such words alone": _share(pure),
    }


def _presence(name: str, rows: Sequence[tuple[bool, bool]]) -> dict[str, Share]:
    return {
        f"{name}s found where there are some": _share(read for there, read in rows if there),
        f"{name}s read where there are some": _share(there for there, read in rows if read),
    }


def _share(values: Iterable[bool]) -> Share:
    held = list(values)
    return Share(sum(held), len(held))


def _stems(texts: Iterable[str]) -> frozenset[str]:
    return frozenset().union(*(token.stems for text in texts for token in content_words(text)))

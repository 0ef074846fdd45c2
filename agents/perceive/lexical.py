"""The first perceiver: facts by the cues of a small lexicon. It reads text only, and English only."""

from __future__ import annotations

from typing import cast

from agents.lexicon import LEXICON_VERSION, find_cues, find_patterns
from agents.types import Evidence, Fact, FactKind, Field_, Item
from agents.words import tokens

FIELDS: tuple[Field_, ...] = ("title", "text", "alt")
CONFIDENCE = 0.6
"""One cue says little; the figure is a convention of this perceiver, not a calibrated probability."""


class LexicalPerceiver:
    """Perceiver by word lists."""

    version = f"lexical-{LEXICON_VERSION}"

    def perceive(self, item: Item) -> tuple[Fact, ...]:
        """Facts of an item, ordered by kind and value; the evidence of each in reading order."""
        found: dict[tuple[str, str], list[Evidence]] = {}
        for field in FIELDS:
            text = item.field(field)
            for cue, start, end in find_cues(tokens(text)):
                place = Evidence(field=field, start=start, end=end, quote=text[start:end])
                found.setdefault((cue.kind, cue.name), []).append(place)
            for kind, name, start, end in find_patterns(text):
                place = Evidence(field=field, start=start, end=end, quote=text[start:end])
                found.setdefault((kind, name), []).append(place)
        return tuple(
            Fact(kind=cast(FactKind, kind), value=value, evidence=tuple(places[:8]), confidence=CONFIDENCE)
            for (kind, value), places in sorted(found.items())
        )

"""Verify: every quote stands verbatim at its place, or the ruling loses its force."""

from __future__ import annotations

import unicodedata

from agents.types import ElementRuling, Evidence, Item, Ruling


def verify(item: Item, ruling: Ruling) -> Ruling:
    """The ruling with only the evidence that stands. A violated one that lost a stated element is unclear."""
    elements = tuple(_verified(item, element) for element in ruling.elements)
    shield = tuple(e for e in ruling.exception_evidence if stands(item, e))
    checked = ruling.model_copy(update={"elements": elements, "exception_evidence": shield})
    stated = [element for element in elements if element.stated]
    if ruling.verdict == "violated" and not (stated and all(e.holds == "yes" and e.evidence for e in stated)):
        note = "The evidence could not be verified."
        return checked.model_copy(
            update={"verdict": "unclear", "stage": "verify", "note": note, "score": min(ruling.score, 0.4)}
        )
    return checked


def _verified(item: Item, element: ElementRuling) -> ElementRuling:
    return element.model_copy(update={"evidence": tuple(e for e in element.evidence if stands(item, e))})


def stands(item: Item, evidence: Evidence) -> bool:
    """Whether a quote stands verbatim (Unicode NFC) at its place in the item."""
    if evidence.field == "image" or not evidence.quote:
        return False
    there = item.field(evidence.field)[evidence.start : evidence.end]
    return unicodedata.normalize("NFC", there) == unicodedata.normalize("NFC", evidence.quote)

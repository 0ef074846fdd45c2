"""The first judge, `lexical`: each stated element by its words and their forms, exceptions first.

It knows nothing of meaning. It is honest about that: its rulings carry moderate certainty and are not
certified, and where the language is not English it does not rule at all.
"""

from __future__ import annotations

from collections.abc import Sequence

from agents.judge.matching import Reading, match_element, match_words
from agents.types import ElementRuling, Evidence, Fact, Item, Ruling
from agents.words import content_words
from graph.snapshot import CompiledException, Wish
from graph.types import Element

CERTAINTY = 0.7
LANGUAGES = frozenset({"", "en"})


class LexicalJudge:
    """Judge by words. Deterministic; a ruling depends on the item, its facts and the wish alone."""

    version = "lexical-1"

    def knows_language(self, language: str) -> bool:
        return language.partition("-")[0].lower() in LANGUAGES

    def judge(self, item: Item, facts: Sequence[Fact], wish: Wish) -> Ruling:
        """Rule on a described wish."""
        if not self.knows_language(item.language):
            return self._ruling(
                wish, (), "unclear", 0.0, note=f"The item is in a language ({item.language}) not known yet."
            )
        reading = Reading.of(item, facts)
        degrees: list[float] = []
        elements = []
        for element in wish.elements:
            degree, evidence = match_element(reading, element)
            elements.append(_element_ruling(element, degree, evidence))
            if element.stated:
                degrees.append(degree)
        score = sum(degrees) / len(degrees)
        if any(degree < 1 for degree in degrees):
            return self._ruling(wish, tuple(elements), "not_violated", round(score * 0.6, 4), note=_missing(elements))
        for exception in wish.exceptions:
            if evidence := exception_evidence(reading, wish, exception):
                return self._shielded(wish, tuple(elements), exception, evidence)
        return self._ruling(wish, tuple(elements), "violated", 0.8)

    def _ruling(
        self, wish: Wish, elements: tuple[ElementRuling, ...], verdict: str, score: float, note: str = ""
    ) -> Ruling:
        return Ruling.model_validate(
            {
                "wish": wish.id, "wish_hash": wish.hash, "verdict": verdict, "score": score, "certainty": CERTAINTY,
                "elements": elements, "judge": self.version, "note": note,
            }
        )  # fmt: skip

    def _shielded(
        self,
        wish: Wish,
        elements: tuple[ElementRuling, ...],
        exception: CompiledException,
        evidence: tuple[Evidence, ...],
    ) -> Ruling:
        ruling = self._ruling(wish, elements, "not_violated", 0.3, note=f"Your exception “{exception.text}” holds.")
        return ruling.model_copy(update={"exception": exception.id, "exception_evidence": evidence})


def exception_evidence(reading: Reading, wish: Wish, exception: CompiledException) -> tuple[Evidence, ...]:
    """Where an exception stands in the item: all the words that it adds to its wish; nothing if one lacks."""
    of_wish = {stem for element in wish.elements for word in content_words(element.value) for stem in word.stems}
    evidence: list[Evidence] = []
    told_apart = False
    for element in exception.elements:
        adding = [word for word in content_words(element.value) if not word.stems & of_wish]
        if not adding:
            continue
        told_apart = True
        degree, found = match_element(reading, element)
        if degree < 1:
            degree, found = match_words(reading, adding)
        if degree < 1:
            return ()
        evidence += found
    return tuple(evidence) if told_apart else ()


def _element_ruling(element: Element, degree: float, evidence: tuple[Evidence, ...]) -> ElementRuling:
    holds = "yes" if degree >= 1 else "no"
    return ElementRuling.model_validate(
        {"role": element.role, "value": element.value, "stated": element.stated, "holds": holds, "evidence": evidence}
    )


def _missing(elements: Sequence[ElementRuling]) -> str:
    missing = [f"“{element.value}”" for element in elements if element.stated and element.holds == "no"]
    return f"Not found: {', '.join(missing)}."

"""The smallest operations by which a wish comes to be what later words say."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.errors import ParseRefused
from agents.lexicon import class_of
from agents.parse import clauses
from agents.parse.elements import MAX_ELEMENTS, alternatives, elements_of
from agents.parse.known import ANAPHOR, Known, Target, naming_words, stems, stems_of
from agents.parse.reading import Understood
from graph.deltas import Op, State, creation_ops, retire_ops, scope_ops, set_op
from graph.types import Element, Exception_, Facet, Link, Scope, new_id

_BACK = re.compile(r"\s+(?:about|on|of|for|from|with|against)\s+(?:it|them|those|these|that|this)$", re.IGNORECASE)
_SCOPE_FIELDS = ("services", "sources", "folders", "surfaces", "languages", "hours", "until")


def adds(target: Target, text: str) -> bool:
    """Whether a text says more than the target itself, so that it can be an exception to it."""
    own = target.stems
    classes = {class_of(e.value) for facet in target.facets for e in facet.elements} - {None}
    return any(
        not set(stems([e.value])) <= own and (class_of(e.value) is None or class_of(e.value) not in classes)
        for e in elements_of(clauses.strip_lead_ins(text))
    )


def exception_ops(target: Target, text: str) -> tuple[Op, ...]:
    """Operations that except what a text says, from the facet that is meant or from the whole wish.

    Raises ParseRefused for a rule, which knows no exceptions, and for a text that names nothing.
    """
    _described(target)
    made: list[Exception_] = []
    for part in alternatives(_BACK.sub("", clauses.strip_lead_ins(text))):
        elements = elements_of(part)
        if elements:
            made.append(Exception_(id=new_id(), text=clauses.tidy(part), elements=elements))
    if not made:
        raise ParseRefused(f"There is no word in “{text}” that could be looked for.", field="sentence")
    holder = target.id
    return tuple(creation_ops(made, [Link(kind="EXCEPTS", source=e.id, target=holder) for e in made]))


def _described(target: Target) -> None:
    rule = next((facet for facet in target.facets if facet.rule), None)
    if rule is not None:
        raise ParseRefused(
            f"“{rule.text}” is an exact rule: it has no exceptions or elements. Remove it, or say it as a wish.",
            field="sentence",
        )


def exceptions_named(state: State, known: Sequence[Known], text: str) -> list[tuple[str, Understood]]:
    """For each exception that a text names best: its text, and the operation that takes it back."""
    words = naming_words(text)
    scored = [
        (sum(bool(word & set(stems([exception.text]))) for word in words), exception)
        for wish in known
        for exception in wish.exceptions
    ]
    best = max((score for score, _ in scored), default=0)
    return [
        (f"“{e.text}”", Understood(ops=(set_op(state, e.id, "status", "retired"),), about=()))
        for score, e in scored
        if best and score == best
    ]


def only_qualifies(clause: str) -> bool:
    """Whether a clause names no subject of its own, only what kind of item is meant ("sponsored")."""
    elements = elements_of(clause)
    return bool(elements) and all(e.role not in {"subject", "who"} for e in elements)


def points_back(text: str) -> bool:
    """Whether a text holds a pronoun that stands for an earlier wish."""
    return ANAPHOR.search(text) is not None


def narrows(target: Target, clause: str) -> bool:
    """Whether a clause says something about the target that it does not say yet."""
    if not target.whole:
        return True
    return any(_new_elements(facet, elements_of(clause)) for facet in target.facets)


def _new_elements(facet: Facet, elements: Sequence[Element]) -> list[Element]:
    own = stems_of(facet)
    classes = {class_of(e.value) for e in facet.elements if e.stated} - {None}
    return [e for e in elements if not set(stems([e.value])) <= own and class_of(e.value) not in classes]


def narrow_ops(state: State, target: Target, clause: str) -> tuple[Op, ...]:
    """Operations after which only what the clause says is meant.

    Named facets stay and the others of the wish go; what is new in the clause becomes a stated element of
    each. Of several alternatives ("sponsored or political ones") each further one becomes a facet of its own.
    """
    _described(target)
    first, *further = [elements_of(part) for part in alternatives(clause)] or [()]
    ops: list[Op] = []
    if not target.whole:
        others = [facet for facet in target.wish.facets if facet not in target.facets]
        ops += [op for facet in others for op in retire_ops(state, facet.id)]
    for facet in target.facets:
        if added := _new_elements(facet, first):
            ops.append(set_op(state, facet.id, "elements", _dumped(_joined(facet, added))))
        for elements in further:
            if added := _new_elements(facet, elements):
                ops += _sibling(target.wish, facet, added)
    return tuple(ops)


def _joined(facet: Facet, added: Sequence[Element]) -> list[Element]:
    """The facet's elements with these as stated ones; one that was implied becomes stated."""
    values = {e.value for e in added}
    kept = [e for e in facet.elements if e.value not in values]
    return [*kept, *added][:MAX_ELEMENTS]


def _dumped(elements: Sequence[Element]) -> list[dict[str, object]]:
    return [element.model_dump(mode="json") for element in elements]


def _sibling(wish: Known, facet: Facet, added: Sequence[Element]) -> list[Op]:
    elements = tuple(_joined(facet, added))
    made = facet.model_copy(
        update={"id": new_id(), "elements": elements, "text": " ".join(e.value for e in elements), "origin": "stated"}
    )
    links = [Link(kind="REFINES", source=made.id, target=wish.intent.id)] if wish.intent else []
    return creation_ops([made], links)


def limit_ops(state: State, target: Target, scope: Scope) -> tuple[Op, ...]:
    """Operations that limit the target to a scope: what its own scope says is set anew, the rest stays."""
    wanted = scope.model_dump(mode="json")
    limits = {field: wanted[field] for field in _SCOPE_FIELDS if wanted[field]}
    return tuple(op for op in scope_ops(state, target.id, **limits) if op.before != op.after)

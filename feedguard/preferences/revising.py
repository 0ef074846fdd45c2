"""What a person changes in a proposal before accepting it: its elements and its exceptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agents.parse.elements import elements_of
from feedguard.decisions.jobs import JobRefused
from graph.deltas import Op, creation_ops
from graph.types import Exception_, Link, new_id

NEW = "x-new"


def parts(ops: Sequence[Op]) -> dict[str, list[dict[str, Any]]]:
    """What of a proposal can be changed: `facets` with their elements, and `exceptions`, with the names under
    which `revised` takes the answers."""
    facets, exceptions = [], []
    for number, op in enumerate(ops):
        elements = _elements(op)
        if elements:
            rows = [{**element, "name": f"e-{number}-{i}"} for i, element in enumerate(elements)]
            facets.append({"text": _text(op), "elements": rows})
        elif op.field == "" and op.after["kind"] == "exception":
            exceptions.append({"text": op.after["text"], "name": f"x-{number}"})
    return {"facets": facets, "exceptions": exceptions}


def _text(op: Op) -> str:
    return str(op.after["text"]) if op.field == "" else ""


def _elements(op: Op) -> list[dict[str, Any]]:
    if op.field == "elements":
        return list(op.after)
    if op.field == "" and op.after["kind"] == "facet":
        return list(op.after["elements"])
    return []


def revised(ops: Sequence[Op], answers: Mapping[str, str], *, about: Sequence[str]) -> tuple[Op, ...]:
    """The operations with the person's answers in them.

    `answers` are by name: `e-N-I` (stated, implied or remove) for element I of operation N, `x-N` the words of an
    exception (empty: without it), `x-new` a further exception. Raises JobRefused (field: the name) where nothing
    that has to be found would be left, or an exception names nothing.
    """
    changed: list[Op] = []
    dropped: set[str] = set()
    for number, op in enumerate(ops):
        if elements := _elements(op):
            changed.append(_with_elements(op, _answered(elements, number, answers)))
        elif f"x-{number}" in answers and op.field == "" and op.after["kind"] == "exception":
            text = answers[f"x-{number}"].strip()
            if text:
                changed.append(_with_words(op, text, f"x-{number}"))
            else:
                dropped.add(op.target)
        else:
            changed.append(op)
    kept = [op for op in changed if op.target not in dropped]
    if answers.get(NEW, "").strip():
        kept += _new_exception(kept, answers[NEW].strip(), about)
    return tuple(kept)


def _answered(elements: Sequence[dict[str, Any]], number: int, answers: Mapping[str, str]) -> list[dict[str, Any]]:
    kept = []
    for i, element in enumerate(elements):
        answer = answers.get(f"e-{number}-{i}", "stated" if element["stated"] else "implied")
        if answer != "remove":
            kept.append({**element, "stated": answer == "stated"})
    if not any(element["stated"] for element in kept):
        raise JobRefused("At least one part has to be found for the wish to hold.", field=f"e-{number}-0")
    return kept


def _with_elements(op: Op, elements: list[dict[str, Any]]) -> Op:
    if op.field == "elements":
        return op.model_copy(update={"after": elements})
    return op.model_copy(update={"after": {**op.after, "elements": elements}})


def _with_words(op: Op, text: str, name: str) -> Op:
    elements = elements_of(text[:300])
    if not elements:
        raise JobRefused(f"There is no word in “{text}” that could be looked for.", field=name)
    dumped = [element.model_dump(mode="json") for element in elements]
    return op.model_copy(update={"after": {**op.after, "text": text[:300], "elements": dumped}})


def _new_exception(ops: Sequence[Op], text: str, about: Sequence[str]) -> list[Op]:
    elements = elements_of(text[:300])
    if not elements:
        raise JobRefused(f"There is no word in “{text}” that could be looked for.", field=NEW)
    made = [op.target for op in ops if op.field == "" and op.after["kind"] == "intent"]
    holder = made[0] if made else next(iter(about), None)
    if holder is None:
        raise JobRefused("There is no wish here that could have an exception.", field=NEW)
    exception = Exception_(id=new_id(), text=text[:300], elements=elements)
    return creation_ops([exception], [Link(kind="EXCEPTS", source=exception.id, target=holder)])

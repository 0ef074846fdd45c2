"""Override > guard > exception > the strongest action among violated avoid wishes.

A met welcome wish stars an item, and softens hide or blur to label unless the avoid wish says "always".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.decide.scopes import next_change
from agents.types import Context, Evidence, Field_, Item, LeftOut, Outcome, Ruling
from graph.snapshot import Snapshot, Wish
from graph.types import Action, Guard

_STRENGTH: dict[Action, int] = {"show": 0, "star": 0, "label": 1, "blur": 2, "hide": 3}


def decide(
    item: Item, snapshot: Snapshot, rulings: Sequence[Ruling], left_out: Sequence[LeftOut], context: Context
) -> Outcome:
    """The outcome of one case. `rulings` are verified and in scope. Its reason is worded by explain."""
    wishes = {wish.id: wish for wish in snapshot.wishes}
    common: dict[str, Any] = {
        "rulings": tuple(sorted(rulings, key=lambda r: (-r.score, r.wish))),
        "left_out": tuple(left_out),
        "valid_until": next_change(_bearing(wishes, rulings, left_out), context),
        "score": _score(wishes, rulings),
        "reason": "",
    }
    caught = _caught(wishes, rulings)
    if context.override:
        return Outcome(action=context.override, stage="override", certainty=1.0, **common, **_of(caught))
    if guard := _guarding(item, snapshot):
        return Outcome(action="show", stage="guard", certainty=1.0, **common, evidence=_guard_evidence(item, guard))
    if caught:
        return _catch(caught, wishes, rulings, common)
    met = _met(wishes, rulings)
    if met:
        ruling, wish = met[0]
        return Outcome(action="star", stage=ruling.stage, certainty=ruling.certainty, **common, **_of([(ruling, wish)]))
    doubtful = max((r for r in rulings if r.verdict == "unclear"), key=lambda r: r.score, default=None)
    stage = doubtful.stage if doubtful else ("judge" if rulings else "recall")
    return Outcome(action="show", stage=stage, certainty=1.0 - common["score"], **common)


def _bearing(wishes: dict[str, Wish], rulings: Sequence[Ruling], left_out: Sequence[LeftOut]) -> list[Wish]:
    """Wishes whose clock could change this decision: those ruled on, and those a scope left out."""
    ids = {r.wish for r in rulings} | {left.wish for left in left_out if not left.why.startswith("Nothing of")}
    return [wishes[key] for key in sorted(ids) if key in wishes]


def _score(wishes: dict[str, Wish], rulings: Sequence[Ruling]) -> float:
    return max((r.score for r in rulings if wishes[r.wish].polarity == "avoid"), default=0.0)


def _caught(wishes: dict[str, Wish], rulings: Sequence[Ruling]) -> list[tuple[Ruling, Wish]]:
    """Violated avoid wishes, the strongest action first."""
    pairs = [(r, wishes[r.wish]) for r in rulings if r.verdict == "violated" and wishes[r.wish].polarity == "avoid"]
    return sorted(pairs, key=lambda pair: (-_STRENGTH[_action(*pair)], -pair[1].strength, pair[1].id))


def _met(wishes: dict[str, Wish], rulings: Sequence[Ruling]) -> list[tuple[Ruling, Wish]]:
    return [(r, wishes[r.wish]) for r in rulings if r.verdict == "violated" and wishes[r.wish].polarity == "welcome"]


def _action(ruling: Ruling, wish: Wish) -> Action:
    """What the person chose; a hide that is neither certified nor wanted anyway is a blur."""
    if wish.action == "hide" and wish.rule is None and not wish.hide_anyway:
        return "blur"
    return wish.action


def _catch(
    caught: list[tuple[Ruling, Wish]], wishes: dict[str, Wish], rulings: Sequence[Ruling], common: dict[str, Any]
) -> Outcome:
    ruling, wish = caught[0]
    action = _action(ruling, wish)
    if _met(wishes, rulings) and not wish.always and action in {"hide", "blur"}:
        action = "label"
    return Outcome(action=action, stage=ruling.stage, certainty=ruling.certainty, **common, **_of(caught))


def _of(caught: list[tuple[Ruling, Wish]]) -> dict[str, Any]:
    if not caught:
        return {}
    ruling, wish = caught[0]
    return {
        "wish": wish.id,
        "heading": wish.heading,
        "target": wish.target,
        "evidence": tuple(e for element in ruling.elements for e in element.evidence),
        "certified": wish.rule is not None,
    }


def _guarding(item: Item, snapshot: Snapshot) -> Guard | None:
    for guard in snapshot.guards:
        value = guard.value.casefold()
        matches = {
            "author": bool(item.author) and item.author.casefold() == value,
            "source": value in {item.source.casefold(), item.source_url.casefold()},
            "thread": bool(item.thread) and item.thread.casefold() == value,
            "own": item.own,
        }
        if matches[guard.guards]:
            return guard
    return None


def _guard_evidence(item: Item, guard: Guard) -> tuple[Evidence, ...]:
    if guard.guards not in {"author", "source"}:
        return ()
    field: Field_ = "author" if guard.guards == "author" else "source"
    quote = item.field(field)
    return (Evidence(field=field, start=0, end=len(quote), quote=quote),)

"""Explain: the reason in plain words, from recorded evidence only."""

from __future__ import annotations

from agents.types import ElementRuling, Item, Outcome, Ruling

_DONE = {"hide": "Hidden by", "blur": "Covered by", "label": "Marked by", "star": "Starred by"}


def explain(item: Item, outcome: Outcome) -> str:
    """One or two sentences that name the wish and quote what decided."""
    if outcome.stage == "override":
        return f"You chose to {'see' if outcome.action == 'show' else 'hide'} this one."
    if outcome.stage == "guard":
        return "Shown: you said that this is never to be hidden."
    ruling = next((r for r in outcome.rulings if r.wish == outcome.wish), None)
    if outcome.action in _DONE and ruling is not None:
        summary = " Only the summary was seen." if item.summary_only else ""
        return f"{_DONE[outcome.action]} “{outcome.heading}”: {_evidence(ruling)}.{summary}"
    return _shown(outcome)


def _evidence(ruling: Ruling) -> str:
    return "; ".join(_element(e) for e in ruling.elements if e.stated and e.evidence)


def _element(element: ElementRuling) -> str:
    quotes = list(dict.fromkeys(e.quote for e in element.evidence))[:3]
    return f"{' … '.join(f'“{quote}”' for quote in quotes)} ({element.value})"


def _shown(outcome: Outcome) -> str:
    shield = next((r for r in outcome.rulings if r.exception), None)
    if shield is not None:
        return f"Shown. {shield.note}"
    near = next((r for r in outcome.rulings if r.score > 0 and r.note), None)
    return f"Shown. {near.note}" if near else "Shown: nothing here meets a wish."

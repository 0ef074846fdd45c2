"""The job that turns a person's sentence into a proposal: a new wish, or a change of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.parse import ParsedWish, Understood, parse, understand
from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.decisions.jobs import JobRefused, Progress
from feedguard.feeds.models import Subscription
from feedguard.preferences.proposing import propose
from feedguard.preferences.selectors import state_of
from graph.deltas import retire_ops


def say(person: Person, data: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Job: understand the sentence, propose what it asks for, and preview that on the person's last items.

    `replaces` is the id of a wish that the sentence says otherwise; then it is always a wish of its own.
    """
    progress("Reading your sentence …")
    sentence, replaces = str(data["sentence"]), str(data.get("replaces", ""))
    state, _ = state_of(person)
    if not replaces:
        understood = understand(state, sentence, **_context(person))
    elif replaces in state.entities:
        understood = _instead(Understood.of(parse_for(person, sentence)), tuple(retire_ops(state, replaces)))
    else:
        raise JobRefused("The wish that this was to replace is no longer there.", field="replaces")
    detail = {"sentence": sentence, "replaces": replaces}
    proposal = propose(person, understood, progress, why=sentence, source="parse", detail=detail)
    return {"proposal": proposal.id}


def _instead(understood: Understood, gone: tuple[Any, ...]) -> Understood:
    """The same, in the place of what `gone` retires; in every answer to its question too."""
    question = understood.question
    if question is not None:
        choices = tuple(c.model_copy(update={"reading": _instead(c.reading, gone)}) for c in question.choices)
        question = question.model_copy(update={"choices": choices})
    return understood.model_copy(update={"ops": (*gone, *understood.ops), "question": question})


def parse_for(person: Person, sentence: str) -> ParsedWish:
    """Parse a sentence as a wish of its own, with what the person's sources and folders are called."""
    return parse(sentence, **_context(person))


def _context(person: Person) -> Mapping[str, Any]:
    subscriptions = Subscription.objects.filter(person=person).select_related("source")
    return {
        "now": runtime.clock().now(),
        "time_zone": person.time_zone,
        "sources": [str(s.source) for s in subscriptions],
        "folders": sorted({s.folder for s in subscriptions if s.folder}),
    }

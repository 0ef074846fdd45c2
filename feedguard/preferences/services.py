"""Changing preferences: every change is a delta, committed first to the graph and then projected."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Literal

from django.db import transaction
from django.utils import timezone

from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.decisions.jobs import start_job
from feedguard.decisions.models import Job
from feedguard.preferences.models import SnapshotHead
from feedguard.preferences.selectors import state_of
from graph.compile import compile_snapshot
from graph.deltas import Delta, Op, invert
from graph.errors import InvalidDelta
from graph.types import new_id


def commit(
    person: Person,
    ops: Sequence[Op],
    *,
    why: str,
    actor: Literal["person", "machine", "import"] = "person",
    base: int | None = None,
    delta_id: str = "",
) -> tuple[Delta, Job]:
    """Commit one delta and ask for the unread items to be judged again; the job tells how many changed.

    With a `delta_id` a second attempt is recognised, and answers with what the first one did.

    Raises graph.errors.GraphError with nothing changed.
    """
    delta = Delta(
        id=delta_id or new_id(),
        person=person.key,
        base=state_of(person)[1] if base is None else base,
        ops=tuple(ops),
        actor=actor,
        why=why,
        at=runtime.clock().now(),
    )
    return _commit(person, delta)


def undo(person: Person, delta_id: str) -> tuple[Delta, Job]:
    """Undo any delta by a new one with the inverse operations; undoing an undo does the change again.

    Raises Conflict where a later change stands against it.
    """
    store = runtime.graph_store()
    delta = store.find(person.key, delta_id)
    if delta is None:
        raise InvalidDelta("There is no such change.", field="delta")
    inverse = invert(delta, new_id(), state_of(person)[1], runtime.clock().now())
    return _commit(person, inverse)


def _commit(person: Person, delta: Delta) -> tuple[Delta, Job]:
    committed = runtime.graph_store().commit(delta)
    job = project(person)
    return committed, job or start_job(person, "rejudge", {"seq": committed.seq})


def project(person: Person) -> Job | None:
    """Advance the projection to the graph's head, and queue the re-judging, in one transaction.

    Does nothing, and returns None, where the projection is up to date; it never goes back to an older state,
    whoever writes it at the same time.
    """
    state, seq = state_of(person)
    snapshot = compile_snapshot(state, seq)
    values = {"seq": seq, "hash": snapshot.hash, "data": snapshot.model_dump_json(), "updated_at": timezone.now()}
    with transaction.atomic():
        advanced = bool(SnapshotHead.objects.filter(person=person, seq__lt=seq).update(**values))
        if not advanced:
            _, advanced = SnapshotHead.objects.get_or_create(person=person, defaults=values)
        return start_job(person, "rejudge", {"seq": seq}) if advanced else None


def catch_up() -> int:
    """Project every graph whose head is ahead of its projection. Returns how many were behind."""
    heads = runtime.graph_store().heads()
    known = dict(SnapshotHead.objects.values_list("person_id", "seq"))
    behind = [key for key, (seq, _) in heads.items() if seq > known.get(uuid.UUID(key), 0)]
    people = Person.objects.filter(id__in=behind)
    return sum(project(person) is not None for person in people)

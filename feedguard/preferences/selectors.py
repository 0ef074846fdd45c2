"""Reading preferences: the projection for deciding, the graph itself for showing."""

from __future__ import annotations

from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.preferences.models import SnapshotHead
from graph.snapshot import Snapshot
from graph.state import State


def snapshot_of(person: Person) -> Snapshot:
    """The person's compiled graph; an empty one where nothing was ever wished."""
    head = SnapshotHead.objects.filter(person=person).first()
    if head is None:
        return Snapshot(person=person.key, seq=0, hash=State.empty(person.key).hash)
    return Snapshot.model_validate(head.data)


def head_seq(person: Person) -> int:
    seq: int | None = SnapshotHead.objects.filter(person=person).values_list("seq", flat=True).first()
    return seq or 0


def state_of(person: Person) -> tuple[State, int]:
    """The person's graph and its sequence number, from the store."""
    return runtime.graph_store().load(person.key)

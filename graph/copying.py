"""Moving people from one store to another, with proof."""

from __future__ import annotations

from dataclasses import dataclass

from graph.errors import Conflict, Damaged
from graph.proposals import Proposal, ProposalState
from graph.store import PreferenceStore

_STATES: tuple[ProposalState, ...] = ("open", "accepted", "rejected")


@dataclass(frozen=True)
class Copied:
    """How many people were copied, and how many were there already, equal in all."""

    copied: int
    equal: int


def copy_all(source: PreferenceStore, target: PreferenceStore) -> Copied:
    """Copy all people with their whole logs and proposals, and prove that the copies are equal.

    Nothing is overwritten: a person who is in the target already must be equal there, so that a copy which was
    broken off can be started again. Raises Conflict before anything is written where one is not, Damaged where a
    log does not fit together, and Conflict where a graph was changed while it was copied.
    """
    people = source.people()
    there = set(target.people())
    for person in people:
        if person in there and not is_equal(source, target, person):
            raise Conflict(
                f"person: the target holds another graph of person {person} already. Nothing was copied.",
                field="person",
            )
    missing = [person for person in people if person not in there]
    for person in missing:
        source.verify(person)
        target.adopt(person, source.entries(person), _proposals(source, person))
    for person in people:
        target.verify(person)
        if not is_equal(source, target, person):
            raise Conflict(f"person: the graph of {person} was changed while it was copied.", field="person")
    return Copied(len(missing), len(people) - len(missing))


def is_equal(one: PreferenceStore, other: PreferenceStore, person: str) -> bool:
    """Whether two stores hold the same graph, log and proposals of a person, tombstones and hashes included."""
    return (
        one.load(person) == other.load(person)
        and one.entries(person) == other.entries(person)
        and _proposals(one, person) == _proposals(other, person)
    )


def _proposals(store: PreferenceStore, person: str) -> list[Proposal]:
    return [proposal for state in _STATES for proposal in store.proposals(person, state)]


def verify_all(store: PreferenceStore) -> tuple[int, list[str]]:
    """Recompute every hash of every person; returns how many people there are, and a line for each that is damaged."""
    broken = []
    people = store.people()
    for person in people:
        try:
            store.verify(person)
        except Damaged as error:
            broken.append(f"{person}: {error.message}")
    return len(people), broken

"""The port behind which preference graphs are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from graph.chain import LogEntry
from graph.ops import Delta
from graph.proposals import Proposal, ProposalState
from graph.state import State

DEADLINE_SECONDS = 5.0
"""Longest time that one call of a store may take."""


class PreferenceStore(Protocol):
    """Every method is scoped to one person, but for `people`, `heads` and `close`.

    All raise StoreUnavailable where the store did not answer within DEADLINE_SECONDS.
    """

    def load(self, person: str) -> tuple[State, int]:
        """The person's state and sequence number; an empty state at 0 for a person without a graph."""
        ...

    def commit(self, delta: Delta) -> Delta:
        """Compare-and-set against `delta.base`; returns the delta with its `seq`.

        A delta whose id is in the person's log already answers with that one. Raises Conflict where the base
        is stale or a precondition is lost, InvalidDelta where the model is broken; then nothing has changed.
        """
        ...

    def log(self, person: str, after: int = 0) -> tuple[Delta, ...]:
        """The person's deltas with a sequence number greater than `after`, in order."""
        ...

    def entries(self, person: str, after: int = 0) -> tuple[LogEntry, ...]:
        """The same as it is stored: payloads of their own schema, and their hashes."""
        ...

    def find(self, person: str, delta_id: str) -> Delta | None: ...

    def heads(self) -> Mapping[str, tuple[int, str]]:
        """Sequence number and state hash of every person."""
        ...

    def people(self) -> tuple[str, ...]:
        """Everybody of whom there is a graph or a proposal, in order."""
        ...

    def verify(self, person: str) -> None:
        """Recompute the log's hash chain, fold the log, compare hashes. Raises Damaged where they differ."""
        ...

    def propose(self, proposal: Proposal) -> None:
        """Keep a proposal; one whose id is known already changes nothing."""
        ...

    def proposals(self, person: str, state: ProposalState = "open") -> tuple[Proposal, ...]:
        """The person's proposals in this state, by id (which is by age)."""
        ...

    def proposal(self, person: str, proposal_id: str) -> Proposal | None: ...

    def close_proposal(self, person: str, proposal_id: str, state: ProposalState) -> None:
        """Mark an open proposal as accepted or rejected; again the same changes nothing.

        Raises InvalidDelta for an unknown one, Conflict where it was closed otherwise.
        """
        ...

    def erase_payload(self, person: str, delta_id: str) -> None:
        """Remove the words of one delta, and proposals that hold them. The chain stays valid and the hash the same.

        Raises InvalidDelta for an unknown delta and while anything that it made or changed is not retired.
        """
        ...

    def adopt(self, person: str, entries: Sequence[LogEntry], proposals: Sequence[Proposal]) -> None:
        """Take over a whole log from another store. Raises Conflict where the person has a graph or proposals here,
        Damaged for a log that does not fit together."""
        ...

    def erase(self, person: str) -> None:
        """Remove everything of this person, so that no bytes of it are left in the store's own files."""
        ...

    def close(self) -> None: ...

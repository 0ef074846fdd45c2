"""The port behind which preference graphs are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from graph.deltas import Delta
from graph.proposals import Proposal, ProposalState
from graph.state import State


class PreferenceStore(Protocol):
    """Every method is scoped to one person, but for `heads` and `close`. All may raise StoreUnavailable."""

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

    def find(self, person: str, delta_id: str) -> Delta | None: ...

    def heads(self) -> Mapping[str, tuple[int, str]]:
        """Sequence number and state hash of every person."""
        ...

    def verify(self, person: str) -> None:
        """Recompute the log's hash chain, fold the log, compare hashes. Raises GraphError where they differ."""
        ...

    def propose(self, proposal: Proposal) -> None: ...

    def proposals(self, person: str, state: ProposalState = "open") -> tuple[Proposal, ...]: ...

    def proposal(self, person: str, proposal_id: str) -> Proposal | None: ...

    def close_proposal(self, person: str, proposal_id: str, state: ProposalState) -> None: ...

    def erase(self, person: str) -> None:
        """Remove everything of this person."""
        ...

    def close(self) -> None: ...

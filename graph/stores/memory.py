"""A store in memory, for tests and evaluation."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from graph.deltas import Delta, apply, fold
from graph.errors import Conflict, GraphError, InvalidDelta
from graph.proposals import Proposal, ProposalState
from graph.state import State


@dataclass
class _Graph:
    state: State
    log: list[Delta] = field(default_factory=list)
    proposals: dict[str, Proposal] = field(default_factory=dict)


class MemoryStore:
    """PreferenceStore in one process's memory; safe with several threads."""

    def __init__(self) -> None:
        self._graphs: dict[str, _Graph] = {}
        self._lock = threading.RLock()

    def _graph(self, person: str) -> _Graph:
        return self._graphs.setdefault(person, _Graph(State.empty(person)))

    def load(self, person: str) -> tuple[State, int]:
        with self._lock:
            graph = self._graph(person)
            return graph.state, len(graph.log)

    def commit(self, delta: Delta) -> Delta:
        with self._lock:
            if (known := self.find(delta.person, delta.id)) is not None:
                return known
            graph = self._graph(delta.person)
            if delta.base != len(graph.log):
                raise Conflict(
                    "The wishes were changed meanwhile.", field="base", before=delta.base, theirs=len(graph.log)
                )
            state = apply(graph.state, delta)
            committed = delta.model_copy(update={"seq": delta.base + 1})
            graph.state = state
            graph.log.append(committed)
            return committed

    def log(self, person: str, after: int = 0) -> tuple[Delta, ...]:
        with self._lock:
            return tuple(self._graph(person).log[after:])

    def find(self, person: str, delta_id: str) -> Delta | None:
        with self._lock:
            return next((delta for delta in self._graph(person).log if delta.id == delta_id), None)

    def heads(self) -> Mapping[str, tuple[int, str]]:
        with self._lock:
            return {person: (len(g.log), g.state.hash) for person, g in self._graphs.items() if g.log}

    def verify(self, person: str) -> None:
        with self._lock:
            graph = self._graph(person)
            if fold(person, graph.log).hash != graph.state.hash:
                raise GraphError("The log does not give the stored graph.")

    def propose(self, proposal: Proposal) -> None:
        with self._lock:
            self._graph(proposal.person).proposals[proposal.id] = proposal

    def proposals(self, person: str, state: ProposalState = "open") -> tuple[Proposal, ...]:
        with self._lock:
            return tuple(p for p in self._graph(person).proposals.values() if p.state == state)

    def proposal(self, person: str, proposal_id: str) -> Proposal | None:
        with self._lock:
            return self._graph(person).proposals.get(proposal_id)

    def close_proposal(self, person: str, proposal_id: str, state: ProposalState) -> None:
        with self._lock:
            found = self.proposal(person, proposal_id)
            if found is None:
                raise InvalidDelta("There is no such proposal.", field="proposal")
            self._graph(person).proposals[proposal_id] = found.model_copy(update={"state": state})

    def erase(self, person: str) -> None:
        with self._lock:
            self._graphs.pop(person, None)

    def close(self) -> None:
        """Nothing to close."""

"""A store in memory, for tests and evaluation."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from graph.chain import LogEntry
from graph.commit import Head, advance, check, rebuilt, replayed, words_erased
from graph.errors import Conflict, InvalidDelta
from graph.ops import Delta
from graph.proposals import Proposal, ProposalState, closing
from graph.state import State


@dataclass
class _Graph:
    state: State
    head: Head = field(default_factory=Head)
    entries: list[LogEntry] = field(default_factory=list)
    proposals: dict[str, Proposal] = field(default_factory=dict)


class MemoryStore:
    """PreferenceStore in one process's memory; safe with several threads."""

    def __init__(self) -> None:
        self._graphs: dict[str, _Graph] = {}
        self._lock = threading.RLock()

    def _graph(self, person: str) -> _Graph:
        return self._graphs.get(person) or _Graph(State.empty(person))

    def load(self, person: str) -> tuple[State, int]:
        with self._lock:
            graph = self._graph(person)
            return graph.state, graph.head.seq

    def commit(self, delta: Delta) -> Delta:
        with self._lock:
            if (known := self.find(delta.person, delta.id)) is not None:
                return replayed(known, delta)
            graph = self._graph(delta.person)
            undone = self.find(delta.person, delta.undoes) if delta.undoes else None
            step = advance(graph.state, graph.head, delta, undone)
            graph.state, graph.head = step.state, step.head
            graph.entries.append(step.entry)
            self._graphs[delta.person] = graph
            return step.delta

    def log(self, person: str, after: int = 0) -> tuple[Delta, ...]:
        return tuple(entry.delta for entry in self.entries(person, after))

    def entries(self, person: str, after: int = 0) -> tuple[LogEntry, ...]:
        with self._lock:
            return tuple(self._graph(person).entries[after:])

    def find(self, person: str, delta_id: str) -> Delta | None:
        with self._lock:
            return next((entry.delta for entry in self._graph(person).entries if entry.id == delta_id), None)

    def heads(self) -> Mapping[str, tuple[int, str]]:
        with self._lock:
            return {person: (g.head.seq, g.head.hash) for person, g in self._graphs.items() if g.entries}

    def people(self) -> tuple[str, ...]:
        with self._lock:
            return tuple(sorted(self._graphs))

    def verify(self, person: str) -> None:
        with self._lock:
            graph = self._graph(person)
            check(graph.state, graph.head, graph.entries)

    def propose(self, proposal: Proposal) -> None:
        with self._lock:
            graph = self._graphs.setdefault(proposal.person, _Graph(State.empty(proposal.person)))
            graph.proposals.setdefault(proposal.id, proposal)

    def proposals(self, person: str, state: ProposalState = "open") -> tuple[Proposal, ...]:
        with self._lock:
            return tuple(p for _, p in sorted(self._graph(person).proposals.items()) if p.state == state)

    def proposal(self, person: str, proposal_id: str) -> Proposal | None:
        with self._lock:
            return self._graph(person).proposals.get(proposal_id)

    def close_proposal(self, person: str, proposal_id: str, state: ProposalState) -> None:
        with self._lock:
            found = self.proposal(person, proposal_id)
            if closing(found, state) and found is not None:
                self._graph(person).proposals[proposal_id] = found.model_copy(update={"state": state})

    def erase_payload(self, person: str, delta_id: str) -> None:
        with self._lock:
            graph = self._graph(person)
            place = next((i for i, entry in enumerate(graph.entries) if entry.id == delta_id), None)
            if place is None:
                raise InvalidDelta("delta: there is no such change.", field="delta")
            before = graph.entries[place]
            graph.state, graph.entries[place] = words_erased(graph.state, before)
            graph.head = replace(graph.head, erasures=graph.head.erasures + (not before.erased))
            gone = {touched.id for touched in graph.entries[place].delta.erased}
            graph.proposals = {key: p for key, p in graph.proposals.items() if not p.concerns(gone)}

    def adopt(self, person: str, entries: Sequence[LogEntry], proposals: Sequence[Proposal]) -> None:
        with self._lock:
            if person in self._graphs:
                raise Conflict("person: there is a graph of this person here already.", field="person")
            state, head = rebuilt(person, entries)
            self._graphs[person] = _Graph(state, head, list(entries), {p.id: p for p in proposals})

    def erase(self, person: str) -> None:
        with self._lock:
            self._graphs.pop(person, None)

    def close(self) -> None:
        """Nothing to close."""

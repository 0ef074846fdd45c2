"""States that a process has seen lately, so that it need not read a whole graph again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from graph.canonical import sha256
from graph.chain import LogEntry, chained
from graph.commit import Head
from graph.fold import apply
from graph.state import State

KEPT = 32
MOST_BEHIND = 50
"""So many deltas are applied to a known state, rather than reading the whole graph."""


class RecentStates:
    """The last state of each of the most recently used graphs, with its head.

    A state is given out only for the very head that the store has read in the same transaction, so what other
    processes write is never missed. Where they have written a little, the known state follows their deltas.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Head, State]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, person: str, head: Head) -> State | None:
        """The state of this head, if it is known."""
        with self._lock:
            known = self._kept.get(person)
            return known[1] if known is not None and known[0] == head else None

    def put(self, head: Head, state: State) -> State:
        with self._lock:
            self._kept[state.person] = (head, state)
            self._kept.move_to_end(state.person)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return state

    def behind(self, person: str, head: Head) -> int | None:
        """After which sequence number the log is to be read for `follow`; None where that would be no use."""
        with self._lock:
            known = self._kept.get(person)
        if known is None or known[0].erasures != head.erasures or not 0 < head.seq - known[0].seq <= MOST_BEHIND:
            return None
        return known[0].seq

    def follow(self, person: str, head: Head, entries: Sequence[LogEntry]) -> State | None:
        """The state of `head` by applying these entries to the known one; None where they do not lead there."""
        with self._lock:
            known = self._kept.get(person)
        if known is None or not entries or entries[0].seq != known[0].seq + 1 or entries[-1].seq != head.seq:
            return None
        chain, state = known[0].chain, known[1]
        for entry in entries:
            chain = chained(chain, sha256(entry.body))
        if chain != head.chain:
            return None
        for entry in entries:
            state = apply(state, entry.delta)
        return self.put(head, state)

    def drop(self, person: str) -> None:
        with self._lock:
            self._kept.pop(person, None)

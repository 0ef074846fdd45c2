"""States that a process has seen lately, so that a commit need not read a whole graph again."""

from __future__ import annotations

import threading
from collections import OrderedDict

from graph.commit import Head
from graph.state import State

KEPT = 32


class RecentStates:
    """The last state of each of the most recently used graphs. A state is given out only for the very head that it
    belongs to, which the store has read in the same transaction; so what other processes write is never missed."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Head, State]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, person: str, head: Head) -> State | None:
        with self._lock:
            known = self._kept.get(person)
            if known is None or known[0] != head:
                self._kept.pop(person, None)
                return None
            self._kept.move_to_end(person)
            return known[1]

    def put(self, head: Head, state: State) -> None:
        with self._lock:
            self._kept[state.person] = (head, state)
            self._kept.move_to_end(state.person)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def drop(self, person: str) -> None:
        with self._lock:
            self._kept.pop(person, None)

"""Errors of the preference graph.

GraphError              permanent: asking again with the same input gives the same answer
├── InvalidDelta        a delta breaks the model (unknown target, wrong value); nothing was changed
├── Conflict            a delta was made on an older state, or its `before` no longer holds; nothing was changed
├── Damaged             stored hashes, log and graph do not fit together
└── StoreUnavailable    not permanent: the store did not answer in time; whether a commit took place is unknown,
                        and sending the same delta again finds out
"""

from __future__ import annotations


class GraphError(Exception):
    """A refused operation on the graph. `field` names what was wrong, where one field was."""

    permanent = True

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class InvalidDelta(GraphError):
    """The delta breaks the model."""


class Conflict(GraphError):
    """Stale base or lost precondition. `yours`, `theirs` and `before` tell the three sides, `target` the entity."""

    def __init__(
        self,
        message: str,
        *,
        field: str = "",
        target: str = "",
        before: object = None,
        theirs: object = None,
        yours: object = None,
    ) -> None:
        super().__init__(message, field=field)
        self.target, self.before, self.theirs, self.yours = target, before, theirs, yours


class Damaged(GraphError):
    """What is stored does not fit together: a hash, the log, or the graph."""


class StoreUnavailable(GraphError):
    """The store did not answer in time."""

    permanent = False

"""Errors of the preference graph.

GraphError
├── InvalidDelta    a delta breaks the model (unknown target, wrong value); nothing was changed
├── Conflict        a delta was made on an older state, or its `before` no longer holds; nothing was changed
└── StoreUnavailable  the store did not answer in time; whether a commit took place is unknown (retry by id)
"""

from __future__ import annotations


class GraphError(Exception):
    """A refused operation on the graph. `field` names what was wrong, where one field was."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class InvalidDelta(GraphError):
    """The delta breaks the model."""


class Conflict(GraphError):
    """Stale base or lost precondition. `yours`, `theirs` and `before` tell the three sides."""

    def __init__(
        self, message: str, *, field: str = "", before: object = None, theirs: object = None, yours: object = None
    ) -> None:
        super().__init__(message, field=field)
        self.before, self.theirs, self.yours = before, theirs, yours


class StoreUnavailable(GraphError):
    """The store did not answer in time."""

"""Errors of the pipeline.

AgentError
├── ParseRefused   what the person typed cannot become a wish; the message says what to do (permanent)
├── RuleRefused    an expression or rule value is refused; the message says where (permanent)
└── ModelUnavailable  a model did not answer; nothing was decided (not permanent)
"""

from __future__ import annotations


class AgentError(Exception):
    """A failure of the pipeline. `field` names the input that was wrong, where one was."""

    permanent = True

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class ParseRefused(AgentError):
    """The sentence cannot become a wish."""


class RuleRefused(AgentError):
    """A rule's value is refused."""


class ModelUnavailable(AgentError):
    """A model did not answer in time, or answered garbage."""

    permanent = False

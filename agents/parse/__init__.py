"""Parse: a person's sentence becomes intent, facets, exceptions and scope, shown back before it counts."""

from agents.parse.sentence import ParsedWish, describe, parse

__all__ = ["ParsedWish", "describe", "parse"]

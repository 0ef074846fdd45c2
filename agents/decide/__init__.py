"""Decide: plain rules over verified rulings. No model is called here."""

from agents.decide.precedence import decide
from agents.decide.scopes import in_scope

__all__ = ["decide", "in_scope"]

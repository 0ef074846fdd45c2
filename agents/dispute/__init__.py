"""Dispute: the other side of a ruling. Is it a mention, a report, a warning, mockery, play?"""

from agents.dispute.lexical import dispute

__all__ = ["dispute"]

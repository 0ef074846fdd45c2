"""Recall: the few wishes that an item could concern, and why the others were left out."""

from agents.recall.index import Index, compile_index

__all__ = ["Index", "compile_index"]

"""Perceive: an item becomes facts, each with its evidence."""

from agents.perceive.lexical import LexicalPerceiver

__all__ = ["LexicalPerceiver"]

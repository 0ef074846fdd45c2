"""Parse: what a person says becomes a wish, or the smallest change of one, shown back before it counts."""

from agents.parse.reading import Choice, ParsedWish, Question, Understood
from agents.parse.sentence import parse
from agents.parse.understanding import understand

__all__ = ["Choice", "ParsedWish", "Question", "Understood", "parse", "understand"]

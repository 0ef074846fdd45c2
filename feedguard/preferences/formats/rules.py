"""What the formats have in common: rules that were wanted elsewhere, and what could not be taken over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import re2

from agents.errors import RuleRefused
from agents.parse.rules import check_rule
from graph.errors import GraphError
from graph.types import Action, Rule, RuleKind

MAX_RULES = 2_000
Target = Literal["item", "picture"]


class FormatRefused(GraphError):
    """The file is not of this format; the message says what was expected. Nothing was changed."""

    permanent = True


@dataclass(frozen=True)
class Wanted:
    """One rule of another program, as FeedGuard would hold it. `source` names the list that it stood in."""

    rule: Rule
    source: str = ""
    action: Action = "hide"
    target: Target = "item"
    services: tuple[str, ...] = ()
    surfaces: tuple[str, ...] = ()
    until: dt.datetime | None = None


@dataclass
class Taken:
    """Everything read from a file: rules, and a line for each thing that was passed over, with the reason."""

    wanted: list[Wanted] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)

    def add(self, kind: RuleKind, value: str, said: str, **where: object) -> None:
        """Take a rule over, or pass it over with the reason for which it is refused."""
        if len(self.wanted) >= MAX_RULES:
            self.pass_over(said, f"more than {MAX_RULES:,} rules in one file")
            return
        try:
            self.wanted.append(Wanted(rule=check_rule(kind, value), **where))  # type: ignore[arg-type]
        except RuleRefused as refused:
            self.pass_over(said, refused.message)

    def pass_over(self, said: str, why: str) -> None:
        self.passed_over.append(f"“{said[:120]}”: {why.rstrip('.')}.")


def words(text: str, *, whole: bool = True) -> tuple[RuleKind, str]:
    """The rule for a word, phrase or #tag; not `whole`, it is found within longer words too."""
    text = " ".join(text.split())
    if text.startswith("#") and len(text) > 1:
        return "regex", rf"(?:^|[^\w&])#{re2.escape(text[1:])}\b"
    if not whole or not any(c.isalnum() for c in text):
        return "regex", re2.escape(text)
    return ("phrase" if " " in text else "word"), text


def lines_of(text: str) -> Iterable[str]:
    """The lines of a list without blanks at their ends, empty ones left out."""
    return (line for raw in text.splitlines() if (line := raw.strip()))

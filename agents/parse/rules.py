"""What a rule may hold. Checked at the door, so that no rule fails later."""

from __future__ import annotations

import re

import re2

from agents.errors import RuleRefused
from graph.types import Rule, RuleKind

MAX_VALUE = 200
KINDS = ("post", "repost", "reply", "quote", "video", "live", "short", "audio")


def check_rule(kind: RuleKind, value: str) -> Rule:
    """The rule, with its value in one form. Raises RuleRefused naming what is wrong with it."""
    value = value.strip()
    if not value:
        raise RuleRefused("Give a value for the rule.", field="value")
    if len(value) > MAX_VALUE:
        raise RuleRefused(f"A rule's value has at most {MAX_VALUE} characters.", field="value")
    if "\x00" in value:
        raise RuleRefused("A rule's value cannot hold a NUL character.", field="value")
    if kind == "regex":
        _check_expression(value)
    elif kind in {"length", "age"}:
        value = _comparison(kind, value)
    elif kind == "link_host":
        value = _host(value)
    elif kind == "link_path":
        value = re.sub(r"^https?://(www\.)?", "", value)
    elif kind == "kind" and value.casefold() not in KINDS:
        raise RuleRefused(f"Kinds are: {', '.join(KINDS)}.", field="value")
    elif kind == "language" and not re.fullmatch(r"[A-Za-z]{2,3}", value):
        raise RuleRefused("A language is named by its code of two letters, such as de.", field="value")
    elif kind in {"word", "phrase"} and not any(c.isalnum() for c in value):
        raise RuleRefused("A word needs at least one letter or digit.", field="value")
    return Rule(kind=kind, value=value.casefold() if kind in {"kind", "language"} else value)


def _check_expression(value: str) -> None:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    try:
        expression = re2.compile(value, options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error.args[0])
        raise RuleRefused(
            f"The expression is refused: {reason}. (Look-around and back-references cannot be used.)", field="value"
        ) from None
    if expression.search(""):
        raise RuleRefused("The expression matches everything. Make it match something.", field="value")


def _comparison(kind: str, value: str) -> str:
    found = re.fullmatch(r"([<>])\s*(\d{1,6})", value)
    unit = "words" if kind == "length" else "days"
    if not found:
        raise RuleRefused(f"Write < or > and a number of {unit}, such as >30.", field="value")
    return found[1] + found[2]


def _host(value: str) -> str:
    host = re.sub(r"^https?://", "", value.casefold()).partition("/")[0].removeprefix("www.")
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", host):
        raise RuleRefused("A host looks like example.org.", field="value")
    return host

"""Exact rules: no model, and the match is the evidence. People's expressions run on RE2 alone."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import cast
from urllib.parse import urlsplit

import re2

from agents.types import ElementRuling, Evidence, Field_, Item, Ruling
from agents.words import tokens
from graph.snapshot import Wish
from graph.types import Rule

VERSION = "rules-1"
_TEXT_FIELDS: tuple[Field_, ...] = ("title", "text", "alt")


def judge_rule(item: Item, wish: Wish, now: dt.datetime) -> Ruling:
    """Rule on a wish that is a rule; `now` serves rules of age."""
    rule = wish.rule
    if rule is None:
        raise ValueError("judge_rule takes a wish that is a rule")
    evidence = match_rule(item, rule, now)
    return Ruling(
        wish=wish.id,
        wish_hash=wish.hash,
        verdict="violated" if evidence else "not_violated",
        score=1.0 if evidence else 0.0,
        certainty=1.0,
        elements=(
            ElementRuling(
                role="rule",
                value=f"{rule.kind} {rule.value}",
                stated=True,
                holds="yes" if evidence else "no",
                evidence=evidence,
            ),
        ),
        stage="rule",
        judge=VERSION,
    )


def match_rule(item: Item, rule: Rule, now: dt.datetime) -> tuple[Evidence, ...]:
    """Where a rule matches; nothing where it does not."""
    if rule.kind in {"word", "phrase"}:
        return _words(item, rule.value)
    if rule.kind == "regex":
        return _expression(item, rule.value)
    if rule.kind in {"link_host", "link_path"}:
        return _whole(item, "link") if _link_matches(item.link, rule) else ()
    if rule.kind == "length":
        return _whole(item, "length") if compare(item.word_count, rule.value) else ()
    if rule.kind == "age":
        old = item.published_at is not None and compare((now - item.published_at).days, rule.value)
        return _whole(item, "age") if old else ()
    field = cast(Field_, rule.kind)
    return _whole(item, field) if item.field(field).casefold() == rule.value.casefold() else ()


def _words(item: Item, value: str) -> tuple[Evidence, ...]:
    wanted = [token.word for token in tokens(value)]
    found = []
    for field in _TEXT_FIELDS:
        text, words = item.field(field), tokens(item.field(field))
        for i in range(len(words) - len(wanted) + 1):
            if [token.word for token in words[i : i + len(wanted)]] == wanted:
                start, end = words[i].start, words[i + len(wanted) - 1].end
                found.append(Evidence(field=field, start=start, end=end, quote=text[start:end]))
    return tuple(found[:8])


@lru_cache(maxsize=2_000)
def _compiled(expression: str) -> re2._Regexp:
    options = re2.Options()
    options.case_sensitive = False
    options.max_mem = 1 << 20
    options.log_errors = False
    return re2.compile(expression, options)


def _expression(item: Item, value: str) -> tuple[Evidence, ...]:
    fields: tuple[Field_, ...] = (*_TEXT_FIELDS, "author")
    for field in fields:
        text = item.field(field)
        match = _compiled(value).search(text)
        if match and match.end() > match.start():
            return (Evidence(field=field, start=match.start(), end=match.end(), quote=match.group()),)
    return ()


def _link_matches(link: str, rule: Rule) -> bool:
    parts = urlsplit(link)
    host = (parts.hostname or "").removeprefix("www.")
    wanted = rule.value.casefold().removeprefix("www.")
    if rule.kind == "link_host":
        return host == wanted or host.endswith(f".{wanted}")
    return f"{host}{parts.path}".casefold().startswith(wanted)


def _whole(item: Item, field: Field_) -> tuple[Evidence, ...]:
    quote = item.field(field)
    return (Evidence(field=field, start=0, end=len(quote), quote=quote),) if quote else ()


def compare(number: float, condition: str) -> bool:
    """Whether a number meets `"<N"` or `">N"`."""
    limit = float(condition[1:])
    return number < limit if condition[0] == "<" else number > limit

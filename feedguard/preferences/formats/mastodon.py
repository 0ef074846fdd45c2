"""Mastodon filters, as `GET /api/v2/filters` gives them (docs.joinmastodon.org/entities/Filter)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from feedguard.preferences.formats.rules import FormatRefused, Taken, words
from graph.snapshot import Wish
from graph.types import Action

_SURFACES = {"home": "feed", "public": "feed", "thread": "replies"}
_CONTEXTS = {"feed": ["home", "public"], "replies": ["thread"]}
_EVERYWHERE = ["home", "notifications", "public", "thread", "account"]
_ACTIONS: dict[str, Action] = {"hide": "hide", "warn": "blur", "blur": "blur"}


class _Keyword(BaseModel):
    model_config = ConfigDict(extra="ignore")
    keyword: str
    whole_word: bool = False


class _Filter(BaseModel):
    model_config = ConfigDict(extra="ignore")
    title: str = ""
    context: list[str] = Field(default_factory=list)
    expires_at: dt.datetime | None = None
    filter_action: str = "warn"
    keywords: list[_Keyword] = Field(default_factory=list)
    statuses: list[dict[str, Any]] = Field(default_factory=list)


_filters: TypeAdapter[list[_Filter]] = TypeAdapter(list[_Filter])


def looks_like(value: Any) -> bool:
    """Whether JSON is a list of filters."""
    return isinstance(value, list) and all(isinstance(one, dict) and "keywords" in one for one in value) and bool(value)


def read(value: Any, now: dt.datetime) -> Taken:
    """Each keyword becomes a rule. Raises FormatRefused naming the field that is wrong."""
    try:
        filters = _filters.validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise FormatRefused(f"Mastodon filters, {field}: {first['msg']}", field=field) from None
    taken = Taken()
    for one in filters:
        if one.expires_at is not None and _aware(one.expires_at) <= now:
            taken.pass_over(one.title, "it has expired")
            continue
        for status in one.statuses:
            taken.pass_over(f"{one.title}, status {status.get('status_id', '')}", "single posts are not filtered here")
        surfaces = {_SURFACES[name] for name in one.context if name in _SURFACES}
        if one.context and not surfaces:
            taken.pass_over(one.title, f"it holds only for {', '.join(one.context)}, which FeedGuard does not see")
            continue
        for keyword in one.keywords:
            kind, text = words(keyword.keyword, whole=keyword.whole_word)
            taken.add(
                kind, text, keyword.keyword, source=one.title, action=_ACTIONS.get(one.filter_action, "blur"),
                target="picture" if one.filter_action == "blur" else "item",
                surfaces=tuple(sorted(surfaces)) if len(surfaces) == 1 else (),
                until=_aware(one.expires_at) if one.expires_at else None,
            )  # fmt: skip
    return taken


def _aware(when: dt.datetime) -> dt.datetime:
    return when if when.tzinfo else when.replace(tzinfo=dt.UTC)


def write(wishes: Sequence[Wish]) -> tuple[list[dict[str, Any]], list[str]]:
    """Filters for the wishes that can be carried, and a line for each thing that could not."""
    filters: list[dict[str, Any]] = []
    report: list[str] = []
    for wish in wishes:
        keyword = carried_word(wish, report)
        if keyword is None:
            continue
        if wish.target == "picture":
            action = "blur"
        else:
            action = "hide" if wish.action == "hide" else "warn"
            if wish.action == "label":
                report.append(f"“{wish.text}”: is marked here; Mastodon shows a warning instead.")
        surfaces = {surface for scope in wish.scopes for surface in scope.surfaces}
        context = [name for surface in sorted(surfaces) for name in _CONTEXTS.get(surface, [])]
        until = min((s.until for s in wish.scopes if s.until), default=None)
        filters.append(
            {
                "title": wish.text[:100], "context": context or _EVERYWHERE, "filter_action": action,
                "expires_at": until.astimezone(dt.UTC).isoformat().replace("+00:00", "Z") if until else None,
                "keywords": [{"keyword": keyword, "whole_word": True}], "statuses": [],
            }
        )  # fmt: skip
    return filters, report


def carried_word(wish: Wish, report: list[str]) -> str | None:
    """The word or phrase by which another program can know a wish; None, with a line in the report, where it cannot.

    A limit to hours, sources, folders, services or languages, and exceptions, would be lost: such a wish would
    hide more there than here, so it is not carried.
    """
    why = ""
    if wish.polarity == "welcome":
        why = "it welcomes something; only what is to be hidden can be carried"
    elif wish.rule is None:
        why = "it is described in words; only exact words and phrases can be carried"
    elif wish.rule.kind not in {"word", "phrase"}:
        why = f"it is a rule on {wish.rule.kind.replace('_', ' ')}; only words and phrases can be carried"
    elif any(s.hours or s.sources or s.folders or s.services or s.languages for s in wish.scopes):
        why = "it holds only at certain hours or places, which would be lost"
    if why or wish.rule is None:
        report.append(f"“{wish.text}”: {why}.")
        return None
    return wish.rule.value

"""Bluesky's muted words: `app.bsky.actor.defs#mutedWordsPref`, alone or within a list of preferences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from feedguard.preferences.formats.mastodon import carried_word
from feedguard.preferences.formats.rules import FormatRefused, Taken, words
from graph.snapshot import Wish

TYPE = "app.bsky.actor.defs#mutedWordsPref"
_DONE = {"blur": "covered", "label": "marked", "show": "shown", "star": "starred"}


class _MutedWord(BaseModel):
    model_config = ConfigDict(extra="ignore")
    value: str
    targets: list[str]
    actor_target: str = Field("all", validation_alias=AliasChoices("actorTarget"))
    expires_at: dt.datetime | None = Field(None, validation_alias=AliasChoices("expiresAt"))


class _MutedWords(BaseModel):
    model_config = ConfigDict(extra="ignore")
    items: list[_MutedWord]


def muted_words(value: Any) -> Any:
    """The preference within what was given, or None."""
    if isinstance(value, dict) and isinstance(value.get("preferences"), list):
        value = value["preferences"]
    if isinstance(value, list):
        return next((one for one in value if isinstance(one, dict) and one.get("$type") == TYPE), None)
    return value if isinstance(value, dict) and value.get("$type") == TYPE else None


def read(value: Any, now: dt.datetime) -> Taken:
    """Each muted word becomes a rule. Raises FormatRefused naming the field that is wrong."""
    found = muted_words(value)
    if found is None:
        raise FormatRefused(f"There is no preference of the type {TYPE} in this file.", field="$type")
    try:
        muted = _MutedWords.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise FormatRefused(f"Bluesky muted words, {field}: {first['msg']}", field=field) from None
    taken = Taken()
    for one in muted.items:
        until = (
            one.expires_at if one.expires_at is None or one.expires_at.tzinfo else one.expires_at.replace(tzinfo=dt.UTC)
        )
        if until is not None and until <= now:
            taken.pass_over(one.value, "it has expired")
            continue
        if one.actor_target != "all":
            taken.pass_over(one.value, "it spares people whom you follow, whom FeedGuard does not know")
            continue
        text = one.value if "content" in one.targets or one.value.startswith("#") else f"#{one.value}"
        kind, text = words(text)
        taken.add(kind, text, one.value, source="Bluesky", until=until)
    return taken


def write(wishes: Sequence[Wish]) -> tuple[dict[str, Any], list[str]]:
    """The preference for the wishes that can be carried, and a line for each thing that could not."""
    items: list[dict[str, Any]] = []
    report: list[str] = []
    for wish in wishes:
        word = carried_word(wish, report)
        if word is None:
            continue
        if any(s.surfaces for s in wish.scopes):
            report.append(f"“{wish.text}”: it holds only in a part of the feed, which would be lost.")
            continue
        if wish.action != "hide":
            report.append(f"“{wish.text}”: is {_DONE[wish.action]} here, not hidden; Bluesky hides it.")
        until = min((s.until for s in wish.scopes if s.until), default=None)
        item: dict[str, Any] = {"value": word, "targets": ["content", "tag"], "actorTarget": "all"}
        if until:
            item["expiresAt"] = until.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
        items.append(item)
    return {"$type": TYPE, "items": items}, report

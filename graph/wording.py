"""What operations would do, in plain words and in the person's time, for proposals and conflicts."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graph.deltas import Op
from graph.state import State
from graph.types import Entity

_VERBS = {"hide": "Hide", "blur": "Cover", "label": "Mark", "star": "Star", "show": "Show"}
_DONE = {"hide": "hidden", "blur": "covered", "label": "marked", "star": "starred", "show": "shown"}
_STATUS = {"pause": "Pause", "resume": "Resume", "retire": "Remove", "restore": "Bring back"}
_RULES = {
    "word": "the word “{}”", "phrase": "the phrase “{}”", "regex": "the expression “{}”", "author": "the author “{}”",
    "source": "the source “{}”", "link_host": "links to {}", "link_path": "links under {}", "kind": "items of the kind {}",
    "length": "items of {} words", "age": "items of {} days", "language": "items in the language {}",
}  # fmt: skip
_GUARDS = {"author": "author", "source": "source", "thread": "thread", "own": "posts of your own"}


def lines(ops: Sequence[Op], state: State, time_zone: str = "UTC") -> list[str]:
    """A sentence for each thing that the operations do. `state` gives the names of what was there before or
    is there after them."""
    made = {op.target: op.after for op in ops if op.field == "" and isinstance(op.after, dict)}
    names = _Names(state, made, _holders(ops, state))
    facets = any(value["kind"] == "facet" for value in made.values())
    statuses = {op.target: op.after for op in ops if op.field == "status"}
    told = [op for op in ops if op.field != "status" or statuses.get(names.holder(op.target)) != op.after]
    found = [line for op in told if (line := _line(op, names, zoneinfo.ZoneInfo(time_zone), facets))]
    return list(dict.fromkeys(found)) or ["Change how wishes belong together."]


def name_of(entity: Entity) -> str:
    """What a person would call an entity."""
    values = entity.model_dump(mode="json")
    return _short(str(values.get("text") or values.get("value") or values.get("excerpt") or "a limit"))


def words_of(field: str, value: Any, time_zone: str = "UTC") -> str:
    """A field's value in words."""
    if value in (None, "", [], ()):
        return "nothing"
    if field == "status":
        return {"active": "it holds", "paused": "paused", "retired": "removed"}.get(str(value), str(value))
    if field == "action":
        return _DONE.get(str(value), str(value))
    if field == "elements":
        return _quoted(_stated(value)) or "nothing"
    if field == "until":
        return f"u{_until(str(value), zoneinfo.ZoneInfo(time_zone))[1:-1]}"
    if field == "hours":
        return _hours(value).rstrip(".")
    return _listed(value) if isinstance(value, list | tuple) else _plain(value)


class _Names:
    """How entities are called, whether they were there before or come with the operations."""

    def __init__(self, state: State, made: Mapping[str, dict[str, Any]], holders: Mapping[str, list[str]]) -> None:
        self._state, self._made, self._holders = state, made, holders

    def is_made(self, key: str) -> bool:
        return key in self._made

    def values(self, key: str) -> dict[str, Any]:
        if key in self._made:
            return self._made[key]
        entity: Entity | None = self._state.entities.get(key)
        return entity.model_dump(mode="json") if entity else {}

    def of(self, key: str) -> str:
        """The name of an entity; a scope is called by the wish that it limits."""
        values = self.values(key)
        name = values.get("text") or values.get("value") or values.get("excerpt")
        if not name and (holder := self.holder(key)):
            return self.of(holder)
        return _short(str(name)) if name else "a wish"

    def belonging(self, key: str) -> str:
        """Words that say what an exception, scope or exemplar is for; none where that is told beside it."""
        held = self._holders.get(key, [])
        if not held:
            return ""
        if len(held) > 1:
            return f" (for {len(held)} wishes)"
        wishes = sum(values["kind"] in {"intent", "facet"} for values in self._made.values())
        beside = self.is_made(held[0]) and (self._made[held[0]]["kind"] == "intent" or wishes == 1)
        return "" if beside else f" (for “{self.of(held[0])}”)"

    def holder(self, key: str) -> str:
        """What a facet, exception, scope or exemplar belongs to."""
        return next(iter(self._holders.get(key, [])), "")


def _holders(ops: Iterable[Op], state: State) -> dict[str, list[str]]:
    """What each facet, exception, scope and exemplar belongs to."""
    raw = [{"kind": link.kind, "source": link.source, "target": link.target} for link in state.links]
    raw += [op.after for op in ops if op.field == "link" and op.after]
    found: dict[str, list[str]] = {}
    for link in raw:
        finer, holder = ("source", "target") if link["kind"] in {"REFINES", "EXCEPTS"} else ("target", "source")
        held = found.setdefault(str(link[finer]), [])
        if str(link[holder]) not in held:
            held.append(str(link[holder]))
    return found


def _line(op: Op, names: _Names, zone: zoneinfo.ZoneInfo, facets: bool) -> str:
    if op.field == "link":
        return ""
    if op.field == "":
        return _made(op.after, names, zone, facets)
    values, name = names.values(op.target), names.of(op.target)
    if op.field == "status":
        return _status(op, values, name)
    if op.field == "elements":
        return _elements(op, name)
    if op.field == "action":
        return f"“{name}”: what it catches is now {_DONE[str(op.after)]} instead of {_DONE[str(op.before)]}."
    if op.field == "until":
        if op.after is None:
            return f"“{name}”: without a limit in time."
        return f"“{name}”: u{_until(str(op.after), zone)[1:]}"
    if op.field == "strength":
        return f"“{name}”: {'stronger' if op.after > op.before else 'weaker'} than before ({op.before} → {op.after})."
    if op.field == "hours":
        return f"“{name}”: {_hours(op.after)}"
    if values.get("kind") == "scope":
        return (
            f"“{name}”: only in {_listed(op.after)}."
            if op.after
            else f"“{name}”: no longer only in {_listed(op.before)}."
        )
    return f"“{name}”: {op.field.replace('_', ' ')} is now {_plain(op.after)} (before: {_plain(op.before)})."


def _status(op: Op, values: Mapping[str, Any], name: str) -> str:
    kind = values.get("kind", "")
    if kind in {"scope"}:
        return ""
    if kind == "exemplar":
        return f"{'Forget' if op.after == 'retired' else 'Remember again'} the item “{name}”."
    what = {"exception": "the exception ", "guard": "the guard "}.get(kind, "")
    return f"{_STATUS.get(op.op, 'Change')} {what}“{name}”."


def _elements(op: Op, name: str) -> str:
    before, after = _stated(op.before), _stated(op.after)
    added = [value for value in after if value not in before]
    gone = [value for value in before if value not in after]
    parts = []
    if added:
        parts.append(f"only where {_quoted(added)} {'is' if len(added) == 1 else 'are'} found too")
    if gone:
        parts.append(f"{_quoted(gone)} {'is' if len(gone) == 1 else 'are'} no longer needed")
    return f"“{name}”: {'; '.join(parts) or 'said otherwise'}."


def _made(values: Mapping[str, Any], names: _Names, zone: zoneinfo.ZoneInfo, facets: bool) -> str:
    kind, key = values["kind"], str(values["id"])
    if kind == "facet" or (kind == "intent" and values["elements"]):
        return _catches(values)
    if kind == "intent":
        return "" if facets else f"New wish “{_short(values['text'])}”."
    of = names.belonging(key)
    if kind == "exception":
        return f"Except where it is about “{_short(values['text'])}”{of}."
    if kind == "guard":
        what = _GUARDS[values["guards"]]
        return f"Never hide {what}." if values["guards"] == "own" else f"Never hide the {what} “{values['value']}”."
    if kind == "exemplar":
        return f"Remember “{_short(values['excerpt'])}” as {'caught rightly' if values['caught'] else 'not meant'}{of}."
    return " ".join(f"{part[:-1]}{of}." for part in _scope(values, zone))


def _catches(values: Mapping[str, Any]) -> str:
    verb = _VERBS[values["action"]]
    what = "the pictures of items" if values["target"] == "picture" else "items"
    if values.get("rule"):
        return f"{verb} {what} by an exact rule: {_RULES[values['rule']['kind']].format(values['rule']['value'])}."
    stated = _stated(values["elements"])
    implied = [e["value"] for e in values["elements"] if not e["stated"]]
    found = f"“{stated[0]}” is found" if len(stated) == 1 else f"all of these are found: {_quoted(stated)}"
    return f"{verb} {what} in which {found}{f' (likely also {_quoted(implied)})' if implied else ''}."


def _scope(values: Mapping[str, Any], zone: zoneinfo.ZoneInfo) -> list[str]:
    found = []
    if values["until"]:
        found.append(_until(str(values["until"]), zone))
    if values["hours"]:
        found.append(_hours(values["hours"]).capitalize())
    places = [p for field in ("services", "sources", "folders", "surfaces", "languages") for p in values[field]]
    if places:
        found.append(f"Only in {_listed(places)}.")
    return found


def _until(value: str, zone: zoneinfo.ZoneInfo) -> str:
    end = dt.datetime.fromisoformat(value).astimezone(zone)
    if end.time() == dt.time():
        last = end - dt.timedelta(seconds=1)
        return f"Until the end of {last:%A, %-d %B %Y}."
    return f"Until {end:%A, %-d %B %Y, %H:%M}."


def _hours(hours: Sequence[int] | None) -> str:
    if not hours:
        return "at all times of the day."
    start, end = (f"{minute // 60:02}:{minute % 60:02}" for minute in hours)
    return f"only between {start} and {end}."


def _stated(elements: Any) -> list[str]:
    return [str(e["value"]) for e in elements or () if e["stated"]]


def _quoted(values: Sequence[str]) -> str:
    return " and ".join(f"“{value}”" for value in values)


def _listed(values: Sequence[str]) -> str:
    return ", ".join(values)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _short(str(value)) if value not in (None, "", []) else "nothing"


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:119]}…"

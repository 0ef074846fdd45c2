"""What operations do, in plain words and in the person's time: for proposals (what would change), the history (what
did), and conflicts (single values)."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graph.ops import Delta, Op
from graph.state import State
from graph.types import Entity, as_json

_COMMAND = re.compile(
    r"(no|not|never|hide|blur|cover|mark|label|star|show|keep|less|fewer|more|without|stop|don['’]t|i|welcome)\b",
    re.IGNORECASE,
)
_VERBS = {"hide": "hide", "blur": "cover", "label": "mark", "star": "star", "show": "show"}
_DONE = {"hide": "hidden", "blur": "covered", "label": "marked", "star": "starred", "show": "shown"}
_STATUS = {
    "pause": ("pause", "paused"), "resume": ("resume", "resumed"), "retire": ("remove", "removed"),
    "restore": ("bring back", "brought back"), "forget": ("forget the item", "forgot the item"),
    "remember": ("remember again the item", "remembered again the item"),
}  # fmt: skip
"""By operation: what would be done, and what was."""
_RULES = {
    "word": "the word “{}”", "phrase": "the phrase “{}”", "regex": "the expression “{}”", "author": "the author “{}”",
    "source": "the source “{}”", "link_host": "links to {}", "link_path": "links under {}", "kind": "items of the kind {}",
    "length": "items of {} words", "age": "items of {} days", "language": "items in the language {}",
}  # fmt: skip
_SERVICES = {"youtube": "YouTube", "tiktok": "TikTok", "linkedin": "LinkedIn", "hackernews": "Hacker News"}
_PLACES = {"services": "on", "sources": "from", "folders": "in", "surfaces": "in", "languages": "in"}
_ANYWHERE = {
    "services": "on every service", "sources": "from every source", "folders": "in every folder",
    "surfaces": "in every part of the feed", "languages": "in every language", "hours": "at any hour",
    "until": "without end",
}  # fmt: skip
_RELATIONS = {"REFINES": "part of", "EXCEPTS": "an exception to", "REMEMBERS": "what remembers"}
_SWITCHES = {"always": "even where something welcome is in it", "hide_anyway": "hidden even where it is not certain"}
_TARGETS = {"item": "the whole item", "picture": "its pictures alone"}


def lines(ops: Sequence[Op], state: State, time_zone: str = "UTC") -> list[str]:
    """A sentence for each thing that the operations would do. `state` gives the names of what was there before or
    is there after them."""
    told = _Words(ops, state, time_zone, past=False).all()
    return [f"{line[0].upper()}{line[1:]}." for line in told] or ["Change how wishes belong together."]


def sentence(delta: Delta, state: State, time_zone: str = "UTC") -> str:
    """What a delta did. `state` gives the names of entities that it does not carry itself."""
    if delta.erased:
        return "a change whose words were erased"
    text = "; ".join(_Words(delta.ops, state, time_zone, past=True).all()) or "changed how wishes belong together"
    return f"took a change back: {text}" if delta.undoes else text


def name_of(entity: Entity) -> str:
    """What a person would call an entity."""
    return _name(as_json(entity)) or "a limit"


def words_of(field: str, value: Any, time_zone: str = "UTC") -> str:
    """A field's value in words."""
    if value in (None, "", [], ()):
        return "nothing"
    if field in {"status", "action"}:
        return {"active": "it holds", "retired": "removed", **_DONE}.get(str(value), str(value))
    if field == "elements":
        return _quoted(_stated(value)) or "nothing"
    if field == "rule":
        return _rule(value)
    if field in _ANYWHERE:
        return _place(field, value, zoneinfo.ZoneInfo(time_zone))
    return _listed(value) if isinstance(value, list | tuple) else _plain(value)


class _Names:
    """How entities are called, whether they were there before or come with the operations."""

    def __init__(self, ops: Sequence[Op], state: State) -> None:
        self.made = {op.target: op.after for op in ops if op.field == "" and isinstance(op.after, dict)}
        self._state, self._holders = state, _holders(ops, state)

    def values(self, key: str) -> Mapping[str, Any]:
        if key in self.made:
            return self.made[key]
        entity = self._state.entities.get(key)
        return as_json(entity) if entity is not None else {}

    def of(self, key: str) -> str:
        """The name of an entity in quotes; a scope is called by the wish that it limits."""
        name = _name(self.values(key))
        if not name and (holder := self.holder(key)):
            return self.of(holder)
        return f"“{name}”" if name else "something that was erased"

    def subject(self, key: str) -> str:
        """An entity as what a line speaks of: hide tutoring ads, “free lessons”."""
        values = self.values(key)
        if values.get("kind") == "scope" and (holder := self.holder(key)):
            return self.subject(holder)
        if values.get("kind") not in {"intent", "facet"}:
            return self.of(key)
        text = _name(values)
        return text if _COMMAND.match(text) else f"{_verb(values)} {text}"

    def holder(self, key: str) -> str:
        """What a facet, exception, scope or exemplar belongs to."""
        return next(iter(self._holders.get(key, [])), "")

    def belonging(self, key: str) -> str:
        """The wish that an exception, scope or exemplar is for; empty where that is told beside it."""
        held = self._holders.get(key, [])
        if not held:
            return ""
        if len(held) > 1:
            return f"{len(held)} wishes"
        wishes = sum(values["kind"] in {"intent", "facet"} for values in self.made.values())
        beside = held[0] in self.made and (self.made[held[0]]["kind"] == "intent" or wishes == 1)
        return "" if beside else self.of(held[0])


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


class _Words:
    """The lines of one change, as it would be (imperative) or as it was."""

    def __init__(self, ops: Sequence[Op], state: State, time_zone: str, *, past: bool) -> None:
        self.ops, self.past, self.zone = ops, past, zoneinfo.ZoneInfo(time_zone)
        self.names = _Names(ops, state)
        self.statuses = {op.target: op.after for op in ops if op.field == "status"}
        self.facets = any(values["kind"] == "facet" for values in self.names.made.values())

    def all(self) -> list[str]:
        return list(dict.fromkeys(line for op in self.ops if (line := self._line(op))))

    def _line(self, op: Op) -> str:
        if op.field == "link":
            return self._link(op)
        if op.field == "":
            return self._made(op.target, op.after)
        if op.field == "status":
            return self._status(op)
        if op.field == "text":
            return f"“{_short(str(op.before))}” now reads “{_short(str(op.after))}”"
        if op.field == "action":  # the subject would say the new one already
            done, before = _DONE[str(op.after)], _DONE[str(op.before)]
            return f"{self.names.of(op.target)}: what it catches is now {done} instead of {before}"
        return f"{self.names.subject(op.target)}: {self._change(op)}"

    def _status(self, op: Op) -> str:
        if self.statuses.get(self.names.holder(op.target)) == op.after:
            return ""  # told with what it belongs to
        kind = self.names.values(op.target).get("kind", "")
        if kind == "scope":
            return (
                f"{self.names.subject(op.target)}: {'without its limit' if op.after == 'retired' else 'limited again'}"
            )
        what = {"exception": "the exception ", "guard": "the guard "}.get(kind, "")
        return f"{_STATUS.get(op.op, ('change', 'changed'))[self.past]} {what}{self.names.of(op.target)}"

    def _made(self, key: str, values: Mapping[str, Any]) -> str:
        kind = values["kind"]
        if kind == "facet" or (kind == "intent" and values["elements"]):
            return _catches(values)
        if kind == "intent":
            return f"new wish “{_short(values['text'])}”" if self.past or not self.facets else ""
        if kind == "guard":
            return f"never hide {_guard(values)}"
        wish = self.names.belonging(key)
        if kind == "scope":
            where = self._where(values)
            of = f"{wish if wish[:1].isdigit() else self.names.subject(key)}: now " if wish else ""
            return f"{of}only {where}" if where else ""
        of = f" (for {wish})" if wish else ""
        if kind == "exception":
            return f"except where it is about “{_short(values['text'])}”{of}"
        remember = "remembered" if self.past else "remember"
        return (
            f"{remember} “{_short(values['excerpt'])}” as {'caught rightly' if values['caught'] else 'not meant'}{of}"
        )

    def _link(self, op: Op) -> str:
        link = op.after or op.before
        ends = {link["source"], link["target"]}
        if (op.after is not None and ends & self.names.made.keys()) or ends & self.statuses.keys():
            return ""  # told with what was made, removed or brought back
        if link["kind"] == "SCOPED_TO":
            where = self._where(self.names.values(link["target"]))
            limits = f"only {where}" if where else "everywhere"
            return f"{self.names.subject(link['source'])}: {'now' if op.after else 'no longer'} {limits}"
        now = "is now" if op.after is not None else "is no longer"
        return f"{self.names.of(link['source'])} {now} {_RELATIONS[link['kind']]} {self.names.of(link['target'])}"

    def _change(self, op: Op) -> str:
        if op.field in _ANYWHERE:
            where = _place(op.field, op.after, self.zone)
            return f"now only {where}" if where else f"now {_ANYWHERE[op.field]}"
        if op.field == "elements":
            return _elements(op)
        if op.field == "strength":
            return f"{'stronger' if op.after > op.before else 'weaker'} than before ({op.before} → {op.after})"
        if op.field == "rule":
            return f"now goes by {_rule(op.after)} instead of {_rule(op.before)}"
        if op.field == "target":
            return f"now about {_TARGETS[str(op.after)]}"
        if op.field in _SWITCHES:
            return f"{'now' if op.after else 'no longer'} {_SWITCHES[op.field]}"
        return f"{op.field.replace('_', ' ')} is now {_plain(op.after)} (before: {_plain(op.before)})"

    def _where(self, values: Mapping[str, Any]) -> str:
        return ", ".join(words for field in _ANYWHERE if (words := _place(field, values.get(field), self.zone)))


def _elements(op: Op) -> str:
    before, after = _stated(op.before), _stated(op.after)
    added = [value for value in after if value not in before]
    gone = [value for value in before if value not in after]
    more = f"only where {_quoted(added)} {'is' if len(added) == 1 else 'are'} found too" if added else ""
    less = f"{_quoted(gone)} {'is' if len(gone) == 1 else 'are'} no longer needed" if gone else ""
    return "; ".join(part for part in (more, less) if part) or "said otherwise"


def _catches(values: Mapping[str, Any]) -> str:
    if values.get("rule"):
        return f"{_verb(values, 'items')} by an exact rule: {_rule(values['rule'])}"
    stated, implied = _stated(values["elements"]), [e["value"] for e in values["elements"] if not e["stated"]]
    found = f"“{stated[0]}” is found" if len(stated) == 1 else f"all of these are found: {_quoted(stated)}"
    return f"{_verb(values, 'items')} in which {found}{f' (likely also {_quoted(implied)})' if implied else ''}"


def _verb(values: Mapping[str, Any], what: str = "") -> str:
    verb = (
        "welcome" if values.get("polarity") == "welcome" and not what else _VERBS.get(values.get("action", ""), "hide")
    )
    pictures = ("the pictures of" if what else "pictures of") if values.get("target") == "picture" else ""
    return " ".join(part for part in (verb, pictures, what) if part)


def _guard(values: Mapping[str, Any]) -> str:
    return "posts of your own" if values["guards"] == "own" else f"the {values['guards']} “{values['value']}”"


def _rule(rule: Mapping[str, Any] | None) -> str:
    return _RULES[rule["kind"]].format(rule["value"]) if rule else "no rule"


def _place(field: str, value: Any, zone: dt.tzinfo) -> str:
    """Where or when a limit lets a wish hold; empty for no limit."""
    if not value:
        return ""
    if field == "until":
        return _until(str(value), zone)
    if field == "hours":
        start, end = (f"{minute // 60:02}:{minute % 60:02}" for minute in value)
        return f"between {start} and {end}"
    if field == "services":
        value = [_SERVICES.get(service, service[:1].upper() + service[1:]) for service in value]
    return f"{_PLACES[field]} {_listed(value)}"


def _until(value: str, zone: dt.tzinfo) -> str:
    end = dt.datetime.fromisoformat(value).astimezone(zone)
    if end.time() == dt.time():
        return f"until the end of {end - dt.timedelta(seconds=1):%A, %-d %B %Y}"
    return f"until {end:%A, %-d %B %Y, %H:%M}"


def _name(values: Mapping[str, Any]) -> str:
    return _short(str(values.get("text") or values.get("value") or values.get("excerpt") or ""))


def _stated(elements: Any) -> list[str]:
    return [str(e["value"]) for e in elements or () if e["stated"]]


def _quoted(values: Sequence[str]) -> str:
    return _listed([f"“{value}”" for value in values])


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _short(str(value)) if value not in (None, "", []) else "nothing"


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:119]}…"

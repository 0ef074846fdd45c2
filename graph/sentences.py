"""What a delta did, in words that a person reads."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from graph.ops import Delta, Op
from graph.state import State
from graph.types import as_json

_COMMAND = re.compile(
    r"(no|not|never|hide|blur|cover|mark|label|star|show|keep|less|fewer|more|without|stop|don['’]t|i|welcome)\b",
    re.IGNORECASE,
)
_VERBS = {"hide": "hide", "blur": "cover", "label": "mark", "star": "star", "show": "show"}
_DONE = {"hide": "hidden", "blur": "covered", "label": "marked", "star": "starred", "show": "shown"}
_STATUS = {
    "pause": "paused", "resume": "resumed", "retire": "removed", "restore": "brought back", "forget": "forgotten",
    "remember": "remembered again",
}  # fmt: skip
_SERVICES = {"youtube": "YouTube", "tiktok": "TikTok", "linkedin": "LinkedIn", "hackernews": "Hacker News"}
_ANYWHERE = {
    "services": "on every service", "sources": "from every source", "folders": "in every folder",
    "surfaces": "in every part of the feed", "languages": "in every language", "hours": "at any hour",
    "until": "without end",
}  # fmt: skip
_RELATIONS = {"REFINES": "is part of", "EXCEPTS": "is an exception to", "REMEMBERS": "remembers"}
_NAMES = {"always": "even where something welcome is in it", "hide_anyway": "hidden even where it is not certain"}


def sentence(delta: Delta, state: State, zone: dt.tzinfo = dt.UTC) -> str:
    """A delta in plain words. `state` gives the names of entities that it does not carry itself; times of day and
    dates are told in `zone`."""
    if delta.erased:
        return "a change whose words were erased"
    words = _Words(delta, state, zone)
    text = "; ".join(dict.fromkeys(line for op in delta.ops if (line := words.line(op)))) or "changed relations"
    return f"took back: {text}" if delta.undoes else text


class _Words:
    """One delta's entities as it leaves them, and their names."""

    def __init__(self, delta: Delta, state: State, zone: dt.tzinfo) -> None:
        self.zone = zone
        self.made = {op.target: op.after for op in delta.ops if op.field == ""}
        self.state = state
        self.wishes = {
            op.after["target"]: op.after["source"]
            for op in delta.ops
            if op.field == "link" and op.after is not None and op.after["kind"] == "SCOPED_TO"
        }

    def values(self, key: str) -> Mapping[str, Any]:
        if key in self.made:
            return self.made[key]  # type: ignore[no-any-return]
        entity = self.state.entities.get(key)
        return as_json(entity) if entity is not None else {}

    def name(self, key: str) -> str:
        """What a person would call an entity: "hide tutoring ads", “free lessons”, author Ida."""
        values = self.values(key)
        kind = values.get("kind")
        if kind in {"intent", "facet"}:
            text = str(values["text"])
            if _COMMAND.match(text):
                return text
            return f"{'welcome' if values.get('polarity') == 'welcome' else _verb(values)} {text}"
        if kind == "guard":
            return _guard(values)
        if kind == "scope":
            return next((self.name(wish) for wish in self._wishes_of(key)), "a limit")
        words = values.get("text") or values.get("excerpt")
        return f"“{words}”" if words else "something that was erased"

    def _wishes_of(self, scope: str) -> list[str]:
        return [self.wishes[scope]] if scope in self.wishes else [e.id for e in self.state.sources("SCOPED_TO", scope)]

    def line(self, op: Op) -> str:
        if op.field == "link":
            return self._link(op)
        if op.field == "":
            return self._made(op)
        name = self.name(op.target)
        if op.field == "status":
            if self.values(op.target).get("kind") == "scope":
                return f"{name}: {'limit lifted' if op.after == 'retired' else 'limit set again'}"
            return f"{_STATUS.get(op.op, 'changed')}: {name}"
        return f"{name}: {self._change(op)}"

    def _made(self, op: Op) -> str:
        match op.after["kind"]:
            case "intent":
                return f"new wish: {self.name(op.target)}"
            case "facet":
                return f"catches “{op.after['text']}”"
            case "exception":
                return f"except “{op.after['text']}”"
            case "guard":
                return f"never hide {_guard(op.after)}"
            case "exemplar":
                caught = op.after.get("caught")
                return f"remembers as {'rightly caught' if caught else 'not meant'}: “{op.after['excerpt']}”"
        where = [words for field in _ANYWHERE if (words := self._place(field, op.after.get(field)))]
        return f"{self.name(op.target)}: now only {' and '.join(where)}" if where else ""

    def _link(self, op: Op) -> str:
        if op.op == "link" and (op.after["target"] in self.made or op.after["source"] in self.made):
            return ""  # told with what was made
        link = op.after or op.before
        if link["kind"] == "SCOPED_TO":
            values = self.values(link["target"])
            where = [words for field in _ANYWHERE if (words := self._place(field, values.get(field)))]
            limits = f"only {' and '.join(where)}" if where else "everywhere"
            return f"{self.name(link['source'])}: {'now' if op.after else 'no longer'} {limits}"
        no = "" if op.after is not None else "no longer: "
        return f"{no}{self.name(link['source'])} {_RELATIONS[link['kind']]} {self.name(link['target'])}"

    def _change(self, op: Op) -> str:
        if op.field in _ANYWHERE:
            where = self._place(op.field, op.after)
            return f"now only {where}" if where else f"now {_ANYWHERE[op.field]}"
        if op.field == "elements":
            return f"now goes by {_elements(op.after)} (before: {_elements(op.before)})"
        if op.field == "action":
            return f"what it catches is now {_DONE[op.after]}, not {_DONE[op.before]}"
        if op.field == "rule":
            before, after = (f"{r['kind']} {r['value']}" if r else "no rule" for r in (op.before, op.after))
            return f"{after} (before: {before})"
        if op.field in _NAMES:
            return f"{'now' if op.after else 'no longer'} {_NAMES[op.field]}"
        return f"{op.field.replace('_', ' ')} {op.before} → {op.after}"

    def _place(self, field: str, value: Any) -> str:
        if not value:
            return ""
        if field == "until":
            return f"until {dt.datetime.fromisoformat(value).astimezone(self.zone):%-d %B %Y, %H:%M}"
        if field == "hours":
            return " to ".join(f"{minute // 60:02}:{minute % 60:02}" for minute in value)
        if field == "services":
            value = [_SERVICES.get(service, service[:1].upper() + service[1:]) for service in value]
        preposition = {"services": "on", "sources": "from", "folders": "in", "surfaces": "in", "languages": "in"}[field]
        return f"{preposition} {_listed(value)}"


def _verb(values: Mapping[str, Any]) -> str:
    verb = _VERBS.get(values.get("action", "hide"), "hide")
    return f"{verb} pictures of" if values.get("target") == "picture" else verb


def _guard(values: Mapping[str, Any]) -> str:
    return "my own posts" if values["guards"] == "own" else f"{values['guards']} {values['value']}"


def _elements(elements: Sequence[Mapping[str, Any]]) -> str:
    return _listed([f"“{e['value']}”" for e in elements]) if elements else "nothing"


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]

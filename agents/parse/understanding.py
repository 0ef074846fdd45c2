"""What a person says, understood against the wishes that they have: a new wish, or the smallest change of one.

The wish that is meant is found by shared words; a pronoun means the most recent one; where two fit, the person
is asked. Nothing is guessed in silence: a change that finds no wish is refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from agents.errors import ParseRefused
from agents.parse import adjusting, times
from agents.parse.changes import Change, names_weekdays, read_change, read_kept, read_place, read_scope, without_remark
from agents.parse.known import Known, Target, candidates, known_wishes, named, same_elements, whole
from agents.parse.reading import Choice, ParsedWish, Question, Understood
from agents.parse.sentence import checked, parse, take_scope
from graph.deltas import Op, State, retire_ops, set_op
from graph.types import Scope, new_id

MAX_CHOICES = 4
_NO_END = "This does not end by itself: it holds until you take it back."
Make = Callable[[Target], Understood | None]


def understand(
    state: State,
    sentence: str,
    *,
    now: dt.datetime,
    time_zone: str,
    sources: Sequence[str] = (),
    folders: Sequence[str] = (),
) -> Understood:
    """The operations that a sentence asks for, on this state. The state itself is not changed.

    Raises ParseRefused (field `sentence`) where the words name nothing that could be looked for, or speak of a
    wish that is not there.
    """
    said = checked(sentence)
    known = known_wishes(state)
    if known:
        if names_weekdays(said):
            raise ParseRefused(
                "Days of the week cannot be a limit yet; hours of the day and an end can.", field="sentence"
            )
        change, scope, notes = _read(said, now, time_zone, sources, folders)
        if change is not None:
            found = _changed(state, known, change, scope)
            if found is not None:
                return found.model_copy(update={"notes": (*notes, *found.notes)})
            if change.firm:
                raise ParseRefused(_not_there(change), field="sentence")
    parsed = parse(sentence, now=now, time_zone=time_zone, sources=sources, folders=folders)
    return _said_before(state, known, parsed) or Understood.of(parsed)


def _not_there(change: Change) -> str:
    if not change.about:
        return "It is not clear which of your wishes this is about. Name it by a word of it."
    return f"None of your wishes is about “{change.about}”. Name one by a word of it, or say a new wish."


def _read(
    said: str, now: dt.datetime, time_zone: str, sources: Sequence[str], folders: Sequence[str]
) -> tuple[Change | None, Scope | None, tuple[str, ...]]:
    """The change, where it is to hold, and what has to be said about it."""
    until, _, rest = times.take_until(without_remark(said), now, time_zone)
    change = read_change(rest)
    if change is not None and change.kind in {"allow", "disallow", "retire"}:
        if until is None:
            return change, None, ()
        if read_kept(rest) is None:
            return change, None, (_NO_END,)
    scope, rest = take_scope(rest, until, sources, folders)
    place, rest = read_place(rest) if scope is None else ("", rest)
    if place:
        scope = Scope(id=new_id(), sources=(place,))
    change = read_kept(rest) or read_change(rest) or read_scope(rest) if scope is not None else read_change(rest)
    return change, scope, ()


def _changed(state: State, known: Sequence[Known], change: Change, scope: Scope | None) -> Understood | None:
    """What a change comes to; None where it fits no wish."""
    if change.kind == "disallow":
        return _asked(adjusting.exceptions_named(state, known, change.value))
    targets = _targets(known, change)

    def made(target: Target) -> Understood | None:
        found = _MAKERS[change.kind](state, target, change)
        if scope is None:
            return found
        limits = adjusting.limit_ops(state, target, scope)
        ops = (*(found.ops if found else ()), *limits)
        return Understood(ops=ops, about=_ids(target), notes=found.notes if found else ()) if ops else None

    return _asked([(f"“{target.text}”", found) for target in targets if (found := made(target)) is not None])


def _targets(known: Sequence[Known], change: Change) -> list[Target]:
    """The wishes that a change may mean, the likeliest first."""
    if change.kind == "resume":
        known = [wish for wish in known if wish.paused]
    elif change.kind in {"allow", "narrow", "action"}:
        known = [wish for wish in known if wish.polarity == "avoid"]
    if not known:
        return []
    if change.kind == "narrow":
        return _narrowed_targets(known, change)
    targets, told = candidates(known, change.about)
    if told or change.kind == "allow":
        return targets
    return []


def _narrowed_targets(known: Sequence[Known], change: Change) -> list[Target]:
    """By words that a wish shares with the clause and that leave something to narrow; by a pronoun, or a clause
    that only qualifies ("sponsored"), the most recent wish that can be narrowed so."""
    shared = named(known, change.value)
    if fitting := [target for target in shared if adjusting.narrows(target, change.value)]:
        return fitting
    able = [target for target in map(whole, known) if adjusting.narrows(target, change.value)]
    if adjusting.points_back(change.about) or adjusting.only_qualifies(change.value):
        return able[:1] if able and able[0].wish is known[0] else able
    return able if change.firm and not shared else []


def _asked(found: Sequence[tuple[str, Understood]], text: str = "Which of these do you mean?") -> Understood | None:
    """The one reading, or the first of several with the question which is meant."""
    if len(found) < 2:
        return found[0][1] if found else None
    choices = tuple(Choice[Understood](label=label, reading=reading) for label, reading in found[:MAX_CHOICES])
    if len(found) > MAX_CHOICES:
        text = f"{text} If none, name the wish by a word of it."
    question = Question[Understood](text=text, choices=choices)
    return found[0][1].model_copy(update={"question": question})


def _ids(target: Target) -> tuple[str, ...]:
    return tuple(facet.id for facet in target.facets)


def _retire(state: State, target: Target, change: Change) -> Understood:
    keys = [target.id] if target.whole else _ids(target)
    ops = tuple(op for key in keys for op in retire_ops(state, key))
    return Understood(ops=ops, about=_ids(target))


def _status(state: State, target: Target, change: Change) -> Understood | None:
    wanted = "paused" if change.kind == "pause" else "active"
    keys = [target.id] if target.whole else _ids(target)
    ops = [set_op(state, key, "status", wanted) for key in keys if state.entities[key].status != wanted]
    return Understood(ops=tuple(ops), about=_ids(target)) if ops else None


def _action(state: State, target: Target, change: Change) -> Understood | None:
    ops = [set_op(state, f.id, "action", change.action) for f in target.facets if f.action != change.action]
    if not ops and change.firm:
        raise ParseRefused(f"“{target.text}” does that already.", field="sentence")
    return Understood(ops=tuple(ops), about=_ids(target)) if ops else None


def _allow(state: State, target: Target, change: Change) -> Understood | None:
    if not adjusting.adds(target, change.value):
        notes = ("This takes the whole wish back.",) if target.whole else ()
        return _retire(state, target, change).model_copy(update={"notes": notes})
    return Understood(ops=adjusting.exception_ops(target, change.value), about=_ids(target))


def _narrow(state: State, target: Target, change: Change) -> Understood | None:
    ops = adjusting.narrow_ops(state, target, change.value)
    return Understood(ops=ops, about=_ids(target)) if ops else None


def _scope(state: State, target: Target, change: Change) -> Understood | None:
    return None


_MAKERS: dict[str, Callable[[State, Target, Change], Understood | None]] = {
    "retire": _retire, "pause": _status, "resume": _status, "action": _action, "allow": _allow, "narrow": _narrow,
    "scope": _scope,
}  # fmt: skip


def _said_before(state: State, known: Sequence[Known], parsed: ParsedWish) -> Understood | None:
    """The change, where the same wish is there already; None where it is new. Raises ParseRefused where
    nothing would change."""
    wish = next((one for one in known if _same(one, parsed)), None)
    if wish is None:
        return None
    target = whole(wish)
    if wish.polarity != parsed.facets[0].polarity:
        return _contradicted(state, target, parsed)
    if parsed.scope is not None and _places(parsed.scope):
        return _placed(state, target, parsed, parsed.scope)
    ops: list[Op] = []
    if wish.paused:
        ops.append(set_op(state, wish.id, "status", "active"))
    action = parsed.facets[0].action
    if action != "hide":
        ops += [set_op(state, facet.id, "action", action) for facet in wish.facets if facet.action != action]
    fresh = [
        e.text for _, e in parsed.exceptions if not any(same_elements(e.elements, x.elements) for x in wish.exceptions)
    ]
    ops += [op for text in fresh for op in adjusting.exception_ops(target, text)]
    if parsed.scope is not None:
        ops += adjusting.limit_ops(state, target, parsed.scope)
    if not ops:
        raise ParseRefused(f"You have this wish already: “{wish.text}”.", field="sentence")
    return Understood(ops=tuple(ops), about=_ids(target), notes=(f"You have this wish already: “{wish.text}”.",))


def _places(scope: Scope) -> bool:
    return bool(scope.services or scope.sources or scope.folders or scope.surfaces or scope.languages or scope.hours)


def _placed(state: State, target: Target, parsed: ParsedWish, scope: Scope) -> Understood | None:
    """The same wish, now with a place or hours: is it to hold only there, or there beside the other?"""
    new = Understood.of(parsed.model_copy(update={"question": None}))
    if any(_places(held) for _, held in target.wish.scopes):
        return new
    limits = adjusting.limit_ops(state, target, scope)
    only = Understood(ops=limits, about=_ids(target))
    text = f"You have this wish already: “{target.text}”. Shall it now hold only there?"
    return _asked([("yes, only there", only), ("no, as a wish of its own", new)], text)


def _same(wish: Known, parsed: ParsedWish) -> bool:
    if len(wish.facets) != len(parsed.facets) or any(facet.rule for facet in wish.facets):
        return False
    pairs = zip(wish.facets, parsed.facets, strict=True)
    return all(one.target == other.target and same_elements(one.elements, other.elements) for one, other in pairs)


def _contradicted(state: State, target: Target, parsed: ParsedWish) -> Understood | None:
    """A wish for what an earlier one was against, or the other way round: does it take the place of that one?"""
    new = Understood.of(parsed.model_copy(update={"question": None}))
    gone = tuple(retire_ops(state, target.id))
    instead = new.model_copy(update={"ops": (*gone, *new.ops)})
    only = Understood(ops=gone, about=_ids(target))
    return _asked(
        [(f"instead of “{target.text}”", instead), (f"only take back “{target.text}”", only), ("both", new)],
        f"You said “{target.text}” before. Does this take its place?",
    )

"""Wishes whose time is over: announced, and renewed by one click."""

from __future__ import annotations

import datetime as dt
import math
import zoneinfo
from dataclasses import dataclass

from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.decisions.models import Job
from feedguard.preferences.selectors import snapshot_of, state_of
from feedguard.preferences.services import commit
from graph.deltas import Delta, set_op
from graph.errors import InvalidDelta
from graph.types import Scope

ANNOUNCED = dt.timedelta(days=7)
"""For how long an ended wish is announced on the feed; on the page of wishes it stays until it is removed."""
LAST_YEAR = 9000
"""Far from where the arithmetic of dates ends."""


@dataclass(frozen=True)
class Ended:
    """A wish that has ended: its limit's id, when it ended, and until when one click lets it hold again."""

    scope: str
    text: str
    ended_at: dt.datetime
    again_until: dt.datetime

    @property
    def last_day(self) -> dt.datetime:
        """An instant on the last day, for a page to show."""
        return self.again_until - dt.timedelta(seconds=1)


def ended_wishes(person: Person, *, lately: bool = False) -> list[Ended]:
    """Wishes whose time is over, the last ended first; with `lately` those that are announced on the feed."""
    now = runtime.clock().now()
    ended: dict[str, tuple[str, dt.datetime]] = {}
    for wish in snapshot_of(person).wishes:
        for scope in wish.scopes:
            if scope.until is not None and scope.until <= now and not (lately and scope.until < now - ANNOUNCED):
                ended[scope.id] = (wish.heading, scope.until)
    if not ended:
        return []
    log = runtime.graph_store().log(person.key)
    found = [
        Ended(scope, text, until, same_length(until, _set_at(log, scope), now, person.time_zone))
        for scope, (text, until) in ended.items()
    ]
    return sorted(found, key=lambda one: one.ended_at, reverse=True)


def _set_at(log: tuple[Delta, ...], scope: str) -> dt.datetime | None:
    """When the limit was last set."""
    setting = (d for d in reversed(log) if any(op.target == scope and op.field in {"", "until"} for op in d.ops))
    return next((delta.at for delta in setting), None)


def same_length(until: dt.datetime, since: dt.datetime | None, now: dt.datetime, time_zone: str) -> dt.datetime:
    """The end that a limit has which starts now and lasts as long as the one from `since` to `until` did.

    One that ended with a day of the person ends with a day again.
    """
    zone = zoneinfo.ZoneInfo(time_zone)
    length = until - since if since is not None and since < until else dt.timedelta(days=7)
    if until.astimezone(zone).time() != dt.time():
        return now + length
    days = math.ceil(length / dt.timedelta(days=1))
    return _midnight_after(now.astimezone(zone).date() + dt.timedelta(days=days - 1), zone)


def _midnight_after(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone).astimezone(dt.UTC)


def renew(person: Person, scope_id: str, last_day: dt.date | None = None) -> tuple[Delta, Job]:
    """Let an ended wish hold again: for as long as it did, or until the end of a day of the person.

    Raises InvalidDelta (field `scope` or `until`).
    """
    state, seq = state_of(person)
    scope = state.entities.get(scope_id)
    if not isinstance(scope, Scope) or scope.until is None or scope.status != "active":
        raise InvalidDelta("There is no time limit to renew.", field="scope")
    now = runtime.clock().now()
    if last_day is not None and not now.year - 1 <= last_day.year <= LAST_YEAR:
        raise InvalidDelta(f"Choose a day that is still to come, until the year {LAST_YEAR}.", field="until")
    if last_day is None:
        until = same_length(
            scope.until, _set_at(runtime.graph_store().log(person.key), scope_id), now, person.time_zone
        )
    else:
        until = _midnight_after(last_day, zoneinfo.ZoneInfo(person.time_zone))
    if until <= now:
        raise InvalidDelta("Choose a day that is still to come.", field="until")
    after = scope.model_copy(update={"until": until}).model_dump(mode="json")["until"]
    return commit(person, [set_op(state, scope_id, "until", after)], why="renewed", base=seq)

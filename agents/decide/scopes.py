"""Where and when a wish holds."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable

from agents.types import Context, Item
from graph.snapshot import Wish
from graph.types import Scope


def in_scope(item: Item, wish: Wish, context: Context) -> str:
    """Why the wish does not hold for this item here and now; empty where it holds."""
    for scope in wish.scopes:
        if why := _outside(item, scope, context):
            return why
    return ""


def _outside(item: Item, scope: Scope, context: Context) -> str:
    if scope.until is not None and context.now >= scope.until:
        return "Its time is over."
    if scope.hours is not None and not _within(scope.hours, _minute(context)):
        return "It does not hold at this time of day."
    clauses = (
        (scope.services, (item.service,), "service"),
        (scope.sources, (item.source, item.source_url), "source"),
        (scope.folders, (item.folder,), "folder"),
        (scope.surfaces, (item.surface,), "place"),
        (scope.languages, (item.language.partition("-")[0],), "language"),
    )
    for wanted, given, name in clauses:
        if wanted and not _any_equal(wanted, given):
            return f"It does not hold for this {name}."
    return ""


def _any_equal(wanted: Iterable[str], given: Iterable[str]) -> bool:
    return bool({value.casefold() for value in wanted} & {value.casefold() for value in given})


def _minute(context: Context) -> int:
    local = context.now.astimezone(zoneinfo.ZoneInfo(context.time_zone))
    return local.hour * 60 + local.minute


def _within(hours: tuple[int, int], minute: int) -> bool:
    start, end = hours
    return start <= minute < end if start <= end else minute >= start or minute < end


def next_change(wishes: Iterable[Wish], context: Context) -> dt.datetime | None:
    """The next instant at which a scope of these wishes begins or ends by the clock."""
    instants: list[dt.datetime] = []
    zone = zoneinfo.ZoneInfo(context.time_zone)
    local = context.now.astimezone(zone)
    for scope in (scope for wish in wishes for scope in wish.scopes):
        if scope.until is not None:
            instants.append(scope.until)
        for minute in scope.hours or ():
            instants += [
                dt.datetime.combine(local.date() + dt.timedelta(days=day), dt.time(minute // 60, minute % 60), zone)
                for day in (0, 1)
            ]
    later = [instant.astimezone(dt.UTC) for instant in instants if instant > context.now]
    return min(later, default=None)

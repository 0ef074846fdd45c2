"""Days that people name without a full date: "the 9th", "August", "the end of July", "New Year", "Easter"."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable

from dateutil.easter import easter

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name[:3]: number for name, number in _MONTHS.items()}
_FEASTS = {
    r"new year(?:['’]?s)?(?: eve)?": (12, 31), r"new year['’]?s day": (1, 1), r"christmas(?: day)?": (12, 25),
    r"christmas eve": (12, 24), r"boxing day": (12, 26), r"valentine['’]?s(?: day)?": (2, 14), r"halloween": (10, 31),
}  # fmt: skip
_DAY = re.compile(r"the (\d{1,2})(?:st|nd|rd|th)?|(\d{1,2})(?:st|nd|rd|th)")
_YEAR = re.compile(r"20\d\d")
_END_OF = re.compile(r"end of (?:the |this )?(next )?(\w+)")


def last_day(words: str, today: dt.date) -> dt.date | None:
    """The last day that "until …" includes, today or later; None where the words name none of these.

    A month alone is not included; its end, a feast and a day of the month are.
    """
    whole = " ".join(words.lower().split())
    if (match := _DAY.fullmatch(whole)) is not None:
        return _day_of_month(int(match[1] or match[2]), today)
    said = whole.removeprefix("the ")
    if (match := _END_OF.fullmatch(said)) is not None:
        return _end_of(match[2], today, later=bool(match[1]))
    if said in _MONTHS:
        return _coming(today, lambda year: dt.date(year, _MONTHS[said], 1) - dt.timedelta(days=1))
    if said in {"easter", "easter sunday", "easter monday"}:
        return _coming(today, lambda year: easter(year) + dt.timedelta(days=int(said.endswith("monday"))))
    for pattern, (month, day) in _FEASTS.items():
        if re.fullmatch(pattern, said):
            return _coming(today, lambda year, month=month, day=day: dt.date(year, month, day))  # type: ignore[misc]
    return None


def _end_of(period: str, today: dt.date, *, later: bool) -> dt.date | None:
    """The end of this week, month or year, or of the next (`later`); or of a month or a year by name."""
    if period == "week":
        return today + dt.timedelta(days=6 - today.weekday() + 7 * later)
    if period == "year" or _YEAR.fullmatch(period):
        end = dt.date(today.year + later if period == "year" else int(period), 12, 31)
        return end if end >= today else None
    month = (today.month - 1 + later) % 12 + 1 if period == "month" else _MONTHS.get(period)
    if month is None:
        return None
    return _coming(today, lambda year: dt.date(year, month, calendar.monthrange(year, month)[1]))


def _coming(today: dt.date, of: Callable[[int], dt.date]) -> dt.date:
    return next(day for year in (today.year, today.year + 1, today.year + 2) if (day := of(year)) >= today)


def _day_of_month(day: int, today: dt.date) -> dt.date | None:
    """The next day of this number; some months lack it."""
    if not 1 <= day <= 31:
        return None
    months = [(today.year + (today.month - 1 + ahead) // 12, (today.month - 1 + ahead) % 12 + 1) for ahead in range(4)]
    days = [dt.date(y, m, day) for y, m in months if day <= calendar.monthrange(y, m)[1]]
    return next(found for found in days if found >= today)

"""Time limits and times of day in a sentence."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import zoneinfo

from agents.parse.clauses import tidy
from agents.parse.days import last_day

_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "couple of": 2, "few": 3,
}  # fmt: skip
ONLY = r"[,;.\-–—(]?\s*\b(?:and\s+)?(?:(?:but\s+)?only\s+|just\s+)?"
_PERIOD = re.compile(
    rf"{ONLY}(?:for\s+|during\s+)?(?P<p>this (?:week|weekend|month|year)|today|tonight)\b\)?", re.IGNORECASE
)
_SPAN = re.compile(
    rf"{ONLY}(?:for|over|in)\s+(?:the\s+)?(?:next\s+)?(?P<n>\d+|{'|'.join(_NUMBERS)})\s*(?P<u>hour|day|week|month|year)s?\b\)?",
    re.IGNORECASE,
)
_NEXT = re.compile(rf"{ONLY}(?:for|over)\s+the\s+next\s+(?P<u>hour|day|week|month|year)\b\)?", re.IGNORECASE)
_UNTIL = re.compile(
    rf"{ONLY}(?:until|till|til|through|up to|before the end of)\s+(?P<d>[^,;.]+?)\)?(?=$|[,;.])", re.IGNORECASE
)
_NAMED_HOURS = {
    "morning": (360, 720), "mornings": (360, 720), "afternoon": (720, 1080), "afternoons": (720, 1080),
    "evening": (1080, 1380), "evenings": (1080, 1380), "night": (1320, 360), "nights": (1320, 360),
}  # fmt: skip
_HOUR_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_CLOCK = rf"(\d{{1,2}}|{'|'.join(_HOUR_WORDS)})(?:[:.](\d{{2}}))?\s*(am|pm|h|o['’]clock)?"
_LATE = re.compile(r"[,;]?\s*\b(?:only\s+)?(?:in the|at)\s+(?:evenings?|nights?)\b", re.IGNORECASE)
_NAMED = re.compile(
    r"[,;]?\s*\b(?:only\s+)?(?:in the|at|during the)\s+(?P<h>mornings?|afternoons?|evenings?|nights?)\b", re.IGNORECASE
)
_BETWEEN = re.compile(
    rf"[,;]?\s*\b(?:only\s+)?(?:between|from)\s+{_CLOCK}\s+(?:and|to|till|until)\s+{_CLOCK}\b", re.IGNORECASE
)
_AFTER = re.compile(
    rf"[,;]?\s*\b(?:only\s+)?(?P<w>after|before|from(?=\s+\S+\s*(?:am|pm|o['’]clock)\b))\s+{_CLOCK}(?:\s+on(?:wards)?)?(?=$|[\s,;.])",
    re.IGNORECASE,
)


def take_until(sentence: str, now: dt.datetime, time_zone: str) -> tuple[dt.datetime | None, str, str]:
    """The end of the wish (in UTC), the words that say it, and the sentence without them."""
    zone = zoneinfo.ZoneInfo(time_zone)
    local = now.astimezone(zone)
    for pattern, reader in ((_PERIOD, _period), (_SPAN, _span), (_NEXT, _span), (_UNTIL, _until)):
        match = pattern.search(sentence)
        if match is None:
            continue
        end = reader(match, local)
        if end is not None:
            rest = tidy(f"{sentence[: match.start()]} {sentence[match.end() :]}")
            return end.astimezone(dt.UTC), tidy(match.group()), rest
    return None, "", sentence


def _midnight_after(day: dt.date, zone: dt.tzinfo | None) -> dt.datetime:
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone)


def _period(match: re.Match[str], local: dt.datetime) -> dt.datetime:
    day, name = local.date(), match["p"].lower()
    if name in {"this week", "this weekend"}:
        day += dt.timedelta(days=6 - day.weekday())
    elif name == "this month":
        day = day.replace(day=calendar.monthrange(day.year, day.month)[1])
    elif name == "this year":
        day = day.replace(month=12, day=31)
    return _midnight_after(day, local.tzinfo)


def _span(match: re.Match[str], local: dt.datetime) -> dt.datetime:
    raw = match.groupdict().get("n", "one") or "one"
    number = int(raw) if raw.isdigit() else _NUMBERS[raw.lower()]
    unit = match["u"].lower()
    if unit == "hour":
        return local + dt.timedelta(hours=number)
    days = {"day": 1, "week": 7, "month": 30, "year": 365}[unit] * min(number, 1000)
    return _midnight_after(local.date() + dt.timedelta(days=days), local.tzinfo)


def _until(match: re.Match[str], local: dt.datetime) -> dt.datetime | None:
    import dateparser  # takes a tenth of a second, which the web process need not spend

    named = last_day(match["d"], local.date())
    if named is not None and "through" not in match.group().lower():
        return _midnight_after(named, local.tzinfo)
    words = re.sub(r"^(?:the end of|next)\s+", "", match["d"].strip(), flags=re.IGNORECASE)
    found = dateparser.parse(
        words,
        languages=["en"],
        settings={"RELATIVE_BASE": local.replace(tzinfo=None), "PREFER_DATES_FROM": "future", "DATE_ORDER": "DMY"},
    )
    if found is None or found.date() < local.date():
        return None
    return _midnight_after(found.date(), local.tzinfo)


def take_hours(sentence: str) -> tuple[tuple[int, int] | None, str]:
    """The minutes of the day between which the wish holds, and the sentence without the words."""
    for pattern in (_BETWEEN, _AFTER, _NAMED):
        match = pattern.search(sentence)
        if match is None:
            continue
        late = pattern is not _NAMED and _LATE.search(sentence) is not None
        hours = _hours(match, late=late)
        if hours is not None:
            rest = f"{sentence[: match.start()]} {sentence[match.end() :]}"
            return hours, tidy(_LATE.sub("", rest) if late else rest)
    return None, sentence


def _hours(match: re.Match[str], *, late: bool) -> tuple[int, int] | None:
    """The hours that were matched; `late` where the sentence says that an hour before noon is one after it."""
    if "h" in match.groupdict():
        return _NAMED_HOURS[match["h"].lower()]
    groups = match.groups()
    if "w" in match.groupdict():
        minute = _minute(*groups[1:])
        if minute is not None and late and minute < 720:
            minute += 720
        if minute is None:
            return None
        return (0, minute) if match["w"].lower() == "before" else (minute, 0)
    start, end = _minute(*groups[:3]), _minute(*groups[3:])
    return None if start is None or end is None else (start, end)


def _minute(hour: str, minute: str | None, half: str | None) -> int | None:
    number = int(hour) if hour.isdigit() else _HOUR_WORDS.index(hour.lower()) + 1
    if half is not None and half.lower() in {"am", "pm"}:
        number = number % 12 + (12 if half.lower() == "pm" else 0)
    total = number * 60 + int(minute or 0)
    return total if 0 <= total < 1440 else None

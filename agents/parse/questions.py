"""Where a sentence truly has two readings. Sparing: most sentences have one, and are not asked about."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import zoneinfo
from collections.abc import Sequence

from agents.words import content_words
from graph.types import Facet

_LIKES = re.compile(r"^i\s+(?:really\s+|just\s+)?(?:like|love|adore|enjoy)\s+(?!to\b)", re.IGNORECASE)
_WHOLE = re.compile(
    r"\b(?:about|anything|everything|any|all|every|mentions?|content|posts?|stuff|news|talk|pictures?|photos?|images?)\b",
    re.IGNORECASE,
)
_PROMOTED = frozenset(
    stem
    for word in [
        "gambling",
        "betting",
        "casino",
        "casinos",
        "lottery",
        "lotteries",
        "poker",
        "crypto",
        "cryptocurrency",
        "cryptocurrencies",
        "bitcoin",
        "forex",
        "alcohol",
        "vaping",
        "cigarettes",
        "diets",
        "dieting",
        "supplements",
        "slimming",
        "tutoring",
        "dating",
        "loans",
        "insurance",
        "cosmetics",
    ]
    for token in content_words(word)
    for stem in token.stems
)
"""Subjects of which a feed holds as much promotion as talk, so that a wish with nothing but their name can be
meant either way."""
_ANAPHOR = re.compile(r"\b(?:ones?|those|these|they|them|it)\b", re.IGNORECASE)
_SLASHED = re.compile(r"\b(\d{1,2})/(\d{1,2})\b(?!/)")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_FAR = dt.timedelta(days=300)


def likes(said: str) -> bool:
    """Whether the sentence only says that the person likes something."""
    return _LIKES.match(said) is not None


def bare_subject(clause: str, said: str, facets: Sequence[Facet]) -> bool:
    """Whether the wish is nothing but the name of something that is promoted as much as it is talked of."""
    if len(facets) != 1 or facets[0].polarity != "avoid" or _WHOLE.search(said):
        return False
    elements = facets[0].elements
    words = content_words(clause)
    return len(elements) == 1 and elements[0].role == "subject" and len(words) == 1 and words[0].stems <= _PROMOTED


def facet_named(facets: Sequence[Facet], exception: str) -> Facet | None:
    """The one facet of several that an exception names by a word that the others lack."""
    if len(facets) < 2:
        return None
    said = {stem for word in content_words(exception) for stem in word.stems}
    own = [{s for e in f.elements for word in content_words(e.value) for s in word.stems} for f in facets]
    common = set.intersection(*own)
    named = [facet for facet, stems in zip(facets, own, strict=True) if said & (stems - common)]
    return named[0] if len(named) == 1 else None


def doubtful_exception(facets: Sequence[Facet], exceptions: Sequence[str]) -> str | None:
    """An exception that points back ("the free ones") at a wish of several facets without saying at which."""
    if len(facets) < 2:
        return None
    return next((x for x in exceptions if _ANAPHOR.search(x) and facet_named(facets, x) is None), None)


def dates(words: str, until: dt.datetime, now: dt.datetime, time_zone: str) -> list[tuple[str, dt.datetime | None]]:
    """The ends that the words of a time limit can mean, the likeliest (`until`) first; one where they are clear.

    Doubtful are 3/4 (day and month in either order), the name of the weekday that it is today, and a date
    without year that has just gone by.
    """
    zone = zoneinfo.ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    last = (until.astimezone(zone) - dt.timedelta(seconds=1)).date()
    found: list[tuple[str, dt.datetime | None]] = [(_day(last), until)]
    if (match := _SLASHED.search(words)) is not None:
        first, second = int(match[1]), int(match[2])
        if first != second and max(first, second) <= 12:
            swapped = _next(first, second, today)
            found.append((_day(swapped), _end(swapped, zone)))
    elif re.search(rf"\b{calendar.day_name[today.weekday()]}\b", words, re.IGNORECASE) and "next" not in words.lower():
        days = [today, today + dt.timedelta(days=7)]
        found += [(_day(day), _end(day, zone)) for day in days if day != last]
    elif not _YEAR.search(words) and re.search(r"\d", words) and last - today > _FAR and _names_a_month(words):
        found.append(("without a limit", None))
    return found


def _names_a_month(words: str) -> bool:
    return (
        re.search(rf"\b(?:{'|'.join(name[:3] for name in calendar.month_name[1:])})", words, re.IGNORECASE) is not None
    )


def _next(month: int, day: int, today: dt.date) -> dt.date:
    year = today.year if (month, day) >= (today.month, today.day) else today.year + 1
    return dt.date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _end(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone).astimezone(dt.UTC)


def _day(day: dt.date) -> str:
    return f"the end of {day:%A, %-d %B %Y}"

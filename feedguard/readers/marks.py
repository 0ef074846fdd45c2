"""How a decision shows on an item of a filtered feed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.html import escape

from feedguard.decisions.models import Decision
from feedguard.feeds.clean import clean_html
from feedguard.readers.line import Line
from feedguard.readers.models import FilteredFeed

PREFIXES = {"hide": "[hidden] ", "blur": "[covered] ", "label": "[marked] ", "star": "★ "}
MAX_NAME = 80


def marked(line: Line, decision: Decision | None, hidden: str) -> Line:
    """The item with what was decided on it: categories always, the title where the person chose that."""
    if decision is None or decision.action not in PREFIXES:
        return line
    action, heading = decision.action, wish_name(decision.outcome.get("heading", ""))
    tags = (f"feedguard:{action}", *([heading] if heading else []))
    line = replace(
        line, action=action, heading=heading, reason=decision.reason,
        categories=tuple(dict.fromkeys([*line.categories, *tags])),
    )  # fmt: skip
    if action == "blur" and decision.target == "picture":
        line = _without_pictures(line)
    elif action == "blur" and hidden == FilteredFeed.Hidden.REMOVE:
        return _covered(line)
    if action != "star":
        line = replace(line, html=f"<p><em>FeedGuard: {escape(decision.reason)}</em></p>{line.html}")
    if hidden == FilteredFeed.Hidden.TITLE:
        line = replace(line, title=f"{PREFIXES[action]}{line.title or line.url}")
    return line


def wish_name(heading: str) -> str:
    """A wish's words as a tag: without the signs by which readers part tags."""
    words = " ".join("".join(" " if sign in "#,;\n" else sign for sign in heading).split())
    return words if len(words) <= MAX_NAME else f"{words[: MAX_NAME - 1]}…"


def _covered(line: Line) -> Line:
    """Behind a fold, with nothing of it in the title or the extensions; one click shows it."""
    fold = (
        f"<details><summary>Covered: {escape(line.reason)}</summary>"
        f"<p><b>{escape(line.title)}</b></p>{line.html}</details>"
    )
    without = _without_pictures(line)
    return replace(without, title=f"Covered: {line.heading or 'see why'}", html=fold, elements=())


def _without_pictures(line: Line) -> Line:
    return replace(
        line,
        html=clean_html(line.html),
        elements=tuple(e for e in line.elements if not _shows_picture(e)),
        enclosures=tuple(e for e in line.enclosures if not e["type"].startswith("image/")),
    )


def _shows_picture(element: list[Any]) -> bool:
    name, attributes, _, children = element
    if name in {"itunes:image", "media:thumbnail", "googleplay:image", "podcast:images", "podcast:image"}:
        return True
    if name == "media:content":
        return attributes.get("medium") == "image" or attributes.get("type", "").startswith("image/")
    return name == "media:group" and any(_shows_picture(child) for child in children)

"""What stands in a filtered feed, in one form for all formats.

An item is in it when its decision is there and does not hide it, or when it has waited for one longer than
FEEDGUARD_HOLD_MINUTES. Hidden items are left out, or come marked, as the person chose for this address.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.html import escape

from feedguard.decisions.models import Decision
from feedguard.feeds.models import Subscription
from feedguard.items.models import AlsoIn, Entry, Item
from feedguard.readers.line import Line
from feedguard.readers.marks import marked
from feedguard.readers.models import FilteredFeed

MAX_LINES = 200
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20]+")


@dataclass(frozen=True)
class _Found:
    """An item with the item whose decision counts for it (another one for an article that came twice)."""

    item: Item
    decided: uuid.UUID


def lines(feed: FilteredFeed, now: dt.datetime) -> list[Line]:
    """The newest MAX_LINES items of the feed, newest first, with a fixed number of queries."""
    found = _entries(feed, now)
    if feed.kind == FilteredFeed.Kind.SOURCE:
        found = sorted([*found, *_twins(feed, now)], key=lambda f: f.item.published_at, reverse=True)[:MAX_LINES]
    decisions = Decision.objects.filter(person=feed.person, item__in={f.decided for f in found}, is_current=True)
    by_item = {decision.item_id: decision for decision in decisions}
    whole = set(Subscription.objects.filter(person=feed.person, full_article=True).values_list("source_id", flat=True))
    made = [
        (f.item, marked(_line(f.item, f.item.source_id in whole), by_item.get(f.decided), feed.hidden)) for f in found
    ]
    return _with_unique_ids(made)


def _entries(feed: FilteredFeed, now: dt.datetime) -> list[_Found]:
    entries = Entry.objects.filter(person=feed.person)
    if feed.kind == FilteredFeed.Kind.SOURCE:
        entries = entries.filter(item__source=feed.source)
    elif feed.kind == FilteredFeed.Kind.FOLDER:
        sources = Subscription.objects.filter(person=feed.person, folder=feed.folder).values("source")
        entries = entries.filter(item__source__in=sources)
    shown = _shown(entries, feed, "item", "created_at", now).select_related("item__source")
    newest = shown.prefetch_related("item__media").order_by("-published_at", "-id")[:MAX_LINES]
    return [_Found(entry.item, entry.item_id) for entry in newest]


def _twins(feed: FilteredFeed, now: dt.datetime) -> list[_Found]:
    """Items of this source that the person's feed has from another one: judged as that one was."""
    also = AlsoIn.objects.filter(entry__person=feed.person, item__source=feed.source)
    shown = _shown(also, feed, "entry__item", "entry__created_at", now).select_related("item__source", "entry")
    newest = shown.prefetch_related("item__media").order_by("-item__published_at", "-item__id")[:MAX_LINES]
    return [_Found(twin.item, twin.entry.item_id) for twin in newest]


def _shown(rows: QuerySet[Any], feed: FilteredFeed, item: str, came: str, now: dt.datetime) -> QuerySet[Any]:
    decisions = Decision.objects.filter(person=feed.person, item=OuterRef(item), is_current=True)
    waited = Q(**{f"{came}__lte": now - dt.timedelta(minutes=settings.HOLD_MINUTES)})
    rows = rows.filter(Exists(decisions) | waited)
    return rows.exclude(Exists(decisions.filter(action="hide"))) if feed.hidden == feed.Hidden.REMOVE else rows


def _line(item: Item, whole: bool) -> Line:
    extras = item.extras
    html = item.article_html if whole and item.article_html else extras.get("html") or item.html
    html = html or "".join(f"<p>{escape(part)}</p>" for part in item.text.splitlines())
    return Line(
        id=item.external_id,
        iri=as_iri(item),
        permalink=bool(extras.get("permalink")),
        url=item.url,
        title=item.title,
        author=item.author,
        html=html,
        published=item.published_at,
        updated=_updated(extras.get("updated"), item.published_at),
        language=item.language,
        duration_seconds=item.duration_seconds,
        categories=tuple(dict.fromkeys(category["term"] for category in extras.get("categories", []))),
        enclosures=tuple(extras["enclosures"] if "enclosures" in extras else _from_media(item)),
        elements=tuple(extras.get("elements", [])),
        external_url=extras.get("external_url", ""),
        source_title=str(item.source),
        source_url="" if item.source.private or item.source.demo else item.source.url,
        action="",
        heading="",
        reason="",
    )


def as_iri(item: Item) -> str:
    """The original id where it is an IRI, as Atom demands (RFC 4287, 4.2.6); else a name made of it."""
    own = item.external_id
    return own if _IRI.fullmatch(own) else uuid.uuid5(item.source_id, own).urn


def _updated(value: str | None, published: dt.datetime) -> dt.datetime:
    return max(dt.datetime.fromisoformat(value), published) if value else published


def _from_media(item: Item) -> Iterable[dict[str, str]]:
    """Sound and film of items that came before enclosures were kept."""
    return [
        {"url": media.url, "type": media.mime, "length": "", "title": ""}
        for media in item.media.all()
        if media.kind != "image" and media.url.startswith(("http://", "https://"))
    ]


def _with_unique_ids(made: Sequence[tuple[Item, Line]]) -> list[Line]:
    """Where two sources use one id, the item that was there first keeps it: else a reader would lose the other."""
    first: dict[str, uuid.UUID] = {}
    for item, line in sorted(made, key=lambda pair: pair[0].id):
        first.setdefault(line.id, item.id)
    out = []
    for item, line in made:
        if first[line.id] != item.id:
            name = uuid.uuid5(item.source_id, line.id).urn
            line = replace(line, id=name, iri=name, permalink=False)
        out.append(line)
    return out

"""Items that a person's programs send, such as a browser extension: stored as theirs alone, decided or queued.

What is known is answered from its current decision, what rules and the absence of a wish's words decide is
decided here, and all else is queued. A batch takes at most three reads and, where something is new, one
transaction of at most four bulk writes.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import FilteredRelation, Q

from agents.at_once import decide_at_once
from agents.types import Context
from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.decisions.models import Decision
from feedguard.decisions.outbox import enqueue_waiting
from feedguard.decisions.services import DECIDE, as_decision, stands
from feedguard.feeds.models import SENT, Source, Subscription
from feedguard.feeds.parsed import ParsedMedia, content_hash
from feedguard.ids import uuid7
from feedguard.items.models import Entry, Item, Media
from feedguard.items.selectors import as_pipeline_item, content_key
from feedguard.preferences.selectors import kept_snapshot
from graph.snapshot import Snapshot

DECIDE_SOON = replace(DECIDE, priority=3)
"""Ahead of what comes from feeds: a device waits for it."""
DECISION_FIELDS = (
    "id", "action", "target", "reason", "wish", "stage", "certainty", "score", "state", "seq", "content_hash",
    "valid_until", "made_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SentItem:
    """One item as a program saw it. Text is clean and plain; `service` names the site, such as `youtube`."""

    id: str
    service: str
    title: str = ""
    text: str = ""
    author: str = ""
    url: str = ""
    kind: str = "post"
    language: str = ""
    thread: str = ""
    duration_seconds: int | None = None
    published_at: dt.datetime | None = None
    media: tuple[ParsedMedia, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        return self.service, self.id


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an item stands: `decision` is None while it is pending."""

    item_id: uuid.UUID
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class _Known:
    """A stored item of the batch, with its current decision."""

    item_id: uuid.UUID
    content_hash: str
    decision: Decision | None


@dataclass
class _Batch:
    """What a batch comes to, before it is written."""

    standings: dict[tuple[str, str], Standing] = field(default_factory=dict)
    new: list[Item] = field(default_factory=list)
    changed: list[Item] = field(default_factory=list)
    media: list[Media] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)

    def pending(self) -> list[uuid.UUID]:
        return [standing.item_id for standing in self.standings.values() if standing.decision is None]


def receive(person: Person, sent: Sequence[SentItem]) -> list[Standing]:
    """Where each of these items stands, in order. Ids are to be unique within their service."""
    try:
        return _receive(person, sent)
    except IntegrityError:  # the same items came from another device at the same moment: now they are known
        return _receive(person, sent)


def _receive(person: Person, sent: Sequence[SentItem]) -> list[Standing]:
    snapshot, now = kept_snapshot(person), runtime.clock().now()
    known = _known(person, sent)
    services = {one.service for one in sent if one.key not in known}
    subscriptions = _subscriptions(person, services) if services else {}
    batch = _Batch()
    for one in sent:
        row = known.get(one.key)
        if row is None:
            _take(batch, person, one, subscriptions[one.service], now)
        else:
            _look(batch, person, one, row, snapshot.seq, now)
    if not batch.media:  # with media there are four writes already: then the worker decides all that is new
        _decide(batch, person, {s.source_id: s for s in subscriptions.values()}, snapshot, now)
    _store(batch, person)
    return [batch.standings[one.key] for one in sent]


def source_address(person: Person, service: str) -> str:
    return f"{SENT}{service}?person={person.id}"


def _known(person: Person, sent: Sequence[SentItem]) -> dict[tuple[str, str], _Known]:
    """The stored items of the batch with their current decisions: one read."""
    services = {source_address(person, one.service): one.service for one in sent}
    found = Item.objects.filter(source__url__in=services, external_id__in=[one.id for one in sent])
    current = Q(decisions__person=person, decisions__is_current=True)
    rows = found.annotate(current=FilteredRelation("decisions", condition=current)).values(
        "id", "source__url", "external_id", "content_hash", *(f"current__{name}" for name in DECISION_FIELDS)
    )
    return {(services[row["source__url"]], row["external_id"]): _as_known(row) for row in rows}


def _as_known(row: dict[str, Any]) -> _Known:
    values = {name: row[f"current__{name}"] for name in DECISION_FIELDS}
    decision = Decision(item_id=row["id"], **values) if values["id"] else None
    return _Known(row["id"], row["content_hash"], decision)


def _subscriptions(person: Person, services: set[str]) -> dict[str, Subscription]:
    """The person's subscriptions to these services; made where there is none."""
    urls = {source_address(person, service): service for service in sorted(services)}
    rows = Subscription.objects.filter(person=person, source__url__in=urls).select_related("source")
    found = {urls[row.source.url]: row for row in rows}
    for url, service in urls.items():
        if service not in found:
            made = {"title": service, "state": Source.State.WELL}
            source, _ = Source.objects.get_or_create(url=url, defaults=made)
            found[service], _ = Subscription.objects.get_or_create(person=person, source=source)
    return found


def _take(batch: _Batch, person: Person, one: SentItem, subscription: Subscription, now: dt.datetime) -> None:
    item = Item(id=uuid7(), source=subscription.source, external_id=one.id, **_content(one, now))
    batch.new.append(item)
    batch.media += _media(item.id, one)
    # Read: they saw it where it came from, and it is judged anew when it is sent again.
    batch.entries.append(Entry(person=person, item=item, published_at=item.published_at, read_at=now))
    batch.standings[one.key] = Standing(item.id, None)


def _look(batch: _Batch, person: Person, one: SentItem, known: _Known, seq: int, now: dt.datetime) -> None:
    """A known item: its decision stands, unless the text, the graph or the clock has changed since."""
    item = Item(id=known.item_id, source=Source(url=source_address(person, one.service)), **_content(one, now))
    if known.content_hash != item.content_hash:
        batch.changed.append(item)
        batch.media += _media(item.id, one)
    decision = known.decision
    good = (
        decision is not None
        and decision.content_hash == content_key(item, person, one.text)
        and stands(decision, seq=seq, now=now)
    )
    batch.standings[one.key] = Standing(item.id, decision if good else None)


def _content(one: SentItem, now: dt.datetime) -> dict[str, Any]:
    return {
        "url": one.url, "title": one.title, "author": one.author, "text": one.text, "kind": one.kind,
        "language": one.language, "thread": one.thread, "word_count": len(one.text.split()),
        "duration_seconds": one.duration_seconds, "published_at": one.published_at or now,
        "content_hash": content_hash(one.title, one.text, one.author, one.media),
    }  # fmt: skip


def _media(item_id: uuid.UUID, one: SentItem) -> list[Media]:
    return [
        Media(item_id=item_id, position=position, kind=found.kind, url=found.url, alt=found.alt)
        for position, found in enumerate(one.media)
    ]


def _decide(
    batch: _Batch,
    person: Person,
    subscriptions: dict[uuid.UUID, Subscription],
    snapshot: Snapshot,
    now: dt.datetime,
) -> None:
    """Decide what is new and needs no model."""
    context = Context(now=now, time_zone=person.time_zone)
    for item in batch.new:
        one = as_pipeline_item(item, person, subscriptions[item.source_id], ())
        outcome = decide_at_once(one, snapshot, context, runtime.light_perceiver())
        if outcome is not None:
            decision = as_decision(person, item.id, one.content_hash, outcome, snapshot.seq)
            batch.decisions.append(decision)
            batch.standings[item.source.host, item.external_id] = Standing(item.id, decision)


def _store(batch: _Batch, person: Person) -> None:
    pending = batch.pending()
    if not (batch.new or pending):
        return
    with transaction.atomic():
        Item.objects.bulk_create(batch.new)
        _replace(batch.changed)
        Media.objects.bulk_create(batch.media)
        Entry.objects.bulk_create(batch.entries)
        Decision.objects.bulk_create(batch.decisions)
        if pending:
            enqueue_waiting(DECIDE_SOON, [f"{person.id}:{item}" for item in pending], person=person.id)


def _replace(changed: Sequence[Item]) -> None:
    """Texts that changed under a known id."""
    if not changed:
        return
    fields = ["url", "title", "author", "text", "kind", "language", "thread", "word_count", "duration_seconds"]
    Item.objects.bulk_update(changed, [*fields, "content_hash"])
    Media.objects.filter(item__in=changed).delete()

"""From parsed entries to stored items, and to the feeds of everybody who reads the source.

Each batch of entries is one transaction: items, their media, the people's entries, and the outbox rows that
lead to decisions exist together or not at all. The same entries twice change nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from itertools import islice
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.db import transaction

from feedguard.accounts.models import Person
from feedguard.decisions.outbox import Work, enqueue
from feedguard.decisions.services import ask_to_decide
from feedguard.feeds.models import Source, Subscription
from feedguard.feeds.parsed import ParsedEntry
from feedguard.items.models import AlsoIn, Entry, Item, Media, Picture

BATCH = 100
FIRST_ENTRIES = 200
"""How many of a source's newest items a new reader gets."""
MEDIA_AN_ITEM = 4
PICTURE = Work("picture", "feeds", priority=6)
ARTICLE = Work("article", "feeds", priority=4)
TRACKING = ("utm_", "fbclid", "gclid", "mc_cid", "mc_eid", "igshid", "ref_src")


def ingest(source: Source, parsed: Sequence[ParsedEntry], now: dt.datetime) -> int:
    """Store new entries and give them to the readers. Returns how many items were new.

    Entries whose id or whose content is known in this source are passed over; a changed text under a known
    id replaces the old one and is judged again.
    """
    new = 0
    iterator = iter(parsed)
    while batch := list(islice(iterator, BATCH)):
        with transaction.atomic():
            new += _ingest_batch(source, batch, now)
    return new


def _ingest_batch(source: Source, batch: list[ParsedEntry], now: dt.datetime) -> int:
    ids = [entry.external_id[:500] for entry in batch]
    known = {item.external_id: item for item in Item.objects.filter(source=source, external_id__in=ids)}
    Item.objects.filter(pk__in=[item.pk for item in known.values()]).update(seen_at=now)
    hashes = {entry.content_hash for entry in batch}
    contents = set(Item.objects.filter(source=source, content_hash__in=hashes).values_list("content_hash", flat=True))
    created = []
    for entry in batch:
        old = known.get(entry.external_id[:500])
        if old is not None:
            if old.content_hash != entry.content_hash and old.emptied_at is None:
                _replace(old, entry)
        elif entry.content_hash not in contents:
            contents.add(entry.content_hash)
            created.append((_as_item(source, entry, now), entry))
    Item.objects.bulk_create([item for item, _ in created])
    _store_media(created)
    for subscription in Subscription.objects.filter(source=source).select_related("person"):
        give(subscription, [item for item, _ in created])
    return len(created)


def _as_item(source: Source, entry: ParsedEntry, now: dt.datetime) -> Item:
    return Item(
        source=source,
        external_id=entry.external_id[:500],
        published_at=entry.published_at or now,
        seen_at=now,
        **_content(entry),
    )


def _content(entry: ParsedEntry) -> dict[str, object]:
    return {
        "url": entry.url[:2000],
        "title": entry.title[:1000],
        "author": entry.author[:300],
        "text": entry.text,
        "html": entry.html,
        "kind": entry.kind,
        "language": (entry.language or "")[:16],
        "word_count": entry.word_count,
        "duration_seconds": entry.duration_seconds,
        "content_hash": entry.content_hash,
        "extras": entry.extras,
    }


def _replace(item: Item, entry: ParsedEntry) -> None:
    """A text that its author changed under the same id."""
    Item.objects.filter(pk=item.pk).update(**_content(entry))
    for reading in Entry.objects.filter(item=item).select_related("person"):
        ask_to_decide(reading.person, [item.id])


def _store_media(created: list[tuple[Item, ParsedEntry]]) -> None:
    media = [
        Media(
            item=item,
            position=position,
            kind=found.kind,
            url=found.url[:2000],
            mime=found.mime[:80],
            alt=found.alt[:1000],
        )
        for item, entry in created
        for position, found in enumerate(entry.media[:MEDIA_AN_ITEM])
    ]
    addresses = {m.url for m in media if m.kind == "image"}
    Picture.objects.bulk_create([Picture(url=url) for url in addresses], ignore_conflicts=True)
    pictures = {picture.url: picture for picture in Picture.objects.filter(url__in=addresses)}
    for found in media:
        found.picture = pictures.get(found.url) if found.kind == "image" else None
    Media.objects.bulk_create(media)
    waiting = [str(p.id) for p in pictures.values() if p.state == Picture.State.WAITING and p.url.startswith("http")]
    if waiting:
        enqueue(PICTURE, waiting)


def give(subscription: Subscription, items: Sequence[Item]) -> None:
    """Put items into one person's feed; an article that is there from another source becomes "also in"."""
    person: Person = subscription.person
    keys = {item.id: canonical_key(item.url) for item in items}
    there = {
        entry.canonical: entry
        for entry in Entry.objects.filter(person=person, canonical__in=[key for key in keys.values() if key])
    }
    entries, also = [], []
    for item in items:
        key = keys[item.id]
        if key and key in there:
            if there[key].item_id != item.id:
                also.append(AlsoIn(entry=there[key], item=item))
            continue
        entry = Entry(person=person, item=item, canonical=key, published_at=item.published_at)
        if key:
            there[key] = entry
        entries.append(entry)
    Entry.objects.bulk_create(entries, ignore_conflicts=True)
    AlsoIn.objects.bulk_create(also, ignore_conflicts=True)
    fresh = [entry.item_id for entry in entries]
    if fresh:
        ask_to_decide(person, fresh)
    if subscription.full_article and fresh:
        enqueue(ARTICLE, [str(item) for item in fresh])


def give_newest(subscription: Subscription) -> None:
    """Give a new reader the newest items that the source already has."""
    whole = Item.objects.filter(source=subscription.source, emptied_at__isnull=True)
    items = list(whole.order_by("-published_at")[:FIRST_ENTRIES])
    give(subscription, items)


def canonical_key(url: str) -> str:
    """A hash of the link without what does not tell articles apart (fragment, tracking, `www.`, scheme)."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return ""
    query = urlencode(sorted(_telling(parse_qsl(parts.query))))
    host = parts.hostname.removeprefix("www.")
    bare = urlunsplit(("", host, parts.path.rstrip("/"), query, ""))
    return hashlib.sha256(bare.encode()).hexdigest()


def _telling(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in pairs if not name.lower().startswith(TRACKING)]

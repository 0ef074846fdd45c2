"""Hidden items are marked as read in the person's own reader, and taken back when they are shown again.

Items are matched by their link. An item is only marked while it is unread, and not a second time when the person
made it unread again: their own word counts there too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.decisions.models import Decision
from feedguard.feeds.ingest import canonical_key
from feedguard.items.models import AlsoIn, Entry
from feedguard.readers.google_reader import GoogleReader, UnreadItem
from feedguard.readers.models import ReaderAccount, ReaderItem
from feedguard.readers.sealing import seal, unseal

FORGOTTEN_AFTER = dt.timedelta(days=60)
IN_QUERY = 500


@dataclass(frozen=True)
class Mark:
    """An unread item of the reader that FeedGuard hides, and why."""

    item: ReaderItem
    reason: str


def open_reader(account: ReaderAccount) -> GoogleReader:
    """The reader, signed in. A password is used once: the token that it gives is kept in its place."""
    reader = GoogleReader(account.url, runtime.fetch_policy(), unseal(account.sealed_token))
    if account.sealed_password:
        password = unseal(account.sealed_password)
        ReaderAccount.objects.filter(pk=account.pk).update(sealed_password="")
        token = reader.sign_in(account.user, password)
        ReaderAccount.objects.filter(pk=account.pk).update(sealed_token=seal(token))
    return reader


def to_mark(account: ReaderAccount, reader: GoogleReader) -> list[Mark]:
    """Unread items that are hidden here. Asks the reader, changes nothing in it."""
    unread = reader.unread_ids()
    known = _known(account, unread)
    fresh = [key for key in unread if key not in known]
    _remember(account, reader.items(fresh))
    ReaderItem.objects.filter(account=account, seen_at__lt=timezone.now() - FORGOTTEN_AFTER).delete()
    hidden = hidden_links(account.person)
    waiting = _known(account, unread).values()
    return [
        Mark(item, hidden[item.canonical])
        for item in waiting
        if item.canonical in hidden and (item.marked_at is None or item.taken_back_at is not None or item.doubtful)
    ]


def to_take_back(account: ReaderAccount) -> list[ReaderItem]:
    """Marked items that are decided otherwise by now."""
    marked = list(account.items.filter(marked_at__isnull=False, taken_back_at__isnull=True))
    shown = _shown_links(account.person, [item.canonical for item in marked])
    return [item for item in marked if item.canonical in shown]


def mark(reader: GoogleReader, marks: Sequence[Mark]) -> None:
    """Recorded before it is done: what may have been marked can always be taken back, whatever dies in between."""
    items = [found.item for found in marks]
    rows = ReaderItem.objects.filter(pk__in=[item.pk for item in items])
    rows.update(marked_at=timezone.now(), taken_back_at=None, doubtful=True)
    reader.mark([item.reader_id for item in items], read=True)
    rows.update(doubtful=False)


def take_back(reader: GoogleReader, items: Sequence[ReaderItem]) -> None:
    reader.mark([item.reader_id for item in items], read=False)
    ReaderItem.objects.filter(pk__in=[item.pk for item in items]).update(taken_back_at=timezone.now())


def hidden_links(person: Person) -> dict[str, str]:
    """Links of what is hidden now, with the reason; also those under which another source has it."""
    hidden = _hides(person)
    reasons = dict(hidden.values_list("item_id", "reason"))
    entries = Entry.objects.filter(person=person, item__in=hidden.values("item")).exclude(canonical="")
    found = {canonical: reasons[item] for canonical, item in entries.values_list("canonical", "item_id")}
    twins = AlsoIn.objects.filter(entry__person=person, entry__item__in=hidden.values("item"))
    for url, item in twins.values_list("item__url", "entry__item_id"):
        found.setdefault(canonical_key(url), reasons[item])
    found.pop("", None)
    return found


def _shown_links(person: Person, links: Sequence[str]) -> set[str]:
    entries = Entry.objects.filter(person=person, canonical__in=links)
    decided = entries.filter(item__decisions__person=person, item__decisions__is_current=True)
    return set(decided.exclude(item__decisions__in=_hides(person)).values_list("canonical", flat=True))


def _hides(person: Person) -> QuerySet[Decision]:
    return Decision.objects.filter(person=person, is_current=True, action="hide")


def _known(account: ReaderAccount, ids: Sequence[str]) -> dict[str, ReaderItem]:
    found: dict[str, ReaderItem] = {}
    for start in range(0, len(ids), IN_QUERY):
        rows = ReaderItem.objects.filter(account=account, reader_id__in=ids[start : start + IN_QUERY])
        found.update({row.reader_id: row for row in rows})
    return found


def _remember(account: ReaderAccount, items: Sequence[UnreadItem]) -> None:
    now = timezone.now()
    rows = [
        ReaderItem(
            account=account,
            reader_id=item.id,
            title=item.title,
            source=item.source,
            seen_at=now,
            canonical=next((key for url in item.urls if (key := canonical_key(url))), ""),
        )
        for item in items
    ]
    ReaderItem.objects.bulk_create(rows, ignore_conflicts=True)

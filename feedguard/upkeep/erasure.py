"""Erasing a person, so that nothing of them is left in any file.

Asked for in the web process, which ends the account at once; done by the worker, in steps that may be done again.
Sources that nobody else reads go with their items. What was shared (public items, their facts) stays with the others.
The store of graphs leaves no bytes in its files, and at the end app.db is rewritten, so that no freed page and no
write-ahead log keeps what was deleted.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.decisions.models import Decision, Outbox
from feedguard.decisions.outbox import Work, enqueue
from feedguard.decisions.services import forget_contents
from feedguard.feeds.models import Source, Subscription
from feedguard.items.models import Entry, Item
from feedguard.preferences.erasing import forget_rulings, wish_ids
from feedguard.upkeep import sqlite_files
from feedguard.upkeep.belongings import rows
from feedguard.upkeep.chunks import CHUNK, delete_in_chunks
from feedguard.upkeep.retention import remove_pictures

ERASE = Work("erase", "interactive", priority=0)


def what_will_go(person: Person) -> dict[str, int]:
    """How much of the person there is, for the page that asks for confirmation."""
    return {
        "changes of wishes": len(runtime.graph_store().log(person.key)),
        "sources that only you read": _own_sources(person).count(),
        **{_in_words(table): count for table, found in rows(person) if (count := found.count())},
    }


def _in_words(table: str) -> str:
    names = {
        "decisions.decision": "decisions", "decisions.override": "own words on items", "decisions.appeal": "appeals",
        "decisions.job": "jobs", "feeds.subscription": "subscriptions", "items.entry": "items in your feed",
        "readers.filteredfeed": "filtered addresses", "readers.readeraccount": "connected reader",
        "readers.readerkey": "key for your reader", "preferences.snapshothead": "compiled wishes",
        "preferences.carriedfields": "unknown parts of imported wishes",
    }  # fmt: skip
    return names.get(table, table)


def ask_to_erase(person: Person) -> None:
    """End the account now, and ask the worker to erase everything."""
    with transaction.atomic():
        Person.objects.filter(pk=person.pk).update(is_active=False)
        enqueue(ERASE, [str(person.id)])
    _end_sessions(person.id)


def erase_person(identifier: uuid.UUID) -> None:
    """Erase all of this person. Raises StillInUse or StoreUnavailable where a file is still being read; then to be done
    again."""
    person = Person.objects.filter(pk=identifier).first()
    wishes = wish_ids(str(identifier))
    if person is not None:
        _erase_rows(person, wishes)
    runtime.graph_store().erase(str(identifier))
    if person is not None:
        person.delete()
    _end_sessions(identifier)
    LogEntry.objects.filter(object_id=str(identifier)).delete()
    forget_rulings(wishes)  # once more: a task that was at work may have written some
    Outbox.objects.filter(person=identifier).delete()
    if connection.vendor == "sqlite" and not connection.is_in_memory_db():
        sqlite_files.scrub(settings.DATA / "app.db")


def _erase_rows(person: Person, wishes: set[str]) -> None:
    """Everything but the person's own row, the largest tables in pieces."""
    Outbox.objects.filter(person=person.id).delete()
    for path in settings.EXPORTS.glob(f"{person.id}.*"):
        path.unlink(missing_ok=True)
    forget_rulings(wishes)
    own_sources = list(_own_sources(person).values_list("pk", flat=True))
    decisions = Decision.objects.filter(person=person)
    while found := list(decisions.values_list("pk", "content_hash")[:CHUNK]):
        Decision.objects.filter(pk__in=[key for key, _ in found]).delete()
        forget_contents(content for _, content in found)
    delete_in_chunks(Entry.objects.filter(person=person))
    for source in own_sources:
        delete_in_chunks(Item.objects.filter(source=source))
        Outbox.objects.filter(key=str(source)).delete()
    Source.objects.filter(pk__in=own_sources).delete()
    remove_pictures(timezone.now())


def _own_sources(person: Person) -> QuerySet[Source]:
    """Sources that the person reads and to which nobody else has a subscription or a decision."""
    others = Subscription.objects.filter(source=OuterRef("pk")).exclude(person=person)
    decided = Decision.objects.filter(item__source=OuterRef("pk")).exclude(person=person)
    touched = Q(subscriptions__person=person) | Q(items__decisions__person=person)
    return Source.objects.filter(touched, ~Exists(others), ~Exists(decided)).distinct()


def _end_sessions(identifier: uuid.UUID) -> None:
    for session in Session.objects.iterator(500):
        if session.get_decoded().get("_auth_user_id") == str(identifier):
            session.delete()

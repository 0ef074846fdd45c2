"""What the worker does at the person's own reader: the dry run, marking, taking back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from feedguard.accounts.models import Person
from feedguard.decisions.jobs import JobRefused, Progress
from feedguard.decisions.outbox import Work, enqueue
from feedguard.decisions.services import READER
from feedguard.decisions.tasks import Failures
from feedguard.feeds.safe_fetch import FetchError
from feedguard.readers import marking
from feedguard.readers.google_reader import ReaderError, SignInRefused
from feedguard.readers.models import ReaderAccount

WORK = Work(READER, "feeds", priority=5)
EVERY = dt.timedelta(minutes=5)
MAX_WAIT = dt.timedelta(hours=12)
LISTED = 200


def ask(account: ReaderAccount, *, wait: dt.timedelta = dt.timedelta()) -> None:
    """Ask for the next turn at this reader; to be called inside a transaction."""
    enqueue(WORK, [str(account.id)], person=account.person_id, due_at=timezone.now() + wait)


def reader(keys: Sequence[str]) -> Failures:
    """Keys are account ids. A failure is recorded with the account, and the next turn comes later."""
    for account in ReaderAccount.objects.filter(id__in=keys, enabled=True).select_related("person"):
        with transaction.atomic():
            ask(account, wait=min(EVERY * 2**account.failures, MAX_WAIT))
        _turn(account)
    return {}


def _turn(account: ReaderAccount) -> None:
    row = ReaderAccount.objects.filter(pk=account.pk)
    try:
        there = marking.open_reader(account)
        marking.take_back(there, marking.to_take_back(account))
        marking.mark(there, marking.to_mark(account, there))
    except SignInRefused:
        row.update(enabled=False, error="The reader no longer takes the sign-in. Give the password again.")
    except (ReaderError, FetchError) as error:
        row.update(failures=account.failures + 1, error=str(error)[:500])
    else:
        row.update(failures=0, error="", synced_at=timezone.now())


def preview(person: Person, data: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Job: sign in, and list what would be marked as read. Nothing in the reader changes."""
    account = _account(person)
    progress("Asking your reader …")
    try:
        marks = marking.to_mark(account, marking.open_reader(account))
    except FetchError as error:
        raise JobRefused(str(error), field="url") from error
    ReaderAccount.objects.filter(pk=account.pk).update(previewed_at=timezone.now(), error="", failures=0)
    listed = [{"title": m.item.title, "source": m.item.source, "reason": m.reason} for m in marks[:LISTED]]
    return {"marks": listed, "count": len(marks)}


def take_back(person: Person, data: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Job: make everything unread again that was marked here."""
    account = _account(person)
    items = list(account.items.filter(marked_at__isnull=False, taken_back_at__isnull=True))
    progress(f"{len(items)} items are made unread again …")
    try:
        marking.take_back(marking.open_reader(account), items)
    except FetchError as error:
        raise JobRefused(str(error)) from error
    return {"taken_back": len(items)}


def _account(person: Person) -> ReaderAccount:
    account = ReaderAccount.objects.filter(person=person).select_related("person").first()
    if account is None:
        raise JobRefused("There is no reader to ask. Give its address first.")
    return account

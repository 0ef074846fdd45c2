"""Connecting a person's own reader: a dry run first, then the switch."""

from __future__ import annotations

from django.db import transaction

from feedguard.accounts.models import Person
from feedguard.decisions.jobs import start_job
from feedguard.decisions.models import Job
from feedguard.readers import work
from feedguard.readers.models import ReaderAccount
from feedguard.readers.sealing import seal


class NotPreviewed(Exception):
    """Marking is switched on only after the person has seen what would be marked."""

    permanent = True


def connect(person: Person, *, kind: str, url: str, user: str, password: str) -> Job:
    """Note the reader in place of an earlier one, switched off, and start the dry run. Marks that were made in an
    earlier reader are forgotten unless it is the same one."""
    with transaction.atomic():
        account, _ = ReaderAccount.objects.get_or_create(
            person=person, defaults={"kind": kind, "url": url, "user": user}
        )
        if (account.url, account.user) != (url, user):
            account.items.all().delete()
        ReaderAccount.objects.filter(pk=account.pk).update(
            kind=kind, url=url, user=user, sealed_password=seal(password), sealed_token="", enabled=False,
            previewed_at=None, failures=0, error="",
        )  # fmt: skip
        return start_job(person, "reader_preview", {})


def preview_again(person: Person) -> Job:
    return start_job(person, "reader_preview", {})


def switch_on(account: ReaderAccount) -> None:
    """Raises NotPreviewed."""
    if account.previewed_at is None:
        raise NotPreviewed
    with transaction.atomic():
        ReaderAccount.objects.filter(pk=account.pk).update(enabled=True, failures=0, error="")
        work.ask(account)


def switch_off(account: ReaderAccount) -> None:
    ReaderAccount.objects.filter(pk=account.pk).update(enabled=False)


def take_back(account: ReaderAccount) -> Job:
    """Switch off, and make unread again what was marked."""
    switch_off(account)
    return start_job(account.person, "reader_take_back", {})


def forget(account: ReaderAccount) -> None:
    """Remove the reader with its token; its marks stay as they are."""
    account.delete()

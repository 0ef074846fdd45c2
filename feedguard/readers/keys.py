"""The key by which a person's reader asks for tags: shown once, stored as its hash.

A key for this one purpose, made where the reader is set up. A device's token of the API opens the same door.
"""

from __future__ import annotations

import secrets

from django.utils import timezone

from feedguard.accounts.models import Person, hash_of
from feedguard.readers.models import ReaderKey

PREFIX = "fg-reader-"


def make_key(person: Person) -> str:
    """A new key in place of an earlier one."""
    key = f"{PREFIX}{secrets.token_urlsafe(32)}"
    ReaderKey.objects.update_or_create(
        person=person, defaults={"key_hash": hash_of(key), "created_at": timezone.now(), "used_at": None}
    )
    return key


def drop_key(person: Person) -> None:
    ReaderKey.objects.filter(person=person).delete()


def person_of_key(key: str) -> Person | None:
    """The person whose key this is."""
    found = ReaderKey.objects.select_related("person").filter(key_hash=hash_of(key), person__is_active=True).first()
    if found is None:
        return None
    ReaderKey.objects.filter(pk=found.pk).update(used_at=timezone.now())
    person: Person = found.person
    return person

"""Private addresses of filtered feeds.

A token is the row's id and an HMAC-SHA-256 of id and nonce under the installation's secret key (RFC 2104, cut to
128 bits). So an address can be shown again at any time, and what is stored opens nothing by itself. Renewing an
address changes its nonce.
"""

from __future__ import annotations

import base64
import binascii
import secrets
import uuid

from django.utils.crypto import constant_time_compare, salted_hmac

from feedguard.accounts.models import Person
from feedguard.feeds.models import Subscription
from feedguard.readers.models import FilteredFeed

MAC_BYTES = 16
Kind = FilteredFeed.Kind


def token_of(feed: FilteredFeed) -> str:
    """The secret part of the address: 43 characters of base64url (RFC 4648)."""
    mac = salted_hmac("feedguard.readers.address", f"{feed.id}:{feed.nonce}", algorithm="sha256").digest()
    return base64.urlsafe_b64encode(feed.id.bytes + mac[:MAC_BYTES]).decode().rstrip("=")


def find(token: str) -> FilteredFeed | None:
    """The feed of an address that holds now; None for an unknown, renewed or orphaned one."""
    try:
        identifier = uuid.UUID(bytes=base64.urlsafe_b64decode(f"{token}=")[:16])
    except (binascii.Error, ValueError):
        return None
    found = (
        FilteredFeed.objects.select_related("person", "source").filter(pk=identifier, person__is_active=True).first()
    )
    if found is None or not constant_time_compare(token_of(found), token):
        return None
    return found if found.kind == Kind.ALL or _subscribed(found) else None


def _subscribed(feed: FilteredFeed) -> bool:
    own = Subscription.objects.filter(person=feed.person)
    return (own.filter(source=feed.source) if feed.kind == Kind.SOURCE else own.filter(folder=feed.folder)).exists()


def renew(feed: FilteredFeed) -> None:
    """Give this feed a new address; the old one is answered with 404 from now on."""
    FilteredFeed.objects.filter(pk=feed.pk).update(nonce=secrets.token_hex(16))


def feeds_of(person: Person) -> list[FilteredFeed]:
    """All together, each folder, each source of the person, in this order; rows are made where they lack."""
    subscriptions = list(Subscription.objects.filter(person=person).select_related("source"))
    folders = sorted({s.folder for s in subscriptions if s.folder})
    wanted = [FilteredFeed(person=person, kind=Kind.ALL)]
    wanted += [FilteredFeed(person=person, kind=Kind.FOLDER, folder=folder) for folder in folders]
    wanted += [FilteredFeed(person=person, kind=Kind.SOURCE, source=s.source) for s in subscriptions]
    there = {_place(row): row for row in FilteredFeed.objects.filter(person=person).select_related("source")}
    lacking = [row for row in wanted if _place(row) not in there]
    if lacking:
        FilteredFeed.objects.bulk_create(lacking, ignore_conflicts=True)
        there = {_place(row): row for row in FilteredFeed.objects.filter(person=person).select_related("source")}
    return [there[_place(row)] for row in wanted]


def _place(feed: FilteredFeed) -> tuple[str, uuid.UUID | None, str]:
    return feed.kind, feed.source_id, feed.folder

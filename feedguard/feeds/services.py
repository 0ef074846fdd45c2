"""Changing what a person reads."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from feedguard.accounts.models import Person
from feedguard.decisions.models import Outbox
from feedguard.decisions.outbox import Work, enqueue
from feedguard.decisions.services import ask_to_decide
from feedguard.feeds.ingest import ARTICLE, give_newest
from feedguard.feeds.models import Source, Subscription
from feedguard.items.models import AlsoIn, Entry

FETCH = Work("fetch", "feeds", priority=2)
KEEP_DAYS = (7, 30, 90, 365)
"""For how long a person may choose to keep a source's items."""


def subscribe(
    person: Person, url: str, *, title: str = "", folder: str = "", due_at: dt.datetime | None = None
) -> tuple[Subscription, bool]:
    """Subscribe to the feed at this address and ask for it. Returns the subscription and whether it is new."""
    with transaction.atomic():
        source, _ = Source.objects.get_or_create(url=url, defaults={"title": title[:300]})
        subscription, new = Subscription.objects.get_or_create(
            person=person, source=source, defaults={"folder": folder[:200]}
        )
        if new:
            give_newest(subscription)
            if source.fetched:
                enqueue(FETCH, [str(source.id)], due_at=due_at)
    return subscription, new


def unsubscribe(subscription: Subscription) -> None:
    """End a subscription: its entries leave the person's feed; the source stays for others, unless it is theirs."""
    with transaction.atomic():
        if subscription.source.sent:
            subscription.source.delete()
            return
        mine = Entry.objects.filter(person=subscription.person, item__source=subscription.source)
        AlsoIn.objects.filter(entry__person=subscription.person, item__source=subscription.source).delete()
        mine.delete()
        source = subscription.source
        subscription.delete()
        if not source.subscriptions.exists():
            Outbox.objects.filter(kind=FETCH.kind, key=str(source.id)).delete()


def fetch_now(source: Source) -> None:
    """Ask for a source at once, also one that was given up."""
    if not source.fetched:
        return
    with transaction.atomic():
        Source.objects.filter(pk=source.pk, state=Source.State.GONE).update(state=Source.State.NEW)
        enqueue(FETCH, [str(source.id)])


def fetch_again_at(source: Source, when: dt.datetime) -> None:
    """Ask for the next fetch of a source."""
    Source.objects.filter(pk=source.pk).update(next_at=max(when, timezone.now()))
    with transaction.atomic():
        enqueue(FETCH, [str(source.id)], due_at=when)


def set_keep_days(subscription: Subscription, days: str) -> bool:
    """How long this person keeps the source's items; empty: as the operator has set. False for anything else."""
    if days not in {"", *map(str, KEEP_DAYS)}:
        return False
    subscription.keep_days = int(days) if days else None
    subscription.save(update_fields=["keep_days"])
    return True


def set_full_article(subscription: Subscription, full: bool) -> None:
    """Whether the whole article behind each item is fetched; unread ones are fetched at once."""
    with transaction.atomic():
        subscription.full_article = full
        subscription.save(update_fields=["full_article"])
        unread = Entry.objects.filter(
            person=subscription.person, item__source=subscription.source, read_at__isnull=True
        )
        items = list(unread.order_by("-published_at").values_list("item_id", flat=True)[:50])
        if full and items:
            enqueue(ARTICLE, [str(item) for item in items])
        ask_to_decide(subscription.person, items)

"""The outbox: asking for work, leasing it, ending it.

All functions are short transactions. `enqueue` is to be called inside the transaction that makes the work
necessary, so that neither exists without the other.
"""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import F, Min, Q
from django.utils import timezone

from feedguard.decisions.models import Outbox

MAX_ATTEMPTS = 8
MAX_BACKOFF = dt.timedelta(minutes=30)


@dataclass(frozen=True)
class Work:
    """A kind of work: its queue, its place in it (less is sooner), how many keys one task takes."""

    kind: str
    queue: str
    priority: int = 5
    batch: int = 1


@dataclass(frozen=True)
class Claim:
    """One leased row. `lease` is the token without which the row cannot be ended."""

    id: int
    kind: str
    key: str
    queue: str
    lease: str
    generation: int
    attempts: int


def enqueue(
    work: Work, keys: Sequence[str], *, person: uuid.UUID | None = None, due_at: dt.datetime | None = None
) -> None:
    """Ask for work. A row that exists is made due no later; one in work will be done once more."""
    due = due_at or timezone.now()
    existing = {row.key: row for row in Outbox.objects.filter(kind=work.kind, key__in=keys)}
    new = [
        Outbox(kind=work.kind, key=key, person=person, queue=work.queue, priority=work.priority, due_at=due)
        for key in dict.fromkeys(keys)
        if key not in existing
    ]
    Outbox.objects.bulk_create(new, ignore_conflicts=True)
    for row in existing.values():
        soonest = due if row.leased_until is not None or row.dead else min(row.due_at, due)
        Outbox.objects.filter(pk=row.pk).update(generation=F("generation") + 1, due_at=soonest, dead=False, attempts=0)


def enqueue_waiting(work: Work, keys: Sequence[str], *, person: uuid.UUID | None = None) -> None:
    """Ask for work that somebody waits for, in one statement. A row that exists becomes due, also a dead one.

    Unlike `enqueue`, a row that is in work is not done once more: to be used where the work looks at the newest
    state when it ends, or is asked for again.
    """
    now = timezone.now()
    rows = [
        Outbox(kind=work.kind, key=key, person=person, queue=work.queue, priority=work.priority, due_at=now)
        for key in keys
    ]
    Outbox.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["kind", "key"], update_fields=["due_at", "dead", "priority"]
    )


def hasten(kind: str, person: uuid.UUID) -> None:
    """Make rows of this kind that wait for this person due now; asks for nothing that was not asked for already."""
    rows = Outbox.objects.filter(kind=kind, person=person, dead=False)
    rows.update(due_at=timezone.now(), generation=F("generation") + 1)


def claim(queues: Sequence[str], limit: int) -> list[Claim]:
    """Lease due rows of these queues, soonest and most urgent first."""
    now = timezone.now()
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    with transaction.atomic():
        due = Outbox.objects.filter(free, dead=False, queue__in=queues, due_at__lte=now)
        rows = list(due.select_for_update(skip_locked=True, of=("self",)).order_by("priority", "due_at", "id")[:limit])
        lease = str(uuid.uuid4())
        until = now + dt.timedelta(seconds=settings.LEASE_SECONDS)
        Outbox.objects.filter(pk__in=[row.pk for row in rows]).update(
            leased_until=until, lease=lease, attempts=F("attempts") + 1
        )
    return [Claim(row.pk, row.kind, row.key, row.queue, lease, row.generation, row.attempts + 1) for row in rows]


def held(claims: Sequence[Claim]) -> list[Claim]:
    """Those of the claims whose lease still stands."""
    rows = Outbox.objects.filter(pk__in=[c.id for c in claims], leased_until__gt=timezone.now())
    leases = dict(rows.values_list("id", "lease"))
    return [c for c in claims if leases.get(c.id) == c.lease]


def renew(claims: Sequence[Claim]) -> None:
    """Hold the leases for another while."""
    until = timezone.now() + dt.timedelta(seconds=settings.LEASE_SECONDS)
    for lease in {c.lease for c in claims}:
        ids = [c.id for c in claims if c.lease == lease]
        Outbox.objects.filter(pk__in=ids, lease=lease).update(leased_until=until)


def finish(claims: Sequence[Claim]) -> None:
    """End done work: rows that were asked for again meanwhile become due instead of going away."""
    with transaction.atomic():
        for done in claims:
            row = Outbox.objects.filter(pk=done.id, lease=done.lease)
            if not row.filter(generation=done.generation).delete()[0]:
                row.update(leased_until=None, lease="", attempts=0)


def release(claims: Sequence[Claim]) -> None:
    """Give work back undone, due at once."""
    for given in claims:
        Outbox.objects.filter(pk=given.id, lease=given.lease).update(
            leased_until=None, lease="", attempts=F("attempts") - 1
        )


def fail(failed: Claim, error: str, *, permanent: bool) -> bool:
    """Record a failure: due again later with jitter, or dead. Returns whether it is dead."""
    dead = permanent or failed.attempts >= MAX_ATTEMPTS
    wait = min(dt.timedelta(seconds=2**failed.attempts), MAX_BACKOFF) * random.uniform(0.5, 1.5)
    Outbox.objects.filter(pk=failed.id, lease=failed.lease).update(
        leased_until=None, lease="", dead=dead, last_error=error[:500], due_at=timezone.now() + wait
    )
    return dead


def next_due(queues: Sequence[str]) -> dt.datetime | None:
    """When the next row of these queues may be claimed."""
    rows = Outbox.objects.filter(dead=False, queue__in=queues, leased_until__isnull=True)
    due: dt.datetime | None = rows.aggregate(due=Min("due_at"))["due"]
    return due

"""Periodic work of upkeep, and erasure."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from django.utils import timezone

from feedguard.decisions.schedule import HEARTBEAT, TIDY, again
from feedguard.decisions.tasks import Failures
from feedguard.upkeep.erasure import erase_person
from feedguard.upkeep.models import Heartbeat
from feedguard.upkeep.retention import tidy as tidy_up

WORKER = "worker"
SILENT_AFTER = dt.timedelta(minutes=2)


def heartbeat(keys: Sequence[str]) -> Failures:
    """Shows that outbox, relay and a thread of the worker do their work, from end to end."""
    now = timezone.now()
    row = Heartbeat.objects.filter(name=WORKER)
    if not row.filter(at__gt=now - SILENT_AFTER).update(at=now):
        Heartbeat.objects.update_or_create(name=WORKER, defaults={"at": now, "started_at": now})
    again(HEARTBEAT)
    return {}


def erase(keys: Sequence[str]) -> Failures:
    """Keys are people's ids. What stands in the way (a file that is being read) fails the row: it is done again."""
    for key in keys:
        erase_person(uuid.UUID(key))
    return {}


def tidy(keys: Sequence[str]) -> Failures:
    """Remove what is too old."""
    again(TIDY)
    tidy_up(timezone.now())
    return {}

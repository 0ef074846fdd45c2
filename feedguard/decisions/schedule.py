"""Periodic work: rows with `due_at`, which ask for themselves again."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from feedguard.decisions.outbox import Work, enqueue

CATCH_UP = Work("catch_up", "text", priority=1)
EXPIRE = Work("expire", "text", priority=2)
HEARTBEAT = Work("heartbeat", "interactive", priority=1)
TIDY = Work("tidy", "feeds", priority=9)
EVERY = {
    CATCH_UP: dt.timedelta(seconds=60),
    EXPIRE: dt.timedelta(seconds=20),
    HEARTBEAT: dt.timedelta(seconds=20),
    TIDY: dt.timedelta(hours=6),
}


def start_schedule() -> None:
    """Make every periodic row due at once; a row that is there already only becomes due sooner."""
    with transaction.atomic():
        for work in EVERY:
            enqueue(work, ["all"])


def again(work: Work) -> None:
    """Ask for the next turn, from within this one."""
    with transaction.atomic():
        enqueue(work, ["all"], due_at=timezone.now() + EVERY[work])

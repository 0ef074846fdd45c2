"""Waiting for decisions: one reading of the database for all that wait in this process.

Whoever's turn it is reads for everybody, so that a hundred waiting requests cost as many reads as one, and there
is no task that could die unnoticed.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Mapping

from asgiref.sync import sync_to_async

from feedguard.decisions.models import Decision
from feedguard.decisions.services import stands
from feedguard.runtime import clock

EVERY_SECONDS = 0.25
MOST_WAITING = 200
"""Requests that may wait at once in a process; one more is answered at once, and may ask again."""
Wanted = Mapping[uuid.UUID, int]
"""Item ids with the sequence number that its decision has to have reached."""


class Follower:
    """Who waits for what. Items are asked for by id: that they are the person's own is checked before."""

    def __init__(self) -> None:
        self._waiting: dict[object, Wanted] = {}
        self._read_at = 0.0
        self._found: dict[uuid.UUID, list[Decision]] = {}

    async def wait(self, person: uuid.UUID, wanted: Wanted, seconds: float) -> None:
        """Return when one of the items is decided for this person, or after the time."""
        until = time.monotonic() + seconds
        if len(self._waiting) >= MOST_WAITING:
            return
        ticket = object()
        self._waiting[ticket] = wanted
        try:
            while time.monotonic() < until:
                if time.monotonic() - self._read_at >= EVERY_SECONDS:
                    self._read_at = time.monotonic()
                    self._found = await sync_to_async(_read)({key for w in self._waiting.values() for key in w})
                if self._decided(person, wanted):
                    return
                await asyncio.sleep(min(EVERY_SECONDS, max(until - time.monotonic(), 0)))
        finally:
            del self._waiting[ticket]

    def _decided(self, person: uuid.UUID, wanted: Wanted) -> bool:
        now = clock().now()
        return any(
            decision.person_id == person and stands(decision, seq=seq, now=now)
            for item, seq in wanted.items()
            for decision in self._found.get(item, ())
        )


def _read(items: set[uuid.UUID]) -> dict[uuid.UUID, list[Decision]]:
    rows = Decision.objects.filter(item__in=items, is_current=True)
    found: dict[uuid.UUID, list[Decision]] = {}
    for row in rows.only("item_id", "person_id", "stage", "seq", "valid_until"):
        found.setdefault(row.item_id, []).append(row)
    return found


follower = Follower()

"""The relay: a thread in each worker that leases due outbox rows and hands them to Celery.

It hands out no more than the worker can do at once, so that the order of urgency is decided here, row by
row, and one place is always kept for what a person waits for. It renews the leases of work in hand.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from celery import bootsteps
from celery.signals import task_postrun
from django.conf import settings
from django.db import DatabaseError, close_old_connections

from feedguard.celery import QUEUES
from feedguard.decisions import outbox
from feedguard.decisions.outbox import Claim
from feedguard.decisions.tasks import as_message, work

log = logging.getLogger(__name__)
POLL_SECONDS = 0.2
BATCH = {"decide": 50}
"""How many rows of a kind one task takes; one for kinds not named."""


class Relay(threading.Thread):
    """Leases and hands out until stopped."""

    def __init__(self, places: int) -> None:
        super().__init__(name="relay", daemon=True)
        self.places = places
        self.stopping = threading.Event()
        self._in_hand: dict[str, list[Claim]] = {}
        self._lock = threading.Lock()

    def run(self) -> None:
        renewed = time.monotonic()
        while not self.stopping.is_set():
            handed_out = False
            try:
                handed_out = self._hand_out()
                if time.monotonic() - renewed > settings.LEASE_SECONDS / 3:
                    renewed = time.monotonic()
                    outbox.renew([claim for claims in self._snapshot() for claim in claims])
            except DatabaseError:
                log.exception("the outbox cannot be read; trying again")
                close_old_connections()
            self.stopping.wait(0 if handed_out else POLL_SECONDS)
        close_old_connections()

    def done(self, task_id: str) -> None:
        """A task has ended; its place is free."""
        with self._lock:
            self._in_hand.pop(task_id, None)

    def _snapshot(self) -> list[list[Claim]]:
        with self._lock:
            return list(self._in_hand.values())

    def _hand_out(self) -> bool:
        free = self.places - len(self._snapshot())
        claims: list[Claim] = []
        if free > 0:
            claims += outbox.claim(QUEUES[:1], free)
        if free - len(claims) > 1:
            claims += self._claim_background(free - len(claims) - 1)
        for group in _grouped(claims):
            self._send(group)
        return bool(claims)

    def _claim_background(self, places: int) -> list[Claim]:
        return outbox.claim(QUEUES[1:2], places * BATCH["decide"]) or outbox.claim(QUEUES[2:], places)

    def _send(self, group: list[Claim]) -> None:
        task_id = f"{group[0].lease}-{group[0].id}"
        with self._lock:
            self._in_hand[task_id] = group
        work.apply_async(args=[as_message(group)], task_id=task_id, queue=group[0].queue)


def _grouped(claims: Sequence[Claim]) -> list[list[Claim]]:
    groups = []
    for kind, same in groupby(sorted(claims, key=lambda c: c.kind), key=lambda c: c.kind):
        rows = list(same)
        size = BATCH.get(kind, 1)
        groups += [rows[i : i + size] for i in range(0, len(rows), size)]
    return groups


class RelayStep(bootsteps.StartStopStep):  # type: ignore[misc]
    """Starts the relay with the worker and stops it first."""

    requires = {"celery.worker.components:Pool"}

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self.relay: Relay | None = None

    def start(self, parent: Any) -> None:
        self.relay = Relay(places=settings.WORKER_THREADS)
        task_postrun.connect(self._task_ended, weak=False)
        self.relay.start()

    def stop(self, parent: Any) -> None:
        if self.relay is not None:
            self.relay.stopping.set()
            self.relay.join(2)

    def _task_ended(self, task_id: str = "", **_: Any) -> None:
        if self.relay is not None:
            self.relay.done(task_id)

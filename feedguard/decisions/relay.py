"""The relay: a thread in each worker that leases due outbox rows and hands them to Celery.

It hands out no more than the worker can do at once, so that the order of urgency is decided here, row by
row, and a worker of the interactive queue always keeps a place for what a person waits for.
"""

from __future__ import annotations

import logging
import tempfile
import threading
import time
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from celery import bootsteps
from celery.signals import task_postrun, task_prerun
from django.conf import settings
from django.db import DatabaseError, close_old_connections
from kombu.exceptions import OperationalError

from feedguard.celery import QUEUES
from feedguard.decisions import outbox
from feedguard.decisions.outbox import Claim
from feedguard.decisions.tasks import as_message, work

log = logging.getLogger(__name__)
POLL_SECONDS = 0.2
BROKER_PAUSE_SECONDS = 1.0
ALIVE = Path(tempfile.gettempdir()) / "feedguard-worker-alive"
"""Touched at every turn of a relay of this machine."""
BATCH = {"decide": 50}
"""How many rows of a kind one task takes; one for kinds not named."""


class Relay(threading.Thread):
    """Leases and hands out until stopped.

    Handed out is what was given to Celery and has not begun here; with a broker that several workers share, another
    one may do it. Whoever does the work renews its leases. What nobody has begun when its lease ends is due again.
    """

    def __init__(self, places: int, queues: Sequence[str]) -> None:
        super().__init__(name="relay", daemon=True)
        self.places, self.queues = places, queues
        self.stopping = threading.Event()
        self._handed_out: dict[str, list[Claim]] = {}
        self._in_work: dict[str, list[Claim]] = {}
        self._lock = threading.Lock()

    def run(self) -> None:
        renewed = time.monotonic()
        while not self.stopping.is_set():
            handed_out = False
            try:
                self._forget_what_others_do()
                ALIVE.touch()
                handed_out = self._hand_out()
                if time.monotonic() - renewed > settings.LEASE_SECONDS / 3:
                    renewed = time.monotonic()
                    outbox.renew([claim for claims in self._copy(self._in_work) for claim in claims])
            except DatabaseError:
                log.exception("the outbox cannot be read; trying again")
                close_old_connections()
            except OperationalError as error:
                log.warning("the broker cannot be reached (%s); trying again", error)
                self.stopping.wait(BROKER_PAUSE_SECONDS)
            self.stopping.wait(0 if handed_out else POLL_SECONDS)
        close_old_connections()

    def begun(self, task_id: str, claims: list[Claim]) -> None:
        """A task has begun in this process."""
        with self._lock:
            self._handed_out.pop(task_id, None)
            self._in_work[task_id] = claims

    def done(self, task_id: str) -> None:
        """A task has ended in this process; its place is free."""
        with self._lock:
            self._in_work.pop(task_id, None)

    def _copy(self, tasks: dict[str, list[Claim]]) -> list[list[Claim]]:
        with self._lock:
            return list(tasks.values())

    def _forget_what_others_do(self) -> None:
        """Free the places of tasks that another worker has ended, or whose leases have run out unbegun."""
        with self._lock:
            waiting = dict(self._handed_out)
        if not waiting:
            return
        held = {claim.id for claim in outbox.held([c for claims in waiting.values() for c in claims])}
        with self._lock:
            for task_id, claims in waiting.items():
                if not any(claim.id in held for claim in claims):
                    self._handed_out.pop(task_id, None)

    def _hand_out(self) -> bool:
        free = self.places - len(self._copy(self._handed_out)) - len(self._copy(self._in_work))
        urgent = [queue for queue in self.queues if queue == QUEUES[0]]
        claims: list[Claim] = []
        if free > 0 and urgent:
            claims += outbox.claim(urgent, free)
        kept = 1 if urgent else 0
        if free - len(claims) > kept:
            claims += self._claim_background(free - len(claims) - kept)
        for group in _grouped(claims):
            self._send(group)
        return bool(claims)

    def _claim_background(self, places: int) -> list[Claim]:
        for queue in self.queues:
            if queue == QUEUES[0]:
                continue
            size = places * BATCH["decide"] if queue == QUEUES[1] else places
            if claims := outbox.claim([queue], size):
                return claims
        return []

    def _send(self, group: list[Claim]) -> None:
        """Hand a group to Celery; where the broker cannot be reached, give its rows back."""
        task_id = f"{group[0].lease}-{group[0].id}"
        with self._lock:
            self._handed_out[task_id] = group
        try:
            work.apply_async(args=[as_message(group)], task_id=task_id, queue=group[0].queue)
        except OperationalError:
            with self._lock:
                self._handed_out.pop(task_id, None)
            outbox.release(group)
            raise


def seconds_since_alive() -> float | None:
    """How long the relays of this machine have been silent; None where none has ever run."""
    try:
        return time.time() - ALIVE.stat().st_mtime
    except FileNotFoundError:
        return None


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
        self.relay = Relay(
            places=settings.WORKER_THREADS, queues=sorted(parent.app.amqp.queues.consume_from, key=QUEUES.index)
        )
        task_prerun.connect(self._task_begins, weak=False)
        task_postrun.connect(self._task_ended, weak=False)
        self.relay.start()

    def stop(self, parent: Any) -> None:
        if self.relay is not None:
            self.relay.stopping.set()
            self.relay.join(2)

    def _task_begins(self, task_id: str = "", args: Sequence[Any] = (), **_: Any) -> None:
        if self.relay is not None and args:
            self.relay.begun(task_id, [Claim(**claim) for claim in args[0]])

    def _task_ended(self, task_id: str = "", **_: Any) -> None:
        if self.relay is not None:
            self.relay.done(task_id)

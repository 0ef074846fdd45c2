"""Many that wait cost as many reads as one, and nobody is answered by another's decision."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from feedguard.api import follow
from feedguard.api.follow import Follower
from feedguard.decisions.models import Decision


def run(scene: Coroutine[Any, Any, None]) -> None:
    """Run it in a thread of its own: Playwright's loop may run in the tests' thread."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, scene).result()


ALICE, BOB = uuid.uuid4(), uuid.uuid4()
ITEM = uuid.uuid4()


class Database:
    """Stands for the one read; `decide` makes a decision appear in it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reads: list[set[uuid.UUID]] = []
        self.rows: dict[uuid.UUID, list[Decision]] = {}
        monkeypatch.setattr(follow, "_read", self._read)
        monkeypatch.setattr(follow, "EVERY_SECONDS", 0.05)

    def _read(self, items: set[uuid.UUID]) -> dict[uuid.UUID, list[Decision]]:
        self.reads.append(set(items))
        return dict(self.rows)

    def decide(self, person: uuid.UUID, item: uuid.UUID, seq: int) -> None:
        self.rows.setdefault(item, []).append(Decision(person_id=person, item_id=item, seq=seq, stage="judge"))


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Database:
    return Database(monkeypatch)


def test_forty_that_wait_are_read_for_together(database: Database) -> None:
    items = [uuid.uuid4() for _ in range(40)]
    follower = Follower()

    async def all_wait() -> None:
        await asyncio.gather(*(follower.wait(ALICE, {item: 1}, 0.5) for item in items))

    run(all_wait())
    assert len(database.reads) <= 0.5 / 0.05 + 2
    assert set(items) in database.reads
    assert not follower._waiting


def test_one_decision_wakes_only_who_waits_for_it(database: Database) -> None:
    follower = Follower()
    woken: list[str] = []

    async def wait(name: str, person: uuid.UUID, seq: int) -> None:
        await follower.wait(person, {ITEM: seq}, 1.0)
        woken.append(name)

    async def scene() -> None:
        waiting = [
            asyncio.create_task(wait("alice", ALICE, 1)),
            asyncio.create_task(wait("bob", BOB, 1)),
            asyncio.create_task(wait("alice, for a later change", ALICE, 2)),
        ]
        await asyncio.sleep(0.1)
        database.decide(ALICE, ITEM, seq=1)
        await asyncio.sleep(0.4)
        assert woken == ["alice"]
        await asyncio.gather(*waiting)

    run(scene())
    assert woken[0] == "alice"


def test_who_goes_away_leaves_the_reading_to_the_others(database: Database) -> None:
    follower = Follower()

    async def scene() -> None:
        first = asyncio.create_task(follower.wait(ALICE, {ITEM: 1}, 5))
        second = asyncio.create_task(follower.wait(BOB, {ITEM: 1}, 5))
        await asyncio.sleep(0.1)
        first.cancel()
        database.decide(BOB, ITEM, seq=1)
        await asyncio.wait_for(second, 2)

    run(scene())
    assert not follower._waiting


def test_one_too_many_is_answered_at_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "MOST_WAITING", 1)
    follower = Follower()

    async def scene() -> None:
        first = asyncio.create_task(follower.wait(ALICE, {ITEM: 1}, 5))
        await asyncio.sleep(0.1)
        await asyncio.wait_for(follower.wait(BOB, {ITEM: 1}, 5), 1)
        first.cancel()

    run(scene())

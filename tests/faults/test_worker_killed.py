"""The worker is killed in mid-task, again and again: nothing is lost, nothing counts twice."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
import uuid
from pathlib import Path

from feedguard.supervisor import QUICK_DEATH_SECONDS
from tests.feeds.wild import WildServer, rss, rss_item
from tests.running import Running, until

KILLS = int(os.environ.get("FEEDGUARD_TEST_KILLS", "5"))
ITEMS_A_ROUND = 60
KINDS = ("decide", "fetch", "decide")
"""What the worker is killed in, in turn."""


def test_killing_the_worker_loses_nothing(tmp_path: Path) -> None:
    with (
        WildServer() as wild,
        Running(tmp_path / "data", "--no-demo", environment={"FEEDGUARD_LEASE_SECONDS": "2"}) as product,
    ):
        _subscribe(product, wild)
        killed, items = 0, ""
        served = 0
        while killed < KILLS:
            worker = _settled_worker(product)
            items += "".join(rss_item(f"{n}", f"Item {n}", f"text {n}") for n in range(served, served + ITEMS_A_ROUND))
            served += ITEMS_A_ROUND
            wild.put("/feed.xml", rss(items))
            _ask_to_fetch(product)
            killed += _kill_in(product, worker, KINDS[killed % len(KINDS)])
        _ask_to_fetch(product)
        until(lambda: _decided(product) == served, 180, f"{served} decisions")
        assert product.query("SELECT count(*) FROM items_item") == [(served,)]
        assert product.query("SELECT count(*) FROM items_entry") == [(served,)]
        assert _doubles(product) == []
        until(
            lambda: product.query("SELECT count(*) FROM decisions_outbox WHERE kind IN ('decide', 'job')") == [(0,)], 60
        )
        assert product.stop() < 10


def _settled_worker(product: Running) -> int:
    """The id of a worker that has lived long enough for the supervisor not to wait before the next one."""
    while True:
        until(lambda: product.children("worker"), 40, "a worker")
        workers = product.children("worker")
        time.sleep(QUICK_DEATH_SECONDS + 0.5)
        if workers and workers == product.children("worker"):
            return workers[0]


def _kill_in(product: Running, worker: int, kind: str) -> int:
    """Kill the worker while it holds rows of this kind; returns 1 if it did."""
    held = "SELECT count(*) FROM decisions_outbox WHERE kind = '{}' AND leased_until > '{}'"
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        now = time.strftime("%Y-%m-%d %H:%M:%S.999", time.gmtime())
        if product.query(held.format(kind, now)) != [(0,)]:
            os.kill(worker, signal.SIGKILL)
            return 1
        time.sleep(0.002)
    return 0


def _decided(product: Running) -> int:
    return int(str(product.query("SELECT count(*) FROM decisions_decision WHERE is_current")[0][0]))


def _doubles(product: Running) -> list[tuple[object, ...]]:
    return product.query(
        "SELECT item_id FROM decisions_decision WHERE is_current GROUP BY person_id, item_id HAVING count(*) > 1"
    )


def _subscribe(product: Running, wild: WildServer) -> None:
    connection = sqlite3.connect(product.folder / "app.db", timeout=10)
    (person,) = connection.execute("SELECT id FROM accounts_person").fetchone()
    source, now = uuid.uuid4().hex, time.strftime("%Y-%m-%d %H:%M:%S")
    with connection:
        connection.execute(
            "INSERT INTO feeds_source (id, url, title, site_url, format, language, state, etag, last_modified, body_hash, failures, error, warnings, extras, created_at)"
            " VALUES (?, ?, '', '', '', '', 'new', '', '', '', 0, '', '[]', '{}', ?)", (source, f"{wild.url}/feed.xml", now),
        )  # fmt: skip
        connection.execute(
            "INSERT INTO feeds_subscription (id, person_id, source_id, folder, full_article, created_at) VALUES (?, ?, ?, '', 0, ?)",
            (uuid.uuid4().hex, person, source, now),
        )
    connection.close()


def _ask_to_fetch(product: Running) -> None:
    """Ask for the source, as the button does."""
    connection = sqlite3.connect(product.folder / "app.db", timeout=10)
    (source,) = connection.execute("SELECT id FROM feeds_source").fetchone()
    now = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
    with connection:
        connection.execute(
            "INSERT INTO decisions_outbox (kind, key, queue, priority, due_at, lease, generation, attempts, dead, last_error)"
            " VALUES ('fetch', ?, 'feeds', 2, ?, '', 0, 0, 0, '') ON CONFLICT (kind, key) DO UPDATE SET due_at = excluded.due_at, generation = generation + 1",
            (str(uuid.UUID(source)), now),
        )
    connection.close()

"""The worker is killed in mid-task, again and again: nothing is lost, nothing counts twice."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from tests.feeds.wild import WildServer, rss, rss_item
from tests.running import Running, until

KILLS = int(os.environ.get("FEEDGUARD_TEST_KILLS", "5"))
ITEMS = 400


def test_killing_the_worker_loses_nothing(tmp_path: Path) -> None:
    with (
        WildServer() as wild,
        Running(tmp_path / "data", "--no-demo", environment={"FEEDGUARD_LEASE_SECONDS": "2"}) as product,
    ):
        _subscribe(product, wild)
        killed, served = 0, 0
        while killed < KILLS:
            served += 1
            items = "".join(
                rss_item(f"{served}-{i}", f"Item {served} {i}", f"text {served} {i}") for i in range(ITEMS // KILLS + 1)
            )
            wild.put("/feed.xml", rss(items))
            _fetch(product)
            killed += _kill_in_mid_work(product)
        expected = served * (ITEMS // KILLS + 1)
        until(lambda: _decided(product) == expected, 180, f"{expected} decisions, now {_decided(product)}")
        assert product.query("SELECT count(*) FROM items_item") == [(expected,)]
        assert _doubles(product) == []
        until(
            lambda: product.query("SELECT count(*) FROM decisions_outbox WHERE kind IN ('decide', 'job')") == [(0,)], 60
        )
        assert product.stop() < 10


def _kill_in_mid_work(product: Running) -> int:
    """Kill the worker while rows are leased; returns 1 if it was in mid-work."""
    busy = "SELECT count(*) FROM decisions_outbox WHERE leased_until IS NOT NULL AND kind IN ('decide', 'fetch')"
    until(lambda: product.children("worker"), 20, "a worker")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if product.query(busy) != [(0,)]:
            os.kill(product.children("worker")[0], signal.SIGKILL)
            return 1
        time.sleep(0.005)
    return 0


def _decided(product: Running) -> int:
    return int(str(product.query("SELECT count(*) FROM decisions_decision WHERE is_current")[0][0]))


def _doubles(product: Running) -> list[tuple[object, ...]]:
    return product.query(
        "SELECT item_id FROM decisions_decision WHERE is_current GROUP BY person_id, item_id HAVING count(*) > 1"
    )


def _subscribe(product: Running, wild: WildServer) -> None:
    import sqlite3
    import uuid

    wild.put("/feed.xml", rss(rss_item("first")))
    connection = sqlite3.connect(product.folder / "app.db", timeout=10)
    (person,) = connection.execute("SELECT id FROM accounts_person").fetchone()
    source, now = uuid.uuid4().hex, time.strftime("%Y-%m-%d %H:%M:%S")
    with connection:
        connection.execute(
            "INSERT INTO feeds_source (id, url, title, site_url, format, language, state, etag, last_modified, body_hash, failures, error, warnings, created_at)"
            " VALUES (?, ?, '', '', '', '', 'new', '', '', '', 0, '', '[]', ?)", (source, f"{wild.url}/feed.xml", now),
        )  # fmt: skip
        connection.execute(
            "INSERT INTO feeds_subscription (id, person_id, source_id, folder, full_article, created_at) VALUES (?, ?, ?, '', 0, ?)",
            (uuid.uuid4().hex, person, source, now),
        )
    connection.close()


def _fetch(product: Running) -> None:
    """Ask for the source, as the button does."""
    import sqlite3
    import uuid

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

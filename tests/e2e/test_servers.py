"""The production form: web, and workers by queue, on PostgreSQL, Redis and Neo4j; Redis restarted under load."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import psycopg
import pytest

from tests.feeds.wild import WildServer, rss, rss_item
from tests.neo4j.server import Neo4jServer
from tests.running import ROOT, free_port, until
from tests.servers import RedisServer, postgres

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.neo4j]


class Installation:
    """Processes of one installation, each started by the command that the compose file gives its service."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.environment, self._log = environment, log
        self.port = int(environment["FEEDGUARD_PORT"])
        self._processes: list[subprocess.Popen[bytes]] = []

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "django", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    def start(self, *arguments: str) -> None:
        with self._log.open("ab") as log:
            self._processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", "django", *arguments],
                    cwd=ROOT,
                    env=self.environment,
                    stdout=log,
                    stderr=log,
                    stdin=subprocess.DEVNULL,
                )
            )

    def stop(self) -> None:
        for process in self._processes:
            process.send_signal(signal.SIGTERM)
        for process in self._processes:
            process.wait(20)

    def query(self, sql: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.environment["FEEDGUARD_DATABASE_URL"]) as connection:
            return connection.execute(sql).fetchall()  # type: ignore[call-overload, no-any-return]


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture
def installation(tmp_path: Path, redis_server: RedisServer, neo4j_server: Neo4jServer) -> Iterator[Installation]:
    with ExitStack() as stack:
        own = {name: value for name, value in os.environ.items() if not name.startswith("FEEDGUARD_")}
        made = Installation(
            {
                **own,
                "DJANGO_SETTINGS_MODULE": "feedguard.settings",
                "TMPDIR": str(tmp_path),
                "FEEDGUARD_DATA": str(tmp_path / "data"),
                "FEEDGUARD_PORT": str(free_port()),
                "FEEDGUARD_ALLOWED_NETWORKS": "127.0.0.0/8",
                "FEEDGUARD_LEASE_SECONDS": "3",
                "FEEDGUARD_DATABASE_URL": stack.enter_context(postgres()),
                "FEEDGUARD_BROKER_URL": redis_server.url,
                "FEEDGUARD_GRAPH_STORE": "neo4j",
                "FEEDGUARD_NEO4J_URI": neo4j_server.uri,
                "FEEDGUARD_NEO4J_PASSWORD": neo4j_server.password,
            },
            tmp_path / "log",
        )
        stack.callback(made.stop)
        yield made


class Browser:
    """A person at the pages, without a browser: forms with their tokens."""

    def __init__(self, base: str) -> None:
        self._client = httpx2.Client(base_url=base, follow_redirects=True, timeout=30)

    def get(self, path: str) -> str:
        answer = self._client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def post(self, path: str, page: str, **fields: str) -> httpx2.Response:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None
        return self._client.post(path, data={"csrfmiddlewaretoken": token[1], **fields})


def test_workers_by_queue_do_the_whole_path_and_outlive_a_restart_of_redis(
    installation: Installation, redis_server: RedisServer
) -> None:
    prepared = installation.command("prepare")
    assert prepared.returncode == 0, prepared.stderr
    link = re.search(r"(/sign-in/\S+)", prepared.stdout)
    assert link is not None
    assert "no worker" in installation.command("healthy", "worker").stderr
    installation.start("web")
    installation.start("worker", "--queues", "interactive", "text")
    installation.start("worker", "--queues", "feeds")
    until(lambda: installation.command("healthy", "web").returncode == 0, 40, "a well web process")
    until(lambda: installation.command("healthy", "worker").returncode == 0, 40, "a well worker")
    with WildServer() as wild:
        person = Browser(f"http://127.0.0.1:{installation.port}")
        person.post(link[1], person.get(link[1]))
        items = "".join(rss_item(n, f"Spider {n}" if n % 2 else f"Bread {n}", f"text {n}") for n in range(60))
        wild.put("/feed.xml", rss(items))
        person.post("/sources/add", person.get("/sources"), url=f"{wild.url}/feed.xml")
        until(lambda: _decided(installation) == 60, 60, "60 decisions")
        person.post("/wishes/say", person.get("/wishes"), sentence="no spiders")
        until(lambda: "/proposals/" in person.get("/wishes"), 30, "a proposal")
        proposal = re.search(r"/proposals/[0-9a-f-]+", person.get("/wishes"))
        assert proposal is not None
        person.post(f"{proposal[0]}/accept", person.get(proposal[0]))
        hidden = "SELECT count(*) FROM decisions_decision WHERE is_current AND action = 'hide'"
        until(lambda: installation.query(hidden) == [(30,)], 60, "30 hidden")
        if not redis_server.given:
            for turn in range(3):
                more = "".join(rss_item(f"{turn}-{n}", f"Later {turn} {n}", f"t {turn} {n}") for n in range(100))
                wild.put("/feed.xml", rss(items := items + more))
                (source,) = installation.query("SELECT id FROM feeds_subscription")[0]
                person.post(f"/sources/{source}", person.get("/sources"), do="fetch")
                redis_server.stop()
                redis_server.start()
            until(lambda: _decided(installation) == 360, 90, "360 decisions")
    doubles = "SELECT item_id FROM decisions_decision WHERE is_current GROUP BY person_id, item_id HAVING count(*) > 1"
    assert installation.query(doubles) == []
    verified = installation.command("graph", "verify")
    assert verified.returncode == 0, verified.stderr


def _decided(installation: Installation) -> int:
    return int(str(installation.query("SELECT count(*) FROM decisions_decision WHERE is_current")[0][0]))

"""`manage.py doctor` names what does not run, and what to do about it."""

from __future__ import annotations

import datetime as dt
import os
import re
import sqlite3
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from feedguard.accounts.models import Person
from feedguard.celery import app
from feedguard.data_folder import open_data_folder
from feedguard.decisions.models import Outbox
from feedguard.feeds.models import Source
from feedguard.preferences.models import SnapshotHead
from feedguard.upkeep.doctor import examine
from feedguard.upkeep.findings import Finding, broker
from feedguard.upkeep.work import heartbeat
from tests.feedguard.build import entry, reads, wishes, work
from tests.running import ROOT, Running, free_port, until
from tests.servers import RedisServer


def found(what: str) -> list[Finding]:
    return [finding for finding in examine() if finding.what == what]


@pytest.mark.django_db
def test_what_is_well_is_said_in_one_line_each(alice: Person) -> None:
    reads(alice, entry(1, "A spider"))
    wishes(alice, "no spiders")
    heartbeat(["all"])
    for what in ("database", "graph", "worker", "outbox", "sources"):
        (finding,) = found(what)
        assert finding.state == "well", finding


@pytest.mark.django_db
def test_each_trouble_is_named_with_what_to_do(alice: Person, settings: Any) -> None:
    reads(alice, entry(1, "A spider"), url="https://harbour.example/feed?key=s3cret")
    wishes(alice, "no spiders")
    heartbeat(["all"])
    now = timezone.now()
    Source.objects.update(state="failing", failures=3, error="The site answered with HTTP 500.")
    Outbox.objects.create(kind="picture", key="x", queue="feeds", due_at=now, dead=True, last_error="TooLarge: big")
    SnapshotHead.objects.update(seq=0)
    settings.HOST, settings.DEBUG, settings.ALLOWED_NETWORKS = "0.0.0.0", True, ("10.0.0.0/8",)
    text = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", stdout=text, no_color=True)
    said = text.getvalue()
    assert ended.value.code == 1
    for line in (
        r"look +sources +harbour.example: The site answered with HTTP 500\.",
        r"BAD +outbox +1 of kind picture were given up: TooLarge: big",
        r"look +graph +1 of 1 are not projected yet",
        r"BAD +settings +0\.0\.0\.0 can be reached by other machines",
        r"BAD +settings +FEEDGUARD_DEBUG",
        r"look +settings +feeds may be fetched from 10\.0\.0\.0/8",
    ):
        assert re.search(line, said), line
    assert "s3cret" not in said
    assert said.count("→") >= 6
    assert len(said.splitlines()) < 40


@pytest.mark.django_db
def test_a_silent_worker_and_late_work_are_noticed(alice: Person) -> None:
    assert "never seen" in found("worker")[0].says
    work("heartbeat")
    heartbeat(["all"])
    from feedguard.upkeep.models import Heartbeat

    Heartbeat.objects.update(at=timezone.now() - dt.timedelta(minutes=10))
    assert found("worker")[0].state == "bad"
    Outbox.objects.create(kind="fetch", key="x", queue="feeds", due_at=timezone.now() - dt.timedelta(hours=3))
    assert "3 hours" in found("outbox")[0].says


@pytest.mark.django_db
def test_a_broken_graph_is_found(alice: Person, settings: Any) -> None:
    reads(alice, entry(1, "A spider"))
    wishes(alice, "no spiders")
    connection = sqlite3.connect(settings.GRAPH_DB)
    with connection:
        connection.execute("UPDATE payload SET body = replace(body, 'spiders', 'ponies')")
    connection.close()
    assert found("graph")[0].state == "bad"


def _doctor(folder: Path, port: int, ok: bool, **settings: str) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FEEDGUARD_")}
    done = subprocess.run(
        [sys.executable, "manage.py", "doctor"], cwd=ROOT, capture_output=True, text=True, timeout=60,
        env={**environment, "FEEDGUARD_DATA": str(folder), "FEEDGUARD_PORT": str(port), **settings},
    )  # fmt: skip
    assert (done.returncode == 0) is ok, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def test_on_a_running_installation_and_on_none(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    nothing = _doctor(folder, 1, ok=False)
    assert "Set FEEDGUARD_DATA, or start FeedGuard once" in nothing
    assert not folder.exists(), "looking changes nothing"
    with Running(folder, "--no-demo") as product:
        until(lambda: product.query("SELECT 1 FROM upkeep_heartbeat"), 20, "a heartbeat")
        said = _doctor(folder, product.port, ok=True)
        assert "BAD" not in said
        assert f"answers at 127.0.0.1:{product.port}" in said
    folder.chmod(0o755)
    said = _doctor(folder, 1, ok=False)
    assert "others on this machine may read" in said
    assert "does not answer" in said


def _nowhere() -> str:
    return f"127.0.0.1:{free_port()}"


def test_servers_that_cannot_be_reached_are_named_in_one_screen(tmp_path: Path) -> None:
    open_data_folder(tmp_path)
    said = _doctor(
        tmp_path, 1, ok=False, FEEDGUARD_DATABASE_URL=f"postgresql://me:s3cret@{_nowhere()}/feedguard",
        FEEDGUARD_BROKER_URL=f"redis://:s3cret@{_nowhere()}/0",
    )  # fmt: skip
    assert re.search(r"BAD +database +the database does not answer \(.*refused", said)
    assert "FEEDGUARD_DATABASE_URL" in said
    assert re.search(r"BAD +broker +redis://\S*127.0.0.1:\d+/0 does not answer", said)
    assert "s3cret" not in said
    assert len(said.splitlines()) < 25


def test_a_store_of_graphs_that_cannot_be_reached_is_named(tmp_path: Path) -> None:
    with Running(tmp_path / "data", "--no-demo") as product:
        said = _doctor(
            tmp_path / "data", product.port, ok=False, FEEDGUARD_GRAPH_STORE="neo4j",
            FEEDGUARD_NEO4J_URI=f"bolt://{_nowhere()}",
        )  # fmt: skip
    assert re.search(r"BAD +graph +The preference graph cannot be reached", said)
    assert "FEEDGUARD_NEO4J_URI" in said
    assert re.search(r"ok +database", said)


@pytest.mark.redis
def test_a_broker_that_answers_is_well(settings: Any) -> None:
    with RedisServer() as server:
        settings.BROKER_URL = server.url
        app.conf.broker_url = server.url
        try:
            assert [finding.state for finding in broker()] == ["well"]
        finally:
            app.conf.broker_url = "memory://localhost/"

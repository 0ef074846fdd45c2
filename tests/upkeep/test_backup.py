"""A backup made while FeedGuard writes, and the way back. On real files, with the real commands."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import stat
import subprocess
import sys
import tarfile
import threading
from pathlib import Path

import pytest

from graph.stores.sqlite import SQLiteStore
from tests.running import ROOT, Running, until

FILL = """
import django; django.setup()
import datetime as dt
from django.core.management import call_command
from feedguard.data_folder import open_data_folder
from django.conf import settings
open_data_folder(settings.DATA)
call_command("migrate", verbosity=0)
from feedguard.accounts.models import Person
from feedguard.decisions.jobs import start_job
from tests.feedguard.build import entry, reads, wishes, work
from feedguard.feeds.parsed import ParsedMedia
from feedguard.feeds.pictures import reencode
from feedguard.feeds.work import keep
from feedguard.items.models import Picture
import io
from PIL import Image
alice = Person.objects.create_superuser("alice", password="alice's own password")
reads(alice, entry(1, "A spider in the bath", media=(ParsedMedia("https://h.example/p.png", "image"),)), entry(2, "Bread"))
wishes(alice, "no spiders")
out = io.BytesIO(); Image.new("RGB", (8, 8)).save(out, "PNG")
keep(Picture.objects.get(), reencode(out.getvalue()))
"""


def run(folder: Path, *command: str, ok: bool = True) -> str:
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, timeout=120,
        env={**os.environ, "FEEDGUARD_DATA": str(folder), "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "feedguard.settings"},
    )  # fmt: skip
    assert (done.returncode == 0) is ok, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def manage(folder: Path, *command: str, ok: bool = True) -> str:
    return run(folder, "manage.py", *command, ok=ok)


def state(folder: Path) -> dict[str, str]:
    """Hashes of everything that a person would miss: all rows, all graphs, all files."""
    found = {}
    connection = sqlite3.connect(f"file:{folder / 'app.db'}?mode=ro", uri=True)
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall():
        rows = sorted(map(repr, connection.execute(f"SELECT * FROM {table}")))
        found[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    connection.close()
    store = SQLiteStore(folder / "graph.db")
    found |= {f"graph of {person}": f"{seq} {digest}" for person, (seq, digest) in store.heads().items()}
    store.close()
    for name in ("secret_key", "version"):
        found[name] = (folder / name).read_text()
    return found | {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (folder / "pictures").iterdir()
    }


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(tmp_path_factory.mktemp("filled")) / "data"
    run(folder, "-c", FILL)
    return folder


@pytest.fixture(scope="module")
def archive(filled: Path) -> Path:
    target = filled.parent / "one.tar.gz"
    said = manage(filled, "backup", str(target))
    assert "1 graphs and 1 pictures" in said
    return target


def test_backup_wipe_and_restore_give_equal_hashes(filled: Path, archive: Path, tmp_path: Path) -> None:
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    before = state(filled)
    assert len(before) > 15
    folder = tmp_path / "again"
    said = manage(folder, "restore", str(archive))
    assert "1 graphs, 1 pictures" in said
    assert state(folder) == before
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE((folder / n).stat().st_mode) for n in ("app.db", "graph.db", "secret_key")} == {0o600}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["again"]
    with Running(folder, "--no-demo") as product:
        until(lambda: product.query("SELECT 1 FROM upkeep_heartbeat"), 20, "a heartbeat")


def test_a_folder_in_use_is_not_overwritten_and_with_force_it_is_put_aside(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "diary").write_text("mine")
    assert "is not empty" in manage(folder, "restore", str(archive), ok=False)
    assert [p.name for p in tmp_path.iterdir()] == ["data"]
    manage(folder, "restore", str(archive), "--force")
    (aside,) = (p for p in tmp_path.iterdir() if p.name != "data")
    assert (aside / "diary").read_text() == "mine"
    assert (folder / "app.db").exists()


def broken(archive: Path, target: Path, how: str) -> Path:
    raw = bytearray(archive.read_bytes())
    if how == "cut":
        target.write_bytes(raw[: len(raw) // 2])
    elif how == "empty":
        target.write_bytes(b"")
    elif how == "text":
        target.write_text("not an archive")
    else:
        with tarfile.open(archive) as old, tarfile.open(target, "w:gz") as new:
            for member in old.getmembers():
                file = old.extractfile(member)
                assert file is not None
                data = bytearray(file.read())
                if how == "changed" and member.name == "app.db":
                    data[5000] ^= 255
                if how == "missing" and member.name == "graph.db":
                    continue
                if member.name == "manifest.json":
                    data = bytearray(_manifest(bytes(data), how))
                member.size = len(data)
                new.addfile(member, __import__("io").BytesIO(bytes(data)))
            if how == "more":
                new.add(__file__, "../../evil.py")
    return target


def _manifest(data: bytes, how: str) -> bytes:
    read = json.loads(data)
    if how == "newer":
        read["form"] = 2
    if how == "newer folder":
        read["data_version"] = 99
    if how == "hostile":
        read["files"]["../../etc/passwd"] = {"size": 1, "sha256": "0"}
    if how == "garbled":
        return b"{"
    return json.dumps(read).encode()


@pytest.mark.parametrize(
    "how", ["cut", "empty", "text", "changed", "missing", "more", "newer", "newer folder", "hostile", "garbled"]
)
def test_a_broken_archive_is_refused_with_nothing_half_written(archive: Path, tmp_path: Path, how: str) -> None:
    bad = broken(archive, tmp_path / "bad.tar.gz", how)
    folder = tmp_path / "place" / "data"
    said = manage(folder, "restore", str(bad), ok=False)
    assert "Nothing was changed." in said
    assert not folder.exists()
    assert list(folder.parent.iterdir()) == []
    folder.mkdir()
    (folder / "diary").write_text("mine")
    manage(folder, "restore", str(bad), "--force", ok=False)
    assert [p.name for p in folder.parent.iterdir()] == ["data"]
    assert [p.name for p in folder.iterdir()] == ["diary"]


def test_a_damaged_graph_is_not_restored(archive: Path, filled: Path, tmp_path: Path) -> None:
    """Whole by its hashes, but its log does not give its graph."""
    folder = tmp_path / "data"
    manage(folder, "restore", str(archive))
    connection = sqlite3.connect(folder / "graph.db")
    with connection:
        connection.execute("UPDATE payload SET body = replace(body, 'spiders', 'ponies')")
    connection.close()
    assert "graph.db is damaged" in manage(folder, "backup", str(tmp_path / "x.tar.gz"), ok=False)
    assert not (tmp_path / "x.tar.gz").exists()
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_an_archive_is_never_overwritten_and_a_folder_that_is_none_is_refused(
    archive: Path, filled: Path, tmp_path: Path
) -> None:
    assert "is there already" in manage(filled, "backup", str(archive), ok=False)
    assert "no data folder" in manage(tmp_path / "none", "backup", str(tmp_path / "x"), ok=False)


def test_backups_taken_while_everything_writes_are_whole(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with Running(folder) as product:  # the demo comes in and is judged meanwhile
        stop = threading.Event()

        def write() -> None:
            connection = sqlite3.connect(folder / "app.db", timeout=10, isolation_level=None)
            while not stop.is_set():
                connection.execute("UPDATE accounts_person SET first_name = hex(randomblob(20))")
                stop.wait(0.005)
            connection.close()

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for number in range(3):
                said = manage(folder, "backup", str(tmp_path / f"{number}.tar.gz"))
                assert "hashes were checked" in said
        finally:
            stop.set()
            writer.join()
        until(lambda: product.query("SELECT 1 FROM upkeep_heartbeat"), 30, "a heartbeat")
        assert "FeedGuard runs on" in manage(folder, "restore", str(tmp_path / "2.tar.gz"), "--force", ok=False)
        assert "database is locked" not in product.log()
    manage(tmp_path / "again", "restore", str(tmp_path / "2.tar.gz"))
    heads = SQLiteStore(tmp_path / "again" / "graph.db")
    projected = dict(
        sqlite3.connect(tmp_path / "again" / "app.db").execute("SELECT person_id, seq FROM preferences_snapshothead")
    )
    for person, (seq, _) in heads.heads().items():
        assert projected.get(person.replace("-", ""), 0) <= seq, "the projection is never ahead of the graph"
    heads.close()

"""Backing the data folder up while FeedGuard runs, and restoring it."""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from feedguard import DATA_VERSION, __version__
from feedguard.upkeep import archive, sqlite_files
from feedguard.upkeep.archive import ArchiveBroken, Manifest
from graph.copying import verify_all
from graph.errors import GraphError
from graph.stores.sqlite import SQLiteStore

RUNNING_FOR = dt.timedelta(seconds=60)
PICTURES_OF = "SELECT DISTINCT sha256 FROM items_picture WHERE state = 'ready' AND sha256 <> '' ORDER BY sha256"
LAST_BEAT = "SELECT max(at) FROM upkeep_heartbeat"


class BackupRefused(Exception):
    """The backup or the restore cannot be done; the message says what to do. Nothing was changed."""

    permanent = True


@dataclass(frozen=True)
class Report:
    """What was backed up or restored. `lacking` counts pictures whose file was not there."""

    path: Path
    manifest: Manifest
    people: int
    lacking: int = 0
    put_aside: Path | None = None

    @property
    def pictures(self) -> int:
        return sum(name.startswith("pictures/") for name in self.manifest.files)


def back_up(folder: Path, target: Path, now: dt.datetime) -> Report:
    """Write one archive of the data folder, and check it. Raises BackupRefused, or ArchiveBroken where the check fails.

    The order makes the copies fit: first app.db, then graph.db, whose log is the truth and may be ahead of what
    app.db has projected of it (the worker catches up), never behind; then the pictures that app.db names.
    """
    if target.exists():
        raise BackupRefused(f"{target} is there already. Give another name.")
    if lacks := [name for name in archive.NEEDED - {"graph.db"} if not (folder / name).exists()]:
        raise BackupRefused(f"{folder} is no data folder of FeedGuard: {min(lacks)} is missing.")
    part = target.with_name(f".{target.name}.part")
    with _workplace(target.parent, "backup") as place:
        for name in archive.DATABASES:
            if (folder / name).exists():  # graph.db comes with the first wish; checking the copies makes an empty one
                sqlite_files.copy(folder / name, place / name)
        people = check_databases(place)
        files = {name: place / name for name in archive.DATABASES}
        files |= {name: folder / name for name in ("secret_key", "version")}
        wanted = {f"pictures/{digest}" for digest in sqlite_files.column(place / "app.db", PICTURES_OF)}
        there = {name for name in wanted if (folder / name).exists()}
        files |= {name: folder / name for name in sorted(there)}
        manifest = Manifest(
            form=archive.FORM, feedguard=__version__, data_version=int((folder / "version").read_text()), created_at=now,
            files={name: archive.digest_of(path) for name, path in files.items()},
        )  # fmt: skip
        try:
            archive.write(part, manifest, files)
            archive.read(part)
            part.rename(target)
        finally:
            part.unlink(missing_ok=True)
    return Report(target, manifest, people, lacking=len(wanted - there))


def check_databases(folder: Path) -> int:
    """Check both databases, and that every person's graph is the fold of its log. Returns how many graphs there are."""
    sqlite_files.check(folder / "app.db")
    store = SQLiteStore(folder / "graph.db")
    try:
        people, broken = verify_all(store)
        sqlite_files.check(folder / "graph.db")
    except GraphError as error:
        raise ArchiveBroken(f"graph.db is damaged: {error.message}") from None
    finally:
        store.close()
    if broken:
        raise ArchiveBroken(f"graph.db is damaged: {broken[0]}")
    return people


def restore(path: Path, folder: Path, *, force: bool, now: dt.datetime) -> Report:
    """Put a backup in place of the data folder. Raises BackupRefused or ArchiveBroken with nothing changed.

    Everything is unpacked and checked beside the folder first; then one rename puts it there. What was there before
    is put aside, not deleted.
    """
    used = folder.exists() and any(folder.iterdir())
    if used and not force:
        raise BackupRefused(
            f"{folder} is not empty. Choose another folder (FEEDGUARD_DATA), or replace it with --force."
        )
    if used and _beats(folder, now):
        raise BackupRefused(f"FeedGuard runs on {folder}. Stop it first.")
    if folder.is_mount():
        raise BackupRefused(f"{folder} is a mount point and cannot be replaced. Restore into a folder within it.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _workplace(folder.parent, "restore") as place:
        manifest = archive.read(path, place)
        if manifest.data_version > DATA_VERSION:
            raise BackupRefused(f"The backup is of a newer FeedGuard ({manifest.feedguard}). Update FeedGuard first.")
        people = check_databases(place)
        (place / "pictures").mkdir(mode=0o700, exist_ok=True)
        aside = folder.with_name(f"{folder.name}.before-{now:%Y%m%d-%H%M%S}") if used else None
        if aside is not None:
            folder.rename(aside)
        try:
            place.rename(folder)
        except OSError:
            if aside is not None:
                aside.rename(folder)
            raise
    return Report(folder, manifest, people, put_aside=aside)


@contextlib.contextmanager
def _workplace(parent: Path, what: str) -> Iterator[Path]:
    """A folder of our own on the same disk, gone afterwards unless it was renamed."""
    try:
        place = Path(tempfile.mkdtemp(prefix=f".feedguard-{what}-", dir=parent))
    except OSError as error:
        raise BackupRefused(f"{parent} cannot be written ({error.strerror}).") from None
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _beats(folder: Path, now: dt.datetime) -> bool:
    if not (folder / "app.db").exists():
        return False
    last = next(iter(sqlite_files.column(folder / "app.db", LAST_BEAT)), "None")
    return last != "None" and now - dt.datetime.fromisoformat(last).replace(tzinfo=dt.UTC) < RUNNING_FOR

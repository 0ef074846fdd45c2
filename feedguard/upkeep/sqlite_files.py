"""The installation's SQLite files: copying them while they are written, checking them, and leaving nothing behind in
them. The only place that knows of SQLite besides the settings.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from pathlib import Path

BUSY_SECONDS = 30.0
TRIES = 20


class FileBroken(Exception):
    """The file is no whole SQLite database."""

    permanent = True


class StillInUse(Exception):
    """Other connections keep what was deleted in the write-ahead log; try again."""

    permanent = False


def copy(source: Path, target: Path) -> None:
    """A consistent copy by SQLite's backup interface, as one file without a write-ahead log. Writers go on meanwhile."""
    with (
        contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=BUSY_SECONDS)) as reading,
        contextlib.closing(sqlite3.connect(target)) as writing,
    ):
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode=DELETE")


def check(path: Path) -> None:
    """Raises FileBroken unless SQLite's integrity check passes."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=BUSY_SECONDS)) as connection:
            (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        raise FileBroken(f"{path.name} is no whole database ({error}).") from None
    if answer != "ok":
        raise FileBroken(f"{path.name} is damaged ({answer}).")


def column(path: Path, query: str) -> list[str]:
    """The first column of a query's rows, as text; empty where the table is not there."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=BUSY_SECONDS)) as connection:
        try:
            return [str(row[0]) for row in connection.execute(query)]
        except sqlite3.OperationalError:
            return []


def scrub(path: Path) -> None:
    """Rewrite the file without what was deleted from it, and empty its write-ahead log. Raises StillInUse."""
    if not path.exists():
        return
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
            connection.execute("VACUUM")
            for _ in range(TRIES):
                busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                if not busy:
                    return
                time.sleep(0.1)
    except sqlite3.OperationalError as error:
        raise StillInUse(f"{path.name} cannot be rewritten now ({error}).") from None
    raise StillInUse(f"{path.name} is being read; its write-ahead log could not be emptied.")

"""A whole product in a passing folder: database, graph, pictures and clock of its own, nobody's data near it."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from feedguard import runtime


class SetClock:
    """A clock that stands where it was set."""

    def __init__(self, start: dt.datetime) -> None:
        self.at = start

    def now(self) -> dt.datetime:
        return self.at


@contextmanager
def scratch_product(clock: SetClock, *, ablated: Collection[str] = ()) -> Iterator[None]:
    """Within it, services work on a scratch database and a memory store. Once a process: it is not undone."""
    from graph.stores.memory import MemoryStore

    with tempfile.TemporaryDirectory(prefix="feedguard-evaluation-") as folder:
        _use_database(Path(folder) / "app.db")
        settings.PICTURES = Path(folder) / "pictures"
        settings.PICTURES.mkdir()
        runtime.replace(clock=clock, graph_store=MemoryStore(), ablated=frozenset(ablated))
        call_command("migrate", verbosity=0, interactive=False)
        try:
            yield
        finally:
            connections.close_all()


def _use_database(path: Path) -> None:
    connections.close_all()
    connections.settings["default"].update(
        ENGINE="django.db.backends.sqlite3",
        NAME=path,
        OPTIONS={"init_command": "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF;"},
    )
    del connections["default"]

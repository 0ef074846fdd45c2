"""Shared by all tests: a data folder of their own, people, and the report of what was tested with what."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_KEEP = Path(__file__).parent.parent / ".pytest-data"
_KEEP.mkdir(exist_ok=True)
_DATA = Path(tempfile.mkdtemp(dir=_KEEP))
os.environ["FEEDGUARD_DATA"] = str(_DATA)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "feedguard.settings")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in the tests' thread

from feedguard.data_folder import open_data_folder

open_data_folder(_DATA)

import pytest

from tests.neo4j.server import Neo4jServer
from tests.parts import PARTS, available, required


def pytest_configure(config: pytest.Config) -> None:
    for part in PARTS:
        config.addinivalue_line("markers", f"{part}: needs {part}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        for part in PARTS:
            why = available(part)
            if item.get_closest_marker(part) and why and part not in required():
                item.add_marker(pytest.mark.skip(reason=why))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    missing = {part: why for part in PARTS if (why := available(part))}
    terminalreporter.write_line(f"tested with: {', '.join(p for p in PARTS if p not in missing) or 'Python alone'}")
    for part, why in missing.items():
        terminalreporter.write_line(f"skipped because: {part}: {why}")
    stores = ["memory", "SQLite", *([] if "neo4j" in missing else [f"Neo4j {_started[0]}"] if _started else [])]
    terminalreporter.write_line(f"preference stores: {', '.join(stores)}")


_started: list[str] = []
"""Which Neo4j was tested, in words; empty where no test of this run needed one."""


@pytest.fixture(scope="session")
def neo4j_server() -> Iterator[Neo4jServer]:
    """One real Neo4j for all tests, migrated and warm. What tests leave in somebody else's server is erased."""
    from tests.graph.places import Neo4jPlace, warmed_up

    server = Neo4jServer().start()
    try:
        store = warmed_up(Neo4jPlace.of(server))
        before = set(store.people())
        _started.append(server.name())
        yield server
        for person in () if server.ours else set(store.people()) - before:
            store.erase(person)
        store.close()
    finally:
        server.remove()


def pytest_unconfigure() -> None:
    shutil.rmtree(_DATA, ignore_errors=True)


@pytest.fixture
def own_graph(tmp_path: Path, settings: object) -> Iterator[None]:
    """A preference store of this test's own."""
    from feedguard import runtime

    settings.GRAPH_DB = tmp_path / "graph.db"  # type: ignore[attr-defined]
    settings.PICTURES = tmp_path / "pictures"  # type: ignore[attr-defined]
    settings.PICTURES.mkdir()  # type: ignore[attr-defined]
    runtime.graph_store.cache_clear()
    yield
    runtime.graph_store().close()
    runtime.graph_store.cache_clear()


@pytest.fixture
def alice(db: None, own_graph: None) -> object:
    from feedguard.accounts.models import Person

    return Person.objects.create_superuser("alice", password="alice's own password", time_zone="Europe/Berlin")


@pytest.fixture
def bob(db: None, own_graph: None) -> object:
    from feedguard.accounts.models import Person

    return Person.objects.create_user("bob", password="bob's own password")

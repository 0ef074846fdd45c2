"""The stores that the contract is tested on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.store import PreferenceStore
from graph.stores.memory import MemoryStore
from tests.graph.places import Neo4jPlace, Place, SQLitePlace

NEO4J = pytest.param("neo4j", marks=pytest.mark.neo4j)


@pytest.fixture(params=["sqlite", NEO4J])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A store that several processes can open."""
    if request.param == "sqlite":
        return SQLitePlace(tmp_path / "graph.db")
    return Neo4jPlace.of(request.getfixturevalue("neo4j_server"))


@pytest.fixture(params=["memory", "sqlite", NEO4J])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PreferenceStore]:
    """Each store in turn."""
    if request.param == "memory":
        made: PreferenceStore = MemoryStore()
    elif request.param == "sqlite":
        made = SQLitePlace(tmp_path / "graph.db").open()
    else:
        made = Neo4jPlace.of(request.getfixturevalue("neo4j_server")).open()
    yield made
    made.close()

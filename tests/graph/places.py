"""Where the stores under test lie, in a form that another process can open."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from graph.store import PreferenceStore
from graph.stores.sqlite import SQLiteStore
from tests.neo4j.server import Neo4jServer


@dataclass(frozen=True)
class SQLitePlace:
    path: Path

    def open(self) -> PreferenceStore:
        return SQLiteStore(self.path)


@dataclass(frozen=True)
class Neo4jPlace:
    uri: str
    user: str
    password: str

    @classmethod
    def of(cls, server: Neo4jServer) -> Neo4jPlace:
        return cls(server.uri, server.user, server.password)

    def open(self) -> PreferenceStore:
        from graph.stores.neo4j import Connection, Neo4jStore

        return Neo4jStore(Connection(self.uri, self.user, self.password))


Place = SQLitePlace | Neo4jPlace

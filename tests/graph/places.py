"""Where the stores under test lie, in a form that another process can open."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from graph.deltas import creation_ops, invert
from graph.store import PreferenceStore
from graph.stores.sqlite import SQLiteStore
from graph.types import new_id
from tests.graph.build import NOW, delta, one_of_each_kind
from tests.neo4j.server import Neo4jServer

PATIENCE_SECONDS = 60.0
"""A busy machine is no failure of the store: what a test says about deadlines it says with its own."""


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

        return Neo4jStore(Connection(self.uri, self.user, self.password, deadline=PATIENCE_SECONDS))


Place = SQLitePlace | Neo4jPlace


def warmed_up(place: Neo4jPlace) -> PreferenceStore:
    """The store of a server on which everything was done once: the first time, Neo4j compiles each query."""
    from graph.stores.neo4j import Connection, migrate

    connection = Connection(place.uri, place.user, place.password, deadline=PATIENCE_SECONDS)
    migrate(connection)
    connection.close()
    store, person = place.open(), new_id()
    made = store.commit(delta(person, 0, creation_ops(*one_of_each_kind())))
    store.commit(invert(made, new_id(), 1, NOW))
    store.verify(person)
    store.erase_payload(person, made.id)
    store.erase(person)
    return store

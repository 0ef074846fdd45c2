"""The production store: Neo4j 5.26 or newer over the official driver. Imported only where it is chosen."""

from graph.stores.neo4j.connection import Connection
from graph.stores.neo4j.migrations import migrate
from graph.stores.neo4j.store import Neo4jStore

__all__ = ["Connection", "Neo4jStore", "migrate"]

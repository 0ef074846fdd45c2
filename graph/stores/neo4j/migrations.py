"""The schema of the Neo4j store, in ordered migrations that are recorded in the graph itself.

Each statement can be run again, and each record is merged by its number, so that migrating twice, or in several
processes at once, does no harm.
"""

from __future__ import annotations

from dataclasses import dataclass

from neo4j import AsyncManagedTransaction

from graph.errors import GraphError
from graph.stores.neo4j.connection import Connection, row, rows
from graph.stores.neo4j.records import LABELS

MIGRATE_SECONDS = 120.0
_ATTEMPTS = 5


@dataclass(frozen=True)
class Migration:
    """One step of the schema. A released one is never changed."""

    number: int
    name: str
    statements: tuple[str, ...]


def _unique(name: str, label: str, *fields: str) -> str:
    wanted = ", ".join(f"n.{field}" for field in fields)
    return f"CREATE CONSTRAINT {name} IF NOT EXISTS FOR (n:{label}) REQUIRE ({wanted}) IS UNIQUE"


MIGRATIONS = (
    Migration(1, "migrations are recorded once", (_unique("migration_number", "SchemaMigration", "number"),)),
    Migration(
        2,
        "ids are unique, a person's among that person's",
        (
            _unique("person_id", "Person", "id"),
            *(
                _unique(f"{label.lower()}_id", label, "person", "id")
                for label in (*LABELS.values(), "Delta", "Proposal")
            ),
        ),
    ),
    Migration(3, "a sequence number is given once", (_unique("delta_seq", "Delta", "person", "seq"),)),
)
NEWEST = MIGRATIONS[-1].number
_NUMBERS = "MATCH (m:SchemaMigration) RETURN m.number AS number ORDER BY number"
_RECORD = """
MERGE (m:SchemaMigration {number: $number})
ON CREATE SET m.name = $name, m.applied_at = datetime()
"""


def migrate(connection: Connection) -> list[str]:
    """Apply what is lacking, in order; returns the names. Raises GraphError for a schema of a newer version."""
    known = applied(connection)
    if known and max(known) > NEWEST:
        raise GraphError(f"The preference graph is of a newer form ({max(known)}). Update FeedGuard.")
    done = []
    for migration in MIGRATIONS:
        if migration.number not in known:
            for statement in migration.statements:
                _apply(connection, statement)
            _record(connection, migration)
            done.append(migration.name)
    return done


def _apply(connection: Connection, statement: str) -> None:
    async def work(transaction: AsyncManagedTransaction) -> None:
        await rows(transaction, statement)

    for attempt in range(_ATTEMPTS):
        try:
            return connection.write(work, seconds=MIGRATE_SECONDS)
        except GraphError as error:  # another process is making the same constraint at this moment
            if ".Schema." not in error.message or attempt == _ATTEMPTS - 1:
                raise
    return None


def _record(connection: Connection, migration: Migration) -> None:
    async def work(transaction: AsyncManagedTransaction) -> None:
        await rows(transaction, _RECORD, number=migration.number, name=migration.name)

    connection.write(work)


def applied(connection: Connection) -> list[int]:
    """Numbers of the migrations that the graph has seen."""

    async def work(transaction: AsyncManagedTransaction) -> list[int]:
        return [found["number"] for found in await rows(transaction, _NUMBERS)]

    return connection.read(work)


def check_schema(connection: Connection) -> None:
    """Raises GraphError where the schema is not the one that this version knows."""

    async def work(transaction: AsyncManagedTransaction) -> int:
        found = await row(transaction, "MATCH (m:SchemaMigration) RETURN max(m.number) AS newest")
        return int(found["newest"] or 0) if found else 0

    newest = connection.read(work)
    if newest < NEWEST:
        raise GraphError("Neo4j is not set up for this version. Run: manage.py graph migrate")
    if newest > NEWEST:
        raise GraphError(f"The preference graph is of a newer form ({newest}). Update FeedGuard.")

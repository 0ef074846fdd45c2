"""Tables of the embedded store, in ordered migrations; and rows to and from what they mean."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from pydantic import TypeAdapter

from graph.chain import LogEntry
from graph.commit import Head, in_order, rebuilt
from graph.errors import GraphError
from graph.state import State
from graph.types import Entity, Link

_entity: TypeAdapter[Entity] = TypeAdapter(Entity)

_FIRST = (
    "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)",
    "INSERT INTO schema_version VALUES (1)",
    """CREATE TABLE head (
    person TEXT PRIMARY KEY, seq INTEGER NOT NULL, hash TEXT NOT NULL, entities TEXT NOT NULL, links TEXT NOT NULL)""",
    """CREATE TABLE log (
    person TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, payload_hash TEXT NOT NULL, chain TEXT NOT NULL,
    PRIMARY KEY (person, seq), UNIQUE (person, id))""",
    "CREATE TABLE payload (person TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (person, id))",
    """CREATE TABLE proposal (
    person TEXT NOT NULL, id TEXT NOT NULL, state TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (person, id))""",
)
_ROW_PER_ENTITY = (
    "ALTER TABLE log ADD COLUMN erased INTEGER NOT NULL DEFAULT 0",
    "DROP TABLE head",
    """CREATE TABLE head (
    person TEXT PRIMARY KEY, seq INTEGER NOT NULL, hash TEXT NOT NULL, chain TEXT NOT NULL, erasures INTEGER NOT NULL
    ) WITHOUT ROWID""",
    "CREATE TABLE entity (person TEXT, id TEXT, body TEXT NOT NULL, PRIMARY KEY (person, id)) WITHOUT ROWID",
    """CREATE TABLE link (
    person TEXT, kind TEXT, source TEXT, target TEXT, PRIMARY KEY (person, kind, source, target)) WITHOUT ROWID""",
)
MIGRATIONS = (_FIRST, _ROW_PER_ENTITY)
TABLES = ("head", "entity", "link", "log", "payload", "proposal")


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to the present form. Safe to run twice and from several processes at once.

    Raises GraphError for a file of a newer form.
    """
    if _version(connection) == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection)
        if version > len(MIGRATIONS):
            raise GraphError(f"The preference graph's file is of a newer form ({version}). Update FeedGuard.")
        for statement in (text for number in MIGRATIONS[version:] for text in number):
            connection.execute(statement)
        if version < 2:
            _rebuild(connection)
        connection.execute("UPDATE schema_version SET version = ?", (len(MIGRATIONS),))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_version'").fetchone():
        return 0
    row = connection.execute("SELECT version FROM schema_version").fetchone()
    return int(row[0]) if row else 0


def _rebuild(connection: sqlite3.Connection) -> None:
    """Write head, entities and links anew from every log."""
    for (person,) in connection.execute("SELECT DISTINCT person FROM log").fetchall():
        state, head = rebuilt(person, read_entries(connection, person))
        write_entities(connection, state, state.entities)
        write_links(connection, person, state.links, ())
        write_head(connection, person, head)


def read_head(connection: sqlite3.Connection, person: str) -> Head:
    row = connection.execute("SELECT seq, hash, chain, erasures FROM head WHERE person = ?", (person,)).fetchone()
    return Head(*row) if row else Head()


def read_state(connection: sqlite3.Connection, person: str, head: Head) -> State:
    texts = dict(connection.execute("SELECT id, body FROM entity WHERE person = ? ORDER BY id", (person,)).fetchall())
    rows = connection.execute("SELECT kind, source, target FROM link WHERE person = ?", (person,))
    entities = {key: _entity.validate_json(body) for key, body in texts.items()}
    links = frozenset(Link(kind=k, source=s, target=t) for k, s, t in rows)
    return State.stored(person, entities, links, head.hash, texts)


def read_entries(connection: sqlite3.Connection, person: str, after: int = 0) -> tuple[LogEntry, ...]:
    rows = connection.execute(
        "SELECT seq, id, payload_hash, chain, body, erased FROM log JOIN payload USING (person, id) "
        "WHERE person = ? AND seq > ? ORDER BY seq",
        (person, after),
    )
    return tuple(
        LogEntry(seq, key, payload, chain, body, bool(erased)) for seq, key, payload, chain, body, erased in rows
    )


def write_head(connection: sqlite3.Connection, person: str, head: Head) -> None:
    row = (person, head.seq, head.hash, head.chain, head.erasures)
    connection.execute("INSERT OR REPLACE INTO head VALUES (?, ?, ?, ?, ?)", row)


def write_entities(connection: sqlite3.Connection, state: State, changed: Iterable[str]) -> None:
    rows = [(state.person, key, state.text(key)) for key in changed]
    connection.executemany("INSERT OR REPLACE INTO entity VALUES (?, ?, ?)", rows)


def write_links(connection: sqlite3.Connection, person: str, linked: Iterable[Link], unlinked: Iterable[Link]) -> None:
    gone = [(person, x.kind, x.source, x.target) for x in unlinked]
    connection.executemany("DELETE FROM link WHERE person = ? AND kind = ? AND source = ? AND target = ?", gone)
    made = [(person, x.kind, x.source, x.target) for x in in_order(linked)]
    connection.executemany("INSERT INTO link VALUES (?, ?, ?, ?)", made)


def write_entries(connection: sqlite3.Connection, person: str, entries: Iterable[LogEntry]) -> None:
    """Append to the log, or replace what was there at the same place."""
    for e in entries:
        connection.execute("INSERT OR REPLACE INTO payload VALUES (?, ?, ?)", (person, e.id, e.body))
        row = (person, e.seq, e.id, e.payload_hash, e.chain, int(e.erased))
        connection.execute("INSERT OR REPLACE INTO log VALUES (?, ?, ?, ?, ?, ?)", row)

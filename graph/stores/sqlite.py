"""The embedded store: one SQLite file, safe with several threads and processes.

Every method is one short transaction on a connection of the calling thread. A commit takes the write lock
first (BEGIN IMMEDIATE), so that comparing and setting cannot be torn apart. `synchronous=FULL`: what a commit
has answered survives a power cut.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pydantic import TypeAdapter

from graph.chain import START, chained, delta_of, payload_hash, payload_of
from graph.deltas import Delta, apply, fold
from graph.errors import Conflict, GraphError, InvalidDelta, StoreUnavailable
from graph.proposals import Proposal, ProposalState
from graph.state import State
from graph.types import Entity, Link

SCHEMA_VERSION = 1
BUSY_SECONDS = 5.0
_entities: TypeAdapter[dict[str, Entity]] = TypeAdapter(dict[str, Entity])
_links: TypeAdapter[list[Link]] = TypeAdapter(list[Link])

_TABLES = """
CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL);
INSERT INTO schema_version SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM schema_version);
CREATE TABLE IF NOT EXISTS head (
    person TEXT PRIMARY KEY, seq INTEGER NOT NULL, hash TEXT NOT NULL, entities TEXT NOT NULL, links TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS log (
    person TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, payload_hash TEXT NOT NULL, chain TEXT NOT NULL,
    PRIMARY KEY (person, seq), UNIQUE (person, id)
);
CREATE TABLE IF NOT EXISTS payload (
    person TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (person, id)
);
CREATE TABLE IF NOT EXISTS proposal (
    person TEXT NOT NULL, id TEXT NOT NULL, state TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (person, id)
);
"""


class SQLiteStore:
    """PreferenceStore in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._lock = threading.Lock()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.executescript(_TABLES)
            (version,) = connection.execute("SELECT version FROM schema_version").fetchone()
            if version > SCHEMA_VERSION:
                raise GraphError(f"{self._path} is of a newer form ({version}). Update FeedGuard.")
            self._local.connection = connection
            with self._lock:
                self._open.append(connection)
        return connection

    @contextmanager
    def _transaction(self, kind: str = "DEFERRED") -> Iterator[sqlite3.Connection]:
        try:
            connection = self._connection()
            connection.execute(f"BEGIN {kind}")
        except sqlite3.Error as error:
            raise StoreUnavailable(f"The preference graph cannot be reached ({error}).") from error
        try:
            yield connection
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            connection.execute("ROLLBACK")
            raise StoreUnavailable(f"The preference graph cannot be reached ({error}).") from error
        except BaseException:
            connection.execute("ROLLBACK")
            raise

    def load(self, person: str) -> tuple[State, int]:
        with self._transaction() as connection:
            return _load(connection, person)

    def commit(self, delta: Delta) -> Delta:
        with self._transaction("IMMEDIATE") as connection:
            if (known := _find(connection, delta.person, delta.id)) is not None:
                return known
            state, seq = _load(connection, delta.person)
            if delta.base != seq:
                raise Conflict("The wishes were changed meanwhile.", field="base", before=delta.base, theirs=seq)
            changed = apply(state, delta)
            committed = delta.model_copy(update={"seq": seq + 1})
            _append(connection, committed)
            connection.execute(
                "INSERT OR REPLACE INTO head VALUES (?, ?, ?, ?, ?)",
                (
                    delta.person,
                    seq + 1,
                    changed.hash,
                    _entities.dump_json(dict(changed.entities)).decode(),
                    _links.dump_json(sorted(changed.links, key=lambda x: (x.kind, x.source, x.target))).decode(),
                ),
            )
            return committed

    def log(self, person: str, after: int = 0) -> tuple[Delta, ...]:
        with self._transaction() as connection:
            return _log(connection, person, after)

    def find(self, person: str, delta_id: str) -> Delta | None:
        with self._transaction() as connection:
            return _find(connection, person, delta_id)

    def heads(self) -> Mapping[str, tuple[int, str]]:
        with self._transaction() as connection:
            rows = connection.execute("SELECT person, seq, hash FROM head").fetchall()
        return {person: (seq, state_hash) for person, seq, state_hash in rows}

    def verify(self, person: str) -> None:
        with self._transaction() as connection:
            state, seq = _load(connection, person)
            rows = connection.execute(
                "SELECT seq, payload_hash, chain, body FROM log LEFT JOIN payload USING (person, id) "
                "WHERE person = ? ORDER BY seq",
                (person,),
            ).fetchall()
            deltas = _log(connection, person, 0)
            stored = connection.execute("SELECT hash FROM head WHERE person = ?", (person,)).fetchone()
        previous = START
        for position, (number, digest, chain, body) in enumerate(rows, start=1):
            previous = chained(previous, digest)
            if number != position or chain != previous or (body is not None and payload_hash(body) != digest):
                raise GraphError(f"The log is broken at number {position}.")
        if len(rows) != seq or fold(person, deltas).hash != state.hash or (stored and stored[0] != state.hash):
            raise GraphError("The log does not give the stored graph.")

    def propose(self, proposal: Proposal) -> None:
        with self._transaction("IMMEDIATE") as connection:
            connection.execute(
                "INSERT OR IGNORE INTO proposal VALUES (?, ?, ?, ?)",
                (proposal.person, proposal.id, proposal.state, proposal.model_dump_json()),
            )

    def proposals(self, person: str, state: ProposalState = "open") -> tuple[Proposal, ...]:
        with self._transaction() as connection:
            rows = connection.execute(
                "SELECT body, state FROM proposal WHERE person = ? AND state = ? ORDER BY id", (person, state)
            ).fetchall()
        return tuple(_proposal(*row) for row in rows)

    def proposal(self, person: str, proposal_id: str) -> Proposal | None:
        with self._transaction() as connection:
            row = connection.execute(
                "SELECT body, state FROM proposal WHERE person = ? AND id = ?", (person, proposal_id)
            ).fetchone()
        return _proposal(*row) if row else None

    def close_proposal(self, person: str, proposal_id: str, state: ProposalState) -> None:
        with self._transaction("IMMEDIATE") as connection:
            changed = connection.execute(
                "UPDATE proposal SET state = ? WHERE person = ? AND id = ?", (state, person, proposal_id)
            )
            if not changed.rowcount:
                raise InvalidDelta("There is no such proposal.", field="proposal")

    def erase(self, person: str) -> None:
        with self._transaction("IMMEDIATE") as connection:
            connection.execute("PRAGMA secure_delete=ON")
            for table in ("head", "log", "payload", "proposal"):
                connection.execute(f"DELETE FROM {table} WHERE person = ?", (person,))  # noqa: S608 – our names
        self._connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        with self._lock:
            for connection in self._open:
                connection.close()
            self._open.clear()
        self._local = threading.local()


def _load(connection: sqlite3.Connection, person: str) -> tuple[State, int]:
    row = connection.execute("SELECT seq, entities, links FROM head WHERE person = ?", (person,)).fetchone()
    if row is None:
        return State.empty(person), 0
    seq, entities, links = row
    return State(person, _entities.validate_json(entities), frozenset(_links.validate_json(links))), seq


def _log(connection: sqlite3.Connection, person: str, after: int) -> tuple[Delta, ...]:
    rows = connection.execute(
        "SELECT body FROM log JOIN payload USING (person, id) WHERE person = ? AND seq > ? ORDER BY seq",
        (person, after),
    )
    return tuple(delta_of(body) for (body,) in rows)


def _find(connection: sqlite3.Connection, person: str, delta_id: str) -> Delta | None:
    row = connection.execute("SELECT body FROM payload WHERE person = ? AND id = ?", (person, delta_id)).fetchone()
    return delta_of(row[0]) if row else None


def _append(connection: sqlite3.Connection, delta: Delta) -> None:
    last = connection.execute(
        "SELECT chain FROM log WHERE person = ? ORDER BY seq DESC LIMIT 1", (delta.person,)
    ).fetchone()
    payload = payload_of(delta)
    digest = payload_hash(payload)
    chain = chained(last[0] if last else START, digest)
    connection.execute("INSERT INTO log VALUES (?, ?, ?, ?, ?)", (delta.person, delta.seq, delta.id, digest, chain))
    connection.execute("INSERT INTO payload VALUES (?, ?, ?)", (delta.person, delta.id, payload))


def _proposal(body: str, state: str) -> Proposal:
    return Proposal.model_validate(json.loads(body) | {"state": state})

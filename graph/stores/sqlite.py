"""The embedded store: one SQLite file, safe with several threads and processes.

Every method is one short transaction on a connection of the calling thread. A commit takes the write lock
first (BEGIN IMMEDIATE), so that comparing and setting cannot be torn apart; it writes what changed and no more.
`synchronous=FULL`: what a commit has answered survives a power cut.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from graph.chain import LogEntry, delta_of
from graph.commit import Head, advance, check, rebuilt, replayed, words_erased
from graph.errors import Conflict, Damaged, InvalidDelta, StoreUnavailable
from graph.ops import Delta
from graph.proposals import Proposal, ProposalState, closing, proposal_of
from graph.state import State
from graph.store import DEADLINE_SECONDS
from graph.stores import sqlite_schema as rows
from graph.stores.recent import RecentStates

ERASE_SECONDS = 60.0
"""Longest time for an erasure, which writes the whole file anew."""
_STEPS = 20_000
"""SQLite asks after this many steps of its machine whether the deadline has passed."""


class SQLiteStore:
    """PreferenceStore in one SQLite file. `deadline` is the longest time of a call, in seconds."""

    def __init__(self, path: Path, *, deadline: float = DEADLINE_SECONDS) -> None:
        self._path = path
        self._deadline = deadline
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._inherited: list[sqlite3.Connection] = []
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._recent = RecentStates()

    def _connection(self, seconds: float) -> sqlite3.Connection:
        if self._pid != os.getpid():  # forked: SQLite's connections must neither be used nor closed in a child
            self._pid, self._lock, self._local = os.getpid(), threading.Lock(), threading.local()
            self._inherited, self._open = self._open, []
        self._local.until = time.monotonic() + seconds
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, timeout=seconds, isolation_level=None, check_same_thread=False)
            local = self._local
            connection.set_progress_handler(lambda: time.monotonic() > local.until, _STEPS)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA secure_delete=ON")
            rows.migrate(connection)
            self._local.connection = connection
            with self._lock:
                self._open.append(connection)
        return connection

    @contextmanager
    def _transaction(self, kind: str = "DEFERRED") -> Iterator[sqlite3.Connection]:
        with _our_errors():
            connection = self._connection(self._deadline)
            connection.execute(f"BEGIN {kind}")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _state(self, connection: sqlite3.Connection, person: str, head: Head) -> State:
        if (known := self._recent.get(person, head)) is not None:
            return known
        if (after := self._recent.behind(person, head)) is not None:
            followed = self._recent.follow(person, head, rows.read_entries(connection, person, after))
            if followed is not None:
                return followed
        return self._recent.put(head, rows.read_state(connection, person, head))

    def load(self, person: str) -> tuple[State, int]:
        with self._transaction() as connection:
            head = rows.read_head(connection, person)
            return self._state(connection, person, head), head.seq

    def commit(self, delta: Delta) -> Delta:
        with self._transaction("IMMEDIATE") as connection:
            if (known := _find(connection, delta.person, delta.id)) is not None:
                return replayed(known, delta)
            head = rows.read_head(connection, delta.person)
            undone = _find(connection, delta.person, delta.undoes) if delta.undoes else None
            step = advance(self._state(connection, delta.person, head), head, delta, undone)
            rows.write_entries(connection, delta.person, [step.entry])
            rows.write_entities(connection, step.state, step.changed)
            rows.write_links(connection, delta.person, step.linked, step.unlinked)
            rows.write_head(connection, delta.person, step.head)
        self._recent.put(step.head, step.state)
        return step.delta

    def log(self, person: str, after: int = 0) -> tuple[Delta, ...]:
        return tuple(entry.delta for entry in self.entries(person, after))

    def entries(self, person: str, after: int = 0) -> tuple[LogEntry, ...]:
        with self._transaction() as connection:
            return rows.read_entries(connection, person, after)

    def find(self, person: str, delta_id: str) -> Delta | None:
        with self._transaction() as connection:
            return _find(connection, person, delta_id)

    def heads(self) -> Mapping[str, tuple[int, str]]:
        with self._transaction() as connection:
            found = connection.execute("SELECT person, seq, hash FROM head").fetchall()
        return {person: (seq, state_hash) for person, seq, state_hash in found}

    def people(self) -> tuple[str, ...]:
        with self._transaction() as connection:
            found = connection.execute("SELECT person FROM head UNION SELECT person FROM proposal ORDER BY person")
            return tuple(person for (person,) in found)

    def verify(self, person: str) -> None:
        with self._transaction() as connection:
            head = rows.read_head(connection, person)
            stored = rows.read_state(connection, person, head)
            bodies = dict(stored.texts)
            entries = rows.read_entries(connection, person)
        check(stored, head, entries)
        anew = State(person, stored.entities)
        if any(anew.text(key) != body for key, body in bodies.items()):
            raise Damaged("An entity is not stored in its canonical form.")

    def propose(self, proposal: Proposal) -> None:
        row = (proposal.person, proposal.id, proposal.state, proposal.model_dump_json())
        with self._transaction("IMMEDIATE") as connection:
            connection.execute("INSERT OR IGNORE INTO proposal VALUES (?, ?, ?, ?)", row)

    def proposals(self, person: str, state: ProposalState = "open") -> tuple[Proposal, ...]:
        with self._transaction() as connection:
            found = connection.execute(
                "SELECT body, state FROM proposal WHERE person = ? AND state = ? ORDER BY id", (person, state)
            ).fetchall()
        return tuple(proposal_of(*row) for row in found)

    def proposal(self, person: str, proposal_id: str) -> Proposal | None:
        with self._transaction() as connection:
            return _proposal(connection, person, proposal_id)

    def close_proposal(self, person: str, proposal_id: str, state: ProposalState) -> None:
        with self._transaction("IMMEDIATE") as connection:
            if closing(_proposal(connection, person, proposal_id), state):
                connection.execute(
                    "UPDATE proposal SET state = ? WHERE person = ? AND id = ?", (state, person, proposal_id)
                )

    def erase_payload(self, person: str, delta_id: str) -> None:
        with self._transaction("IMMEDIATE") as connection:
            entry = next((e for e in rows.read_entries(connection, person) if e.id == delta_id), None)
            if entry is None:
                raise InvalidDelta("delta: there is no such change.", field="delta")
            head = rows.read_head(connection, person)
            state, rest = words_erased(self._state(connection, person, head), entry)
            if rest != entry:
                self._write_erased(connection, state, rest, head)
        self._recent.drop(person)
        self._scrub()

    def _write_erased(self, connection: sqlite3.Connection, state: State, rest: LogEntry, head: Head) -> None:
        person, gone = state.person, {touched.id for touched in rest.delta.erased}
        rows.write_entries(connection, person, [rest])
        rows.write_entities(connection, state, gone)
        for key in gone:
            connection.execute("DELETE FROM link WHERE person = ? AND ? IN (source, target)", (person, key))
        rows.write_head(connection, person, replace(head, erasures=head.erasures + 1))
        stored = connection.execute("SELECT body, state FROM proposal WHERE person = ?", (person,)).fetchall()
        for proposal in (proposal_of(*row) for row in stored):
            if proposal.concerns(gone):
                connection.execute("DELETE FROM proposal WHERE person = ? AND id = ?", (person, proposal.id))

    def adopt(self, person: str, entries: Sequence[LogEntry], proposals: Sequence[Proposal]) -> None:
        state, head = rebuilt(person, entries)
        with self._transaction("IMMEDIATE") as connection:
            for table in rows.TABLES:
                if connection.execute(f"SELECT 1 FROM {table} WHERE person = ?", (person,)).fetchone():  # noqa: S608
                    raise Conflict("person: there is a graph of this person here already.", field="person")
            rows.write_entries(connection, person, entries)
            rows.write_entities(connection, state, state.entities)
            rows.write_links(connection, person, state.links, ())
            if entries:
                rows.write_head(connection, person, head)
            for p in proposals:
                row = (person, p.id, p.state, p.model_dump_json())
                connection.execute("INSERT INTO proposal VALUES (?, ?, ?, ?)", row)

    def erase(self, person: str) -> None:
        with self._transaction("IMMEDIATE") as connection:
            for table in rows.TABLES:
                connection.execute(f"DELETE FROM {table} WHERE person = ?", (person,))  # noqa: S608 – our names
        self._recent.drop(person)
        self._scrub()

    def _scrub(self) -> None:
        """Write the file anew and empty the write-ahead log, so that no stale bytes are left in either."""
        with _our_errors("Its rows are gone, but their bytes may still lie in the file: erase again. "):
            connection = self._connection(ERASE_SECONDS)
            connection.execute("VACUUM")
            (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if busy:
                raise sqlite3.OperationalError("another process is reading")

    def close(self) -> None:
        with self._lock:
            for connection in self._open:
                connection.close()
            self._open.clear()
        self._local = threading.local()


@contextmanager
def _our_errors(before: str = "") -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{before}The preference graph cannot be reached ({error}).") from error


def _find(connection: sqlite3.Connection, person: str, delta_id: str) -> Delta | None:
    row = connection.execute("SELECT body FROM payload WHERE person = ? AND id = ?", (person, delta_id)).fetchone()
    return delta_of(row[0]) if row else None


def _proposal(connection: sqlite3.Connection, person: str, proposal_id: str) -> Proposal | None:
    row = connection.execute(
        "SELECT body, state FROM proposal WHERE person = ? AND id = ?", (person, proposal_id)
    ).fetchone()
    return proposal_of(*row) if row else None

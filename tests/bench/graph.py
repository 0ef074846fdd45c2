"""The preference graph: commit, load and compile for 10, 100 and 1,000 facets, each with an intent and an exception."""

from __future__ import annotations

import itertools
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from graph.compile import compile_snapshot
from graph.deltas import set_op
from graph.snapshot import Snapshot
from graph.store import PreferenceStore
from graph.types import new_id
from tests.bench.registry import Result, benchmark, milliseconds, percentile
from tests.graph.build import delta, wish
from tests.graph.places import Neo4jPlace, Place, SQLitePlace, warmed_up
from tests.neo4j.jvm import BUILD
from tests.neo4j.server import Neo4jServer, lacking

SIZES = (10, 100, 1000)
COMMITS, WARM_UP = 200, 100
ROUNDS = 15


@benchmark("graph-sqlite")
def on_sqlite() -> Iterator[Result]:
    """On the disk of the checkout, where durable writes cost what they cost."""
    BUILD.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=BUILD))
    raw = sqlite3.connect(folder / "raw.db", isolation_level=None)
    raw.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (n INTEGER)")
    try:
        yield from _measure(
            "SQLite", SQLitePlace(folder / "graph.db"), 20, "one row, written durably",
            lambda: raw.execute("INSERT INTO t VALUES (1)"),
        )  # fmt: skip
    finally:
        raw.close()
        shutil.rmtree(folder)


@benchmark("graph-neo4j")
def on_neo4j() -> Iterator[Result]:
    """On a server of its own, after it has compiled all queries."""
    if lacking():
        return
    server = Neo4jServer().start()
    try:
        place = Neo4jPlace.of(server)
        warmed_up(place).close()
        yield from _with_neo4j(place)
    finally:
        server.remove()


def _with_neo4j(place: Neo4jPlace) -> Iterator[Result]:
    from graph.stores.neo4j import Connection
    from graph.stores.neo4j.connection import rows

    connection, yard = Connection(place.uri, place.user, place.password), new_id()

    def one_property() -> None:
        query = "MERGE (n:Yardstick {id: $id}) SET n.at = timestamp()"
        connection.write(lambda transaction: rows(transaction, query, id=yard))

    try:
        yield from _measure("Neo4j", place, 60, "one property, in a managed transaction", one_property)
    finally:
        connection.write(lambda transaction: rows(transaction, "MATCH (n:Yardstick) DELETE n"))
        connection.close()


def _measure(name: str, place: Place, most: float, beside: str, yardstick: Callable[[], object]) -> Iterator[Result]:
    for size in SIZES:
        store, person = place.open(), new_id()
        ops = [op for n in range(size) for op in wish(f"topic {n} tutoring ads", exception="free lessons")[2]]
        store.commit(delta(person, 0, ops))
        label = f"{name}, {size:,} facets"
        yield from _commits(label, store, person, most, beside, yardstick)
        yield from _reads(label, place, person)
        store.erase(person)
        store.close()


def _commits(
    label: str, store: PreferenceStore, person: str, most: float, beside: str, yardstick: Callable[[], object]
) -> Iterator[Result]:
    state, _ = store.load(person)
    facets = itertools.cycle(key for key, e in state.entities.items() if e.kind == "facet")
    took, floor = [], []
    for number in range(WARM_UP + COMMITS):
        state, seq = store.load(person)
        sent = delta(person, seq, [set_op(state, next(facets), "strength", number)])
        took.append(milliseconds(lambda sent=sent: store.commit(sent)))
        floor.append(milliseconds(yardstick))
    took, floor = took[WARM_UP:], floor[WARM_UP:]  # a server's compiler works in the background at first
    for share in (0.5, 0.95):
        target = most if share == 0.95 else None
        yield Result(
            f"{label}: commit p{share * 100:.0f}",
            percentile(took, share),
            "ms",
            target,
            beside,
            percentile(floor, share),
        )


def _reads(label: str, place: Place, person: str) -> Iterator[Result]:
    fresh, known, compiled, parsed, floor = [], [], [], [], []
    for _ in range(ROUNDS):
        store = place.open()
        store.people()
        fresh.append(milliseconds(lambda store=store: store.load(person)))
        known.append(milliseconds(lambda store=store: store.load(person)))
        state, seq = store.load(person)
        compiled.append(milliseconds(lambda state=state, seq=seq: compile_snapshot(state, seq)))
        text = compile_snapshot(state, seq).model_dump_json()
        parsed.append(milliseconds(lambda text=text: Snapshot.model_validate_json(text)))
        floor.append(milliseconds(lambda text=text: json.loads(text)))
        store.close()
    beside, yard = "the snapshot's JSON, parsed", percentile(floor, 0.5)
    yield Result(f"{label}: graph loaded by a new process", percentile(fresh, 0.5), "ms", None, beside, yard)
    yield Result(f"{label}: graph loaded again", percentile(known, 0.5), "ms", None, beside, yard)
    yield Result(f"{label}: snapshot compiled", percentile(compiled, 0.5), "ms", 50, beside, yard)
    yield Result(f"{label}: snapshot read by a new process", percentile(parsed, 0.5), "ms", None, beside, yard)

"""What only the Neo4j store promises: a graph that a person can read, and a server that may fail."""

from __future__ import annotations

import multiprocessing
import signal
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from graph.deltas import creation_ops, invert, retire_ops, set_op
from graph.errors import Damaged, GraphError, StoreUnavailable
from graph.proposals import Proposal
from graph.stores.neo4j import Connection, Neo4jStore, migrate
from graph.stores.neo4j.migrations import MIGRATIONS
from graph.types import new_id
from tests.graph.build import NOW, delta, one_of_each_kind, wish
from tests.graph.places import Neo4jPlace
from tests.graph.test_concurrency import write
from tests.neo4j.server import Neo4jServer

pytestmark = pytest.mark.neo4j


@pytest.fixture
def store(neo4j_server: Neo4jServer) -> Iterator[Neo4jStore]:
    made = Neo4jPlace.of(neo4j_server).open()
    assert isinstance(made, Neo4jStore)
    yield made
    made.close()


def connection(server: Neo4jServer, **changes: str) -> Connection:
    return Connection(changes.get("uri", server.uri), server.user, changes.get("password", server.password))


def count(server: Neo4jServer, pattern: str, person: str) -> object:
    return server.query(f"MATCH {pattern} RETURN count(*) AS n", person=person)[0]["n"]


def test_the_graph_reads_as_the_person_thinks_of_it(neo4j_server: Neo4jServer, store: Neo4jStore) -> None:
    person = new_id()
    entities, links = one_of_each_kind()
    first = store.commit(delta(person, 0, creation_ops(entities, links)))
    state, _ = store.load(person)
    change = store.commit(delta(person, 1, [set_op(state, entities[1].id, "strength", 3)]))
    store.commit(invert(change, new_id(), 2, NOW))
    here = "(:Person {id: $person})"
    for pattern, due in [
        (f"{here}-[:HOLDS]->(:Intent)", 1), (f"{here}-[:HOLDS]->(:Facet)", 2), (f"{here}-[:HOLDS]->(:Guard)", 1),
        (f"{here}-[:HOLDS]->(:Facet)-[:REFINES]->(:Intent)", 1),
        (f"{here}-[:HOLDS]->(:Facet)<-[:EXCEPTS]-(:Exception)", 1),
        (f"{here}-[:HOLDS]->()-[:SCOPED_TO]->(:Scope)", 2), (f"{here}-[:HOLDS]->()-[:REMEMBERS]->(:Exemplar)", 1),
        (f"{here}-[:LOGGED]->(:Delta)", 3), (f"{here}-[:LOGGED]->(:Delta)-[:UNDOES]->(:Delta)", 1),
        (f"{here}-[:LOGGED]->(:Delta {{id: '{first.id}'}})-[:TOUCHES]->()", len(entities)),
        (f"{here}-[:LOGGED]->(:Delta)-[:TOUCHES]->(:Facet)", 4),
    ]:  # fmt: skip
        assert count(neo4j_server, pattern, person) == due, pattern
    (found,) = neo4j_server.query("MATCH (n:Facet {id: $id}) RETURN properties(n) AS n", id=entities[1].id)
    node = found["n"]
    assert isinstance(node, dict)
    assert (node["text"], node["strength"], node["origin"]) == ("ads", 1000, "inferred")
    store.verify(person)


@pytest.mark.parametrize(
    "change",
    [
        "MATCH (n:Facet {person: $person}) SET n.strength = 7",
        "MATCH (n:Facet {person: $person}) SET n.strength = 'much'",
        "MATCH (n:Facet {person: $person})-[r:REFINES]->() DELETE r",
        "MATCH (n:Delta {person: $person, seq: 1}) SET n.body = replace(n.body, 'spiders', 'ponies')",
        "MATCH (n:Delta {person: $person, seq: 1}) SET n.chain = 'x'",
        "MATCH (n:Person {id: $person}) SET n.hash = 'x'",
        "MATCH (:Person {id: $person})-[r:HOLDS]->() DELETE r",
        "MATCH (:Delta {person: $person})-[r:TOUCHES]->() DELETE r",
    ],
)
def test_what_was_changed_by_hand_is_found(neo4j_server: Neo4jServer, store: Neo4jStore, change: str) -> None:
    person = new_id()
    store.commit(delta(person, 0, wish()[2]))
    store.verify(person)
    neo4j_server.query(change, person=person)
    with pytest.raises(Damaged):
        store.verify(person)
    store.erase(person)


def migrate_in_a_process(place: Neo4jPlace) -> None:
    migrate(Connection(place.uri, place.user, place.password))


def test_migrations_are_recorded_and_safe_to_run_twice_and_at_once(neo4j_server: Neo4jServer) -> None:
    if not neo4j_server.ours:
        pytest.skip("takes constraints away: unset FEEDGUARD_TEST_NEO4J_URI, then a server is started here")
    names = [row["name"] for row in neo4j_server.query("SHOW CONSTRAINTS YIELD name RETURN name ORDER BY name")]
    for name in names:
        neo4j_server.query(f"DROP CONSTRAINT {name}")
    neo4j_server.query("MATCH (m:SchemaMigration) DELETE m")
    unready = Neo4jPlace.of(neo4j_server).open()
    with pytest.raises(GraphError, match="graph migrate"):
        unready.people()
    context = multiprocessing.get_context("spawn")
    children = [context.Process(target=migrate_in_a_process, args=(Neo4jPlace.of(neo4j_server),)) for _ in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
    assert [child.exitcode for child in children] == [0] * 4
    assert names == [row["name"] for row in neo4j_server.query("SHOW CONSTRAINTS YIELD name RETURN name ORDER BY name")]
    numbers = [row["n"] for row in neo4j_server.query("MATCH (m:SchemaMigration) RETURN m.number AS n ORDER BY n")]
    assert numbers == [migration.number for migration in MIGRATIONS]
    opened = connection(neo4j_server)
    assert migrate(opened) == []
    neo4j_server.query("CREATE (:SchemaMigration {number: 99})")
    with pytest.raises(GraphError, match="Update FeedGuard"):
        migrate(opened)
    with pytest.raises(GraphError, match="Update FeedGuard"):
        unready.people()
    unready.close()
    neo4j_server.query("MATCH (m:SchemaMigration {number: 99}) DELETE m")
    opened.close()


def test_a_server_that_is_killed_and_started_again_has_every_answered_commit(neo4j_server: Neo4jServer) -> None:
    """A power cut in the midst of commits: graph = fold of log afterwards, and nothing that was answered is lost."""
    if not neo4j_server.ours:
        pytest.skip("kills the server: unset FEEDGUARD_TEST_NEO4J_URI, then one is started here")
    person, store = new_id(), Neo4jPlace.of(neo4j_server).open()
    answered: list[int] = []
    ended = threading.Event()

    def write_on() -> None:
        while not ended.is_set():
            sent = delta(person, len(answered), wish()[2])
            while not ended.is_set():
                try:
                    answered.append(store.commit(sent).seq or 0)
                    break
                except StoreUnavailable:
                    time.sleep(0.05)

    writer = threading.Thread(target=write_on)
    writer.start()
    for how in (signal.SIGKILL, signal.SIGTERM):
        before = len(answered)
        deadline = time.monotonic() + 60
        while len(answered) < before + 10 and time.monotonic() < deadline:
            time.sleep(0.02)
        neo4j_server.stop(how)
        started = time.monotonic()
        with pytest.raises(StoreUnavailable):
            store.people()
        assert time.monotonic() - started < 7
        neo4j_server.start()
    ended.set()
    writer.join(60)
    assert len(answered) >= 20
    assert answered == list(range(1, len(answered) + 1))
    assert [d.seq for d in store.log(person)][: len(answered)] == answered
    store.verify(person)
    store.close()


def test_a_server_that_hangs_is_given_up_at_our_deadline(neo4j_server: Neo4jServer) -> None:
    """It accepts the connection and never says a word."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        made = Connection(f"bolt://127.0.0.1:{silent.getsockname()[1]}", "neo4j", "x", deadline=0.4)
        started = time.monotonic()
        for _ in range(3):
            with pytest.raises(StoreUnavailable):
                Neo4jStore(made).people()
        assert time.monotonic() - started < 10
        assert len([t for t in threading.enumerate() if t.name == "neo4j" and t.is_alive()]) <= 2
        made.close()


def test_a_server_that_hangs_in_mid_answer_is_given_up_and_the_commit_is_not_doubled(neo4j_server: Neo4jServer) -> None:
    """The server is frozen while a commit is under way; afterwards the same delta is sent again."""
    if neo4j_server.own is None:
        pytest.skip("freezes the server: unset FEEDGUARD_TEST_NEO4J_URI, then one is started here")
    made = Connection(neo4j_server.uri, neo4j_server.user, neo4j_server.password, deadline=2)
    store, person = Neo4jStore(made), new_id()
    patient = Neo4jPlace.of(neo4j_server).open()
    patient.commit(delta(person, 0, wish()[2]))
    store.load(person)
    sent = delta(person, 1, wish("wasps")[2])
    neo4j_server.own.freeze()
    try:
        started = time.monotonic()
        with pytest.raises(StoreUnavailable):
            store.commit(sent)
        assert time.monotonic() - started < 10
    finally:
        neo4j_server.own.thaw()
    assert patient.commit(sent).seq == 2
    assert patient.commit(sent).seq == 2
    assert len(patient.log(person)) == 2
    patient.verify(person)
    patient.close()
    store.close()


def test_refusals_of_the_server_are_told_apart(neo4j_server: Neo4jServer) -> None:
    wrong = Neo4jStore(connection(neo4j_server, password="wrong"))
    with pytest.raises(GraphError, match="password") as refused:
        wrong.people()
    wrong.close()
    assert refused.value.permanent
    nobody = Neo4jStore(connection(neo4j_server, uri="bolt://127.0.0.1:9"))
    with pytest.raises(StoreUnavailable) as gone:
        nobody.people()
    nobody.close()
    assert not gone.value.permanent


def test_erasure_leaves_nothing_in_any_property(neo4j_server: Neo4jServer, store: Neo4jStore) -> None:
    alice, bob = new_id(), new_id()
    for person, word in ((alice, "MARKER-of-alice"), (bob, "MARKER-of-bob")):
        intent, _, ops = wish(word, exception=f"{word} exception")
        first = store.commit(delta(person, 0, ops, why=f"{word} why"))
        state, _ = store.load(person)
        store.commit(delta(person, 1, [set_op(state, intent, "text", f"{word} reworded")]))
        store.propose(
            Proposal(id=new_id(), person=person, base=0, ops=first.ops, why=word, created_at=NOW, source="parse")
        )
    store.erase(alice)
    assert "MARKER-of-alice" not in everything(neo4j_server)
    assert alice not in everything(neo4j_server)
    assert "MARKER-of-bob" in everything(neo4j_server)
    store.verify(bob)
    state, seq = store.load(bob)
    (intent,) = (e.id for e in state.entities.values() if e.kind == "intent")
    store.commit(delta(bob, seq, retire_ops(state, intent)))
    for change in reversed(store.log(bob)[:2]):
        store.erase_payload(bob, change.id)
    assert "MARKER-of-bob" not in everything(neo4j_server)
    store.verify(bob)


def everything(server: Neo4jServer) -> str:
    """All properties of all nodes and relations."""
    nodes = server.query("MATCH (n) RETURN labels(n) AS labels, properties(n) AS properties")
    return repr(nodes + server.query("MATCH ()-[r]->() RETURN properties(r) AS properties"))


def test_one_driver_serves_all_threads_of_a_process(neo4j_server: Neo4jServer, store: Neo4jStore) -> None:
    before = {t.ident for t in threading.enumerate() if t.name == "neo4j"}
    threads = [threading.Thread(target=write, args=(store, new_id(), 1)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    opened = {t.ident for t in threading.enumerate() if t.name == "neo4j"} - before
    assert len(opened) <= 1

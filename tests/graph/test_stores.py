"""One contract for every store of preference graphs."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.compile import compile_snapshot
from graph.deltas import apply, fold, invert, retire_ops, set_op
from graph.errors import Conflict, GraphError, InvalidDelta
from graph.proposals import Proposal
from graph.state import State
from graph.store import PreferenceStore
from graph.stores.memory import MemoryStore
from graph.stores.sqlite import SQLiteStore
from graph.types import new_id
from tests.graph.build import NOW, delta, wish


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PreferenceStore]:
    made: PreferenceStore = MemoryStore() if request.param == "memory" else SQLiteStore(tmp_path / "graph.db")
    yield made
    made.close()


def test_a_person_without_a_graph_has_an_empty_one(store: PreferenceStore) -> None:
    person = new_id()
    assert store.load(person) == (State.empty(person), 0)


def test_what_was_committed_is_loaded_and_is_the_fold_of_the_log(store: PreferenceStore) -> None:
    person = new_id()
    intent, _, ops = wish(exception="toys")
    store.commit(delta(person, 0, ops))
    state, seq = store.load(person)
    store.commit(delta(person, seq, [set_op(state, intent, "status", "paused")]))
    state, seq = store.load(person)
    assert seq == 2
    assert fold(person, store.log(person)).hash == state.hash == store.heads()[person][1]
    store.verify(person)


def test_a_stale_base_is_refused_and_changes_nothing(store: PreferenceStore) -> None:
    person = new_id()
    store.commit(delta(person, 0, wish()[2]))
    before = store.load(person)
    with pytest.raises(Conflict) as refused:
        store.commit(delta(person, 0, wish("wasps")[2]))
    assert refused.value.field == "base"
    assert store.load(person) == before
    assert len(store.log(person)) == 1


def test_a_delta_sent_twice_answers_with_the_first(store: PreferenceStore) -> None:
    person = new_id()
    sent = delta(person, 0, wish()[2])
    assert store.commit(sent) == store.commit(sent)
    assert len(store.log(person)) == 1


def test_a_broken_delta_changes_nothing(store: PreferenceStore) -> None:
    person = new_id()
    intent, _, ops = wish()
    store.commit(delta(person, 0, ops))
    state, _ = store.load(person)
    good = set_op(state, intent, "status", "paused")
    bad = set_op(state, intent, "strength", 1001)
    with pytest.raises(InvalidDelta) as refused:
        store.commit(delta(person, 1, [good, bad]))
    assert refused.value.field == "strength"
    assert store.load(person) == (state, 1)


def test_people_do_not_see_each_other(store: PreferenceStore) -> None:
    alice, bob = new_id(), new_id()
    sent = store.commit(delta(alice, 0, wish()[2]))
    proposal = Proposal(id=new_id(), person=alice, base=1, ops=sent.ops, why="x", created_at=NOW, source="parse")
    store.propose(proposal)
    assert store.load(bob)[1] == 0
    assert store.log(bob) == ()
    assert store.find(bob, sent.id) is None
    assert store.proposal(bob, proposal.id) is None
    with pytest.raises(InvalidDelta):
        store.close_proposal(bob, proposal.id, "accepted")
    assert store.proposals(alice) == (proposal,)


def test_erasure_leaves_nothing_of_one_and_all_of_the_other(store: PreferenceStore) -> None:
    alice, bob = new_id(), new_id()
    store.commit(delta(alice, 0, wish("MARKER-of-alice")[2]))
    store.commit(delta(bob, 0, wish()[2]))
    store.erase(alice)
    assert store.load(alice)[1] == 0
    assert store.log(alice) == ()
    assert store.load(bob)[1] == 1


def test_any_delta_can_be_undone_while_its_values_still_hold(store: PreferenceStore) -> None:
    person = new_id()
    intent, _, ops = wish()
    first = store.commit(delta(person, 0, ops))
    state, seq = store.load(person)
    pause = store.commit(delta(person, seq, [set_op(state, intent, "status", "paused")]))
    with pytest.raises(Conflict) as lost:
        store.commit(invert(first, new_id(), 2, NOW))
    assert (lost.value.before, lost.value.theirs) == ("active", "paused")
    store.commit(invert(pause, new_id(), 2, NOW))
    store.commit(invert(first, new_id(), 3, NOW))
    state, seq = store.load(person)
    assert compile_snapshot(state, seq).wishes == ()
    assert state.hash == State.empty(person).hash
    store.verify(person)


def test_undoing_the_undo_brings_the_wish_back(store: PreferenceStore) -> None:
    person = new_id()
    first = store.commit(delta(person, 0, wish(exception="toys")[2]))
    before = store.load(person)[0].hash
    undone = store.commit(invert(first, new_id(), 1, NOW))
    store.commit(invert(undone, new_id(), 2, NOW))
    assert store.load(person)[0].hash == before


def test_a_change_leaves_every_other_entity_as_it_was(store: PreferenceStore) -> None:
    person = new_id()
    touched, _, ops = wish(exception="toys")
    store.commit(delta(person, 0, [*ops, *wish("wasps")[2]]))
    state, seq = store.load(person)
    store.commit(delta(person, seq, [set_op(state, touched, "action", "blur")]))
    after, _ = store.load(person)
    for key in state.entities:
        assert (after.entity_hash(key) == state.entity_hash(key)) == (key != touched)


def test_retiring_a_wish_leaves_tombstones(store: PreferenceStore) -> None:
    person = new_id()
    intent, facet, ops = wish(exception="toys")
    store.commit(delta(person, 0, ops))
    state, seq = store.load(person)
    store.commit(delta(person, seq, retire_ops(state, intent)))
    after, _ = store.load(person)
    assert {after.entities[key].status for key in after.entities} == {"retired"}
    assert facet in after.entities


def test_broken_models_are_refused_by_name() -> None:
    person = new_id()
    intent, facet, ops = wish(exception="toys")
    state = apply(State.empty(person), delta(person, 0, ops))
    with pytest.raises(InvalidDelta, match="no entity"):
        apply(
            state, delta(person, 1, [set_op(state, intent, "status", "paused").model_copy(update={"target": new_id()})])
        )
    with pytest.raises(InvalidDelta, match="text"):
        apply(state, delta(person, 1, [set_op(state, intent, "text", "x" * 2001)]))
    with pytest.raises(InvalidDelta, match="another person"):
        apply(State.empty(new_id()), delta(person, 0, ops))
    exception = next(e.id for e in state.entities.values() if e.kind == "exception")
    wrong = ops[-1].model_copy(update={"after": {"kind": "EXCEPTS", "source": exception, "target": exception}})
    with pytest.raises(InvalidDelta, match="cannot be"):
        apply(state, delta(person, 1, [wrong]))
    with pytest.raises(InvalidDelta, match="nothing"):
        apply(state, delta(person, 1, []))
    assert facet in state.entities


def _write(store: PreferenceStore, person: str, number: int) -> None:
    for _ in range(number):
        ops = wish()[2]
        sent = delta(person, 0, ops)
        while True:
            try:
                store.commit(sent.model_copy(update={"base": store.load(person)[1]}))
                break
            except Conflict:
                continue


def test_eight_threads_lose_nothing_and_count_without_gaps(store: PreferenceStore) -> None:
    person = new_id()
    threads = [threading.Thread(target=_write, args=(store, person, 5)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    log = store.log(person)
    assert [d.seq for d in log] == list(range(1, 41))
    assert len({d.id for d in log}) == 40
    store.verify(person)


def _process(path: str, person: str) -> None:
    _write(SQLiteStore(Path(path)), person, 5)


def test_four_processes_lose_nothing(tmp_path: Path) -> None:
    person, path = new_id(), tmp_path / "graph.db"
    SQLiteStore(path).load(person)
    context = multiprocessing.get_context("spawn")
    children = [context.Process(target=_process, args=(str(path), person)) for _ in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
    store = SQLiteStore(path)
    assert [d.seq for d in store.log(person)] == list(range(1, 21))
    store.verify(person)


def _write_for_ever(path: str, person: str) -> None:
    _write(SQLiteStore(Path(path)), person, 10_000)


def test_a_process_killed_while_committing_leaves_a_whole_graph(tmp_path: Path) -> None:
    person, path = new_id(), tmp_path / "graph.db"
    store = SQLiteStore(path)
    store.load(person)
    context = multiprocessing.get_context("spawn")
    for _ in range(2):
        child = context.Process(target=_write_for_ever, args=(str(path), person))
        before = store.load(person)[1]
        child.start()
        until = time.monotonic() + 20
        while store.load(person)[1] < before + 5 and time.monotonic() < until:
            time.sleep(0.01)
        os.kill(child.pid or 0, signal.SIGKILL)
        child.join()
        store.verify(person)
        assert store.load(person)[1] >= before + 5


def test_a_log_that_was_tampered_with_is_found(tmp_path: Path) -> None:
    person, store = new_id(), SQLiteStore(tmp_path / "graph.db")
    store.commit(delta(person, 0, wish("spiders")[2]))
    store.commit(delta(person, 1, wish("wasps")[2]))
    with sqlite3.connect(tmp_path / "graph.db") as connection:
        connection.execute("UPDATE payload SET body = replace(body, 'spiders', 'ponies')")
    with pytest.raises(GraphError):
        store.verify(person)

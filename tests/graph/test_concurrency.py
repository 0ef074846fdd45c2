"""Many writers at once, and writers that are killed: nothing is lost, nothing is there twice."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading

from graph.deltas import fold
from graph.errors import Conflict, StoreUnavailable
from graph.store import PreferenceStore
from graph.types import new_id
from tests.graph.build import delta, wish
from tests.graph.places import Place
from tests.running import until

WRITERS, EACH = 8, 5


def write(store: PreferenceStore, person: str, number: int) -> None:
    """Add wishes, each against the newest state; a lost answer is asked for again by the same id."""
    for _ in range(number):
        sent = delta(person, 0, wish()[2])
        while True:
            try:
                store.commit(sent.model_copy(update={"base": store.load(person)[1]}))
                break
            except (Conflict, StoreUnavailable):
                continue


def all_are_there(store: PreferenceStore, person: str) -> None:
    log = store.log(person)
    assert [d.seq for d in log] == list(range(1, WRITERS * EACH + 1))
    assert len({d.id for d in log}) == WRITERS * EACH
    store.verify(person)


def test_eight_threads_lose_nothing_and_count_without_gaps(store: PreferenceStore) -> None:
    person = new_id()
    threads = [threading.Thread(target=write, args=(store, person, EACH)) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    all_are_there(store, person)


def write_in_a_process(place: Place, person: str, number: int) -> None:
    write(place.open(), person, number)


def test_eight_processes_lose_nothing_and_count_without_gaps(place: Place) -> None:
    person, context = new_id(), multiprocessing.get_context("spawn")
    children = [context.Process(target=write_in_a_process, args=(place, person, EACH)) for _ in range(WRITERS)]
    for child in children:
        child.start()
    for child in children:
        child.join(180)
    store = place.open()
    all_are_there(store, person)
    store.close()


def test_a_process_killed_while_committing_leaves_a_whole_graph(place: Place) -> None:
    person, context, store = new_id(), multiprocessing.get_context("spawn"), place.open()
    for _ in range(2):
        child = context.Process(target=write_in_a_process, args=(place, person, 10_000))
        before = store.load(person)[1]
        child.start()
        until(lambda before=before: store.load(person)[1] >= before + 5, 60, "five commits")
        os.kill(child.pid or 0, signal.SIGKILL)
        child.join()
        store.verify(person)
        assert store.load(person)[1] >= before + 5
    write(store, person, 1)
    store.verify(person)
    store.close()


def test_a_forked_child_opens_its_own_and_leaves_the_parents_alone(place: Place) -> None:
    """What Celery's prefork pool does: the store was used before the fork."""
    person, store = new_id(), place.open()
    write(store, person, 1)
    child = os.fork()
    if child == 0:
        try:
            write(store, person, 3)
        finally:
            os._exit(0)
    write(store, person, 3)
    os.waitpid(child, 0)
    assert [d.seq for d in store.log(person)] == list(range(1, 8))
    store.verify(person)
    store.close()


def test_two_stores_of_one_place_follow_each_other(place: Place) -> None:
    """As web and worker do: each has seen an older state, and both go on from the newest."""
    one, other, person = place.open(), place.open(), new_id()
    for _ in range(3):
        for store in (one, other):
            write(store, person, 2)
            assert one.load(person) == other.load(person)
    for _ in range(60):
        seq = one.load(person)[1]
        one.commit(delta(person, seq, wish()[2]))
    state, seq = other.load(person)
    assert (state, seq) == one.load(person)
    assert state == fold(person, other.log(person))
    assert state.hash == state.reference_hash()
    other.erase(person)
    assert one.load(person)[1] == 0
    write(other, person, 14)
    assert one.load(person) == other.load(person)
    one.verify(person)
    one.close()
    other.close()

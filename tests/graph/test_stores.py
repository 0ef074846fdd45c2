"""One contract for every store of preference graphs."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from graph.compile import compile_snapshot
from graph.copying import Copied, copy_all, is_equal
from graph.deltas import creation_ops, fold, invert, retire_ops, sentence, set_op
from graph.errors import Conflict, Damaged, InvalidDelta
from graph.proposals import Proposal
from graph.state import State
from graph.store import PreferenceStore
from graph.stores.memory import MemoryStore
from graph.types import new_id
from tests.graph.build import NOW, delta, one_of_each_kind, wish


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


def test_undo_of_any_delta_in_any_order_ends_where_it_began(store: PreferenceStore) -> None:
    """A wish edited 200 times and undone in random order; a refused undo is tried again later."""
    random = Random(5)
    person = new_id()
    intent, facet, ops = wish(exception="toys")
    store.commit(delta(person, 0, ops))
    began = store.load(person)[0].hash
    edits = []
    for number in range(200):
        state, _ = store.load(person)
        target, field, value = random.choice(
            [
                (facet, "text", f"spiders {number}"), (intent, "strength", random.randrange(1001)),
                (facet, "action", random.choice(["hide", "blur", "label"])),
                (intent, "status", random.choice(["active", "paused"])),
                (facet, "elements", [{"role": "subject", "value": f"spider {number % 7}", "stated": True}]),
            ]
        )  # fmt: skip
        edits.append(store.commit(delta(person, number + 1, [set_op(state, target, field, value)])))
    random.shuffle(edits)
    waiting, refused, seq = edits, 0, len(edits) + 1
    while waiting:
        later = []
        for edit in waiting:
            try:
                store.commit(invert(edit, new_id(), seq, NOW))
                seq += 1
            except Conflict:
                later.append(edit)
        refused += len(later)
        if len(later) == len(waiting):
            break
        waiting = later
    assert refused > 0
    assert store.load(person)[1] == seq
    assert store.load(person)[0].hash == began
    store.verify(person)


def test_an_undo_that_does_something_else_is_refused(store: PreferenceStore) -> None:
    person = new_id()
    intent, _, ops = wish()
    first = store.commit(delta(person, 0, ops))
    state, _ = store.load(person)
    other = delta(person, 1, [set_op(state, intent, "status", "paused")])
    with pytest.raises(InvalidDelta, match="inverse"):
        store.commit(other.model_copy(update={"undoes": first.id}))
    with pytest.raises(InvalidDelta, match="no such change"):
        store.commit(other.model_copy(update={"undoes": new_id()}))
    assert store.load(person)[1] == 1


def test_another_change_under_a_known_id_is_refused(store: PreferenceStore) -> None:
    person = new_id()
    sent = delta(person, 0, wish()[2])
    store.commit(sent)
    with pytest.raises(InvalidDelta, match="id"):
        store.commit(sent.model_copy(update={"ops": tuple(wish("wasps")[2]), "base": 1}))
    assert store.load(person)[1] == 1


def test_an_id_of_another_person_is_free_for_everybody_else(store: PreferenceStore) -> None:
    """Uniqueness is (person, id): a conflict would tell Bob what Alice has."""
    alice, bob = new_id(), new_id()
    sent = delta(alice, 0, wish()[2])
    store.commit(sent)
    store.commit(sent.model_copy(update={"person": bob}))
    assert store.load(alice)[0].hash == store.load(bob)[0].hash
    store.erase(alice)
    assert store.load(bob)[1] == 1
    store.verify(bob)


def test_a_foreign_entity_cannot_be_changed(store: PreferenceStore) -> None:
    alice, bob = new_id(), new_id()
    intent, _, ops = wish()
    store.commit(delta(alice, 0, ops))
    state, _ = store.load(alice)
    with pytest.raises(InvalidDelta, match="no entity"):
        store.commit(delta(bob, 0, [set_op(state, intent, "status", "paused")]))
    assert store.load(bob) == (State.empty(bob), 0)
    assert bob not in store.people()


def test_proposals_are_closed_once(store: PreferenceStore) -> None:
    person = new_id()
    proposal = Proposal(
        id=new_id(), person=person, base=0, ops=tuple(wish()[2]), why="x", created_at=NOW, source="parse",
        detail={"lines": ["a"], "score": 0.5},
    )  # fmt: skip
    store.propose(proposal)
    store.propose(proposal.model_copy(update={"why": "another"}))
    assert store.proposal(person, proposal.id) == proposal
    assert store.load(person) == (State.empty(person), 0)
    store.close_proposal(person, proposal.id, "accepted")
    store.close_proposal(person, proposal.id, "accepted")
    with pytest.raises(Conflict, match="already accepted"):
        store.close_proposal(person, proposal.id, "rejected")
    assert store.proposals(person) == ()
    assert [p.id for p in store.proposals(person, "accepted")] == [proposal.id]
    assert person in store.people()
    store.erase(person)
    assert store.proposals(person, "accepted") == ()
    assert person not in store.people()


def test_every_kind_of_entity_comes_back_as_it_was(store: PreferenceStore) -> None:
    person = new_id()
    entities, links = one_of_each_kind()
    store.commit(delta(person, 0, creation_ops(entities, links)))
    state, _ = store.load(person)
    assert state == State(person, {e.id: e for e in entities}, frozenset(links))
    assert fold(person, store.log(person)).hash == state.hash == state.reference_hash() == store.heads()[person][1]
    store.verify(person)


def test_the_words_of_one_change_can_be_erased_and_the_rest_stays_provable(store: PreferenceStore) -> None:
    person = new_id()
    intent, facet, ops = wish("MARKER-illness", exception="MARKER-doctor")
    added = store.commit(delta(person, 0, ops, why="no MARKER-illness"))
    kept = store.commit(delta(person, 1, wish("wasps")[2]))
    store.propose(
        Proposal(id=new_id(), person=person, base=2, ops=added.ops, why="MARKER", created_at=NOW, source="parse")
    )
    with pytest.raises(InvalidDelta, match="Remove it first"):
        store.erase_payload(person, added.id)
    state, seq = store.load(person)
    retired = store.commit(delta(person, seq, retire_ops(state, intent)))
    before = store.load(person)[0]
    links = [entry.chain for entry in store.entries(person)]
    store.erase_payload(person, added.id)
    store.erase_payload(person, added.id)
    after, seq = store.load(person)
    assert after.hash == before.hash
    assert after.entity_hash(kept.ops[0].target) == before.entity_hash(kept.ops[0].target)
    assert fold(person, store.log(person)) == after
    assert [entry.chain for entry in store.entries(person)] == links
    store.verify(person)
    assert "MARKER" not in repr((after, store.entries(person), store.proposals(person)))
    assert sentence(store.log(person)[0], after) == "a change whose words were erased"
    with pytest.raises(InvalidDelta, match="erased"):
        store.commit(invert(retired, new_id(), seq, NOW))
    with pytest.raises(InvalidDelta, match="erased"):
        invert(store.log(person)[0], new_id(), seq, NOW)
    with pytest.raises(InvalidDelta, match="no such change"):
        store.erase_payload(new_id(), added.id)
    assert facet in after.entities
    store.commit(delta(person, seq, wish("bats")[2]))
    store.verify(person)


def test_a_copy_is_equal_overwrites_nothing_and_can_be_started_again(store: PreferenceStore) -> None:
    source = MemoryStore()
    alice, bob, carol = new_id(), new_id(), new_id()
    intent, _, ops = wish(exception="toys")
    first = source.commit(delta(alice, 0, ops))
    state, _ = source.load(alice)
    source.commit(delta(alice, 1, retire_ops(state, intent)))
    source.erase_payload(alice, first.id)
    entities, links = one_of_each_kind()
    made = source.commit(delta(bob, 0, creation_ops(entities, links)))
    source.commit(invert(made, new_id(), 1, NOW))
    source.propose(Proposal(id=new_id(), person=carol, base=0, ops=made.ops, why="x", created_at=NOW, source="import"))
    assert copy_all(source, store) == Copied(3, 0)
    assert copy_all(source, store) == Copied(0, 3)
    for person in (alice, bob, carol):
        assert is_equal(source, store, person)
    source.commit(delta(bob, 2, wish("wasps")[2]))
    source.commit(delta(new_id(), 0, wish("bats")[2]))
    with pytest.raises(Conflict, match="Nothing was copied"):
        copy_all(source, store)
    assert store.load(bob)[1] == 2
    for person in (alice, bob, carol):
        store.erase(person)


def test_a_log_that_does_not_fit_together_is_not_taken_over(store: PreferenceStore) -> None:
    person = new_id()
    source = MemoryStore()
    source.commit(delta(person, 0, wish("spiders")[2]))
    (entry,) = source.entries(person)
    with pytest.raises(Damaged):
        store.adopt(person, [replace(entry, body=entry.body.replace("spiders", "ponies!"))], [])
    assert person not in store.people()


def test_a_thousand_facets(store: PreferenceStore) -> None:
    person = new_id()
    ops = [op for number in range(1000) for op in wish(f"topic {number}")[2]]
    store.commit(delta(person, 0, ops))
    state, seq = store.load(person)
    facet = next(e.id for e in state.entities.values() if e.kind == "facet")
    store.commit(delta(person, seq, [set_op(state, facet, "strength", 9)]))
    state, seq = store.load(person)
    assert len(compile_snapshot(state, seq).wishes) == 1000
    store.verify(person)
    store.erase(person)

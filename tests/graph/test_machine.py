"""Any sequence of changes and undos keeps the promises of the graph, on every store at once."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from graph.compile import compile_snapshot
from graph.deltas import (
    Delta,
    Op,
    creation_ops,
    fold,
    forget_op,
    invert,
    link_op,
    remember_op,
    retire_ops,
    scope_ops,
    set_op,
    unlink_op,
)
from graph.errors import Conflict, InvalidDelta
from graph.state import State
from graph.store import PreferenceStore
from graph.stores.memory import MemoryStore
from graph.stores.sqlite import SQLiteStore
from graph.types import Element, Entity, Exception_, Exemplar, Guard, Link, new_id
from tests.graph.build import NOW, delta, wish
from tests.graph.places import Neo4jPlace

WISHES = ("intent", "facet")
words = st.text("abc ☂é", min_size=1, max_size=9).filter(str.strip)


class GraphMachine(RuleBasedStateMachine):
    """Each step is committed to every store, and must have the same outcome on each."""

    stores: tuple[PreferenceStore, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self.person = new_id()
        self.done: list[Delta] = []
        self.state, self.seq = State.empty(self.person), 0

    def teardown(self) -> None:
        for store in self.stores:
            store.verify(self.person)
            store.erase(self.person)
            assert store.load(self.person) == (State.empty(self.person), 0)

    def commit(self, sent: Delta) -> bool:
        """Whether the stores took the delta; what they refuse changes nothing."""
        outcomes = {self._commit(store, sent) for store in self.stores}
        assert len(outcomes) == 1, outcomes
        taken = outcomes == {"taken"}
        before, (self.state, self.seq) = self.state, self.stores[0].load(self.person)
        touched = {op.target for op in sent.ops} if taken else set()
        for key in before.entities.keys() - touched:
            assert self.state.entity_hash(key) == before.entity_hash(key)
        if taken:
            self.done.append(self.stores[0].log(self.person)[-1])
        return taken

    def _commit(self, store: PreferenceStore, sent: Delta) -> str:
        try:
            first = store.commit(sent)
        except (Conflict, InvalidDelta) as error:
            return f"{type(error).__name__} {error.field}"
        assert store.commit(sent) == first
        return "taken"

    def change(self, ops: list[Op]) -> None:
        assert self.commit(delta(self.person, self.seq, ops))

    def some(self, data: st.DataObject, *kinds: str) -> Entity | None:
        found = [e for _, e in sorted(self.state.entities.items()) if e.kind in kinds]
        return data.draw(st.sampled_from(found)) if found else None

    @rule(text=words, exception=st.booleans())
    def add(self, text: str, exception: bool) -> None:
        self.change(wish(text, "toys" if exception else "")[2])

    @rule(value=words)
    def guard(self, value: str) -> None:
        self.change(creation_ops([Guard(id=new_id(), guards="author", value=value)], []))

    @precondition(lambda self: self.done)
    @rule(data=st.data(), field=st.sampled_from(["strength", "action", "status", "text", "polarity", "always"]))
    def set_a_field(self, data: st.DataObject, field: str) -> None:
        if (chosen := self.some(data, *WISHES)) is not None:
            values = {
                "strength": st.integers(0, 1000), "action": st.sampled_from(["blur", "hide", "label"]),
                "status": st.sampled_from(["active", "paused", "retired"]), "text": words,
                "polarity": st.sampled_from(["avoid", "welcome"]), "always": st.booleans(),
            }  # fmt: skip
            self.change([set_op(self.state, chosen.id, field, data.draw(values[field]))])

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def except_(self, data: st.DataObject) -> None:
        if (parent := self.some(data, *WISHES)) is not None:
            made = Exception_(id=new_id(), text="toys", elements=(Element(role="subject", value="toys"),))
            self.change(creation_ops([made], [Link(kind="EXCEPTS", source=made.id, target=parent.id)]))

    @precondition(lambda self: self.done)
    @rule(data=st.data(), services=st.lists(st.sampled_from(["youtube", "reddit"]), max_size=2))
    def scope(self, data: st.DataObject, services: list[str]) -> None:
        if (chosen := self.some(data, *WISHES)) is not None:
            self.change(scope_ops(self.state, chosen.id, services=tuple(services)))

    @precondition(lambda self: self.done)
    @rule(data=st.data(), caught=st.booleans())
    def remember(self, data: st.DataObject, caught: bool) -> None:
        if (chosen := self.some(data, "facet")) is not None:
            made = Exemplar(id=new_id(), content_hash="0" * 64, excerpt="An item", caught=caught)
            self.change(remember_op(made, Link(kind="REMEMBERS", source=chosen.id, target=made.id)))

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def forget(self, data: st.DataObject) -> None:
        if (chosen := self.some(data, "exemplar")) is not None and chosen.status == "active":
            self.change([forget_op(self.state, chosen.id)])

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def link_or_unlink(self, data: st.DataObject) -> None:
        facet, intent = self.some(data, "facet"), self.some(data, "intent")
        if facet is not None and intent is not None:
            link = Link(kind="REFINES", source=facet.id, target=intent.id)
            self.change([unlink_op(link) if link in self.state.links else link_op(link)])

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def retire(self, data: st.DataObject) -> None:
        chosen = self.some(data, "intent", "facet", "exception", "guard")
        if chosen is not None and (ops := retire_ops(self.state, chosen.id)):
            self.change(ops)

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def undo_any(self, data: st.DataObject) -> None:
        chosen = data.draw(st.sampled_from(self.done))
        if not self.stores[0].find(self.person, chosen.id).erased:  # type: ignore[union-attr]
            self.commit(invert(chosen, new_id(), self.seq, NOW))

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def stale(self, data: st.DataObject) -> None:
        base = data.draw(st.integers(0, self.seq - 1))
        assert not self.commit(delta(self.person, base, wish()[2]))

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def broken(self, data: st.DataObject) -> None:
        chosen = self.some(data, "intent")
        if chosen is not None:
            wrong = set_op(self.state, chosen.id, "strength", 1001)
            assert not self.commit(delta(self.person, self.seq, [*wish()[2], wrong]))

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def erase_words(self, data: st.DataObject) -> None:
        chosen = data.draw(st.sampled_from(self.done))
        outcomes = {self._erase_words(store, chosen.id) for store in self.stores}
        assert len(outcomes) == 1, outcomes
        before, (self.state, _) = self.state, self.stores[0].load(self.person)
        assert self.state.hash == before.hash

    def _erase_words(self, store: PreferenceStore, delta_id: str) -> str:
        try:
            store.erase_payload(self.person, delta_id)
        except InvalidDelta as error:
            return error.message
        return "erased"

    @invariant()
    def every_store_has_what_the_log_gives(self) -> None:
        for store in self.stores:
            state, seq = store.load(self.person)
            log = store.log(self.person)
            assert len(log) == seq == self.seq
            due = fold(self.person, log)
            assert due == state == self.state
            assert due.hash == state.hash == store.heads().get(self.person, (0, State.empty(self.person).hash))[1]
        assert {w.id for w in compile_snapshot(self.state, self.seq).wishes} <= self.state.entities.keys()


def run(stores: list[PreferenceStore], examples: int) -> None:
    machine = type("Machine", (GraphMachine,), {"stores": tuple(stores)})
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=examples, stateful_step_count=25, deadline=None, suppress_health_check=checks),
    )


def test_any_sequence_in_memory_and_sqlite() -> None:
    with tempfile.TemporaryDirectory() as folder:
        run([MemoryStore(), SQLiteStore(Path(folder) / "graph.db")], 25)


@pytest.mark.neo4j
def test_any_sequence_on_all_three_stores(neo4j_server: object, tmp_path: Path) -> None:
    neo4j = Neo4jPlace.of(neo4j_server).open()  # type: ignore[arg-type]
    run([MemoryStore(), SQLiteStore(tmp_path / "graph.db"), neo4j], 8)
    neo4j.close()

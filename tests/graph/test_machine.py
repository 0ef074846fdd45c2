"""Any sequence of changes and undos keeps the promises of the graph."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from graph.deltas import Delta, fold, invert, retire_ops, set_op
from graph.errors import Conflict
from graph.stores.memory import MemoryStore
from graph.types import new_id
from tests.graph.build import NOW, delta, wish


class GraphMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.store, self.person = MemoryStore(), new_id()
        self.done: list[Delta] = []

    def commit(self, ops: list) -> None:  # type: ignore[type-arg]
        state, seq = self.store.load(self.person)
        touched = {op.target for op in ops}
        self.done.append(self.store.commit(delta(self.person, seq, ops)))
        after, _ = self.store.load(self.person)
        for key in state.entities.keys() - touched:
            assert after.entity_hash(key) == state.entity_hash(key)

    @rule(text=st.text("abc ", min_size=1, max_size=9).filter(str.strip), exception=st.booleans())
    def add(self, text: str, exception: bool) -> None:
        self.commit(wish(text, "toys" if exception else "")[2])

    @precondition(lambda self: self.done)
    @rule(data=st.data(), field=st.sampled_from(["strength", "action", "status", "text"]))
    def change(self, data: st.DataObject, field: str) -> None:
        state, _ = self.store.load(self.person)
        key = data.draw(st.sampled_from(sorted(k for k, e in state.entities.items() if e.kind == "intent")))
        value = {"strength": data.draw(st.integers(0, 1000)), "action": "blur", "status": "paused", "text": "other"}[
            field
        ]
        self.commit([set_op(state, key, field, value)])

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def retire(self, data: st.DataObject) -> None:
        state, _ = self.store.load(self.person)
        key = data.draw(st.sampled_from(sorted(k for k, e in state.entities.items() if e.kind == "intent")))
        if ops := retire_ops(state, key):
            self.commit(ops)

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def undo_any(self, data: st.DataObject) -> None:
        chosen = data.draw(st.sampled_from(self.done))
        before = self.store.load(self.person)
        try:
            self.done.append(self.store.commit(invert(chosen, new_id(), before[1], NOW)))
        except Conflict:
            assert self.store.load(self.person) == before

    @invariant()
    def the_log_gives_the_graph(self) -> None:
        state, seq = self.store.load(self.person)
        log = self.store.log(self.person)
        assert len(log) == seq
        assert fold(self.person, log).hash == state.hash


TestGraphMachine = GraphMachine.TestCase
TestGraphMachine.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)

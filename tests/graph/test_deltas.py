"""What a delta may ask for, what takes it back, and what it is called."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.admission import admit
from graph.canonical import canonical
from graph.chain import delta_of, payload_of
from graph.deltas import (
    SCHEMA,
    Delta,
    Op,
    apply,
    creation_ops,
    fold,
    forget_op,
    invert,
    link_op,
    remember_op,
    retire_ops,
    scope_ops,
    sentence,
    set_op,
    unlink_op,
    upcast,
)
from graph.errors import Conflict, GraphError, InvalidDelta, StoreUnavailable
from graph.state import State
from graph.stores.memory import MemoryStore
from graph.types import Element, Exception_, Exemplar, Facet, Guard, Intent, Link, Scope, new_id
from tests.graph.build import NOW, delta, one_of_each_kind, wish

PERSON = new_id()


class Graph:
    """A person's graph to which each change is committed."""

    def __init__(self) -> None:
        self.store = MemoryStore()

    @property
    def state(self) -> State:
        return self.store.load(PERSON)[0]

    def change(self, *ops: Op, at: dt.datetime = NOW) -> Delta:
        seq = self.store.load(PERSON)[1]
        return self.store.commit(delta(PERSON, seq, ops).model_copy(update={"at": at}))

    def undo(self, done: Delta) -> Delta:
        return self.store.commit(invert(done, new_id(), self.store.load(PERSON)[1], NOW))

    def said(self, done: Delta) -> str:
        return sentence(done, self.state)


@pytest.fixture
def graph() -> Graph:
    return Graph()


@pytest.fixture
def ads(graph: Graph) -> str:
    """A facet "tutoring ads"."""
    _, facet, ops = wish("tutoring ads")
    graph.change(*ops)
    return facet


def refused(graph: Graph, *ops: Op, at: dt.datetime = NOW) -> InvalidDelta:
    before = graph.store.load(PERSON)
    with pytest.raises(InvalidDelta) as found:
        graph.change(*ops, at=at)
    assert graph.store.load(PERSON) == before
    assert found.value.message.startswith(f"{found.value.field}:")
    return found.value


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("strength", 1001, "strength: at most 1,000, not 1001."),
        ("strength", -1, "strength: at least 0, not -1."),
        ("text", "x" * 5001, "text: at most 2,000 characters, not 5,001."),
        ("text", "", "text: must not be empty."),
        ("action", "burn", "action: must be one of 'show', 'star', 'label', 'blur' or 'hide'."),
        ("status", "expired", "status: must be one of 'active', 'paused' or 'retired'."),
        ("origin", "guessed", "origin: must be one of"),
        ("text", "tutoring\x00ads", "text: holds the hidden character U+0000. Remove it."),
        ("text", "tutoring\u202eads", "text: holds the hidden character U+202E. Remove it."),
        ("text", "tutoring\u200bads", "text: holds the hidden character U+200B. Remove it."),
        ("elements", [], "elements: a facet needs at least one stated element, or a rule"),
        ("elements", [{"role": "colour", "value": "x"}], "elements.0.role: must be one of"),
        ("elements", [{"role": "who", "value": "x"}] * 41, "elements: at most 40."),
        ("rule", {"kind": "word", "value": "x"}, "rule: a facet holds elements or a rule, not both"),
        ("kind", "guard", "kind: facet has no field of this name that can be set."),
    ],
)
def test_a_wrong_value_is_one_clear_error_that_names_the_field(
    graph: Graph, ads: str, field: str, value: Any, message: str
) -> None:
    op = Op(op="reword", target=ads, field=field, before=graph.state.entities[ads].model_dump()[field], after=value)
    if field in {"strength", "status"}:
        op = set_op(graph.state, ads, field, value)
    assert refused(graph, op).message.startswith(message)


def test_unknown_targets_and_fields_are_named(graph: Graph, ads: str) -> None:
    known = set_op(graph.state, ads, "text", "other")
    assert "no entity" in refused(graph, known.model_copy(update={"target": new_id()})).message
    assert refused(graph, known.model_copy(update={"field": "colour", "before": None})).field == "colour"
    assert refused(graph, *_linked("REFINES", ads, new_id())).field == "link"
    with pytest.raises(InvalidDelta, match="colour: facet has no field"):
        set_op(graph.state, ads, "colour", "red")


def _linked(kind: Any, source: str, target: str) -> list[Op]:
    return [link_op(Link(kind=kind, source=source, target=target))]


def test_relations_go_one_way_and_never_in_a_circle(graph: Graph, ads: str) -> None:
    (intent,) = graph.state.targets("REFINES", ads)
    other = Intent(id=new_id(), text="no ads")
    exception = Exception_(id=new_id(), text="toys", elements=(Element(role="subject", value="toys"),))
    graph.change(*creation_ops([other, exception], [Link(kind="EXCEPTS", source=exception.id, target=ads)]))
    assert "circle" in refused(graph, *_linked("REFINES", intent.id, ads)).message
    assert "circle" in refused(graph, *_linked("REFINES", ads, ads)).message
    assert "from facet to intent" in refused(graph, *_linked("REFINES", other.id, intent.id)).message
    second = exception.model_copy(update={"id": new_id()})
    nested = creation_ops([second], [Link(kind="EXCEPTS", source=second.id, target=exception.id)])
    assert "exception EXCEPTS exception cannot be" in refused(graph, *nested).message
    assert (
        refused(graph, *_linked("SCOPED_TO", ads, new_id())).message
        == "link: the relation names an entity that is not there."
    )
    wrong_side = _linked("REFINES", ads, other.id)[0].model_copy(update={"target": other.id})
    assert "at its source" in refused(graph, wrong_side).message


def test_a_lost_precondition_tells_three_sides(graph: Graph, ads: str) -> None:
    mine = set_op(graph.state, ads, "text", "mine")
    graph.change(set_op(graph.state, ads, "text", "theirs"))
    with pytest.raises(Conflict) as lost:
        graph.change(mine)
    error = lost.value
    assert (error.target, error.field) == (ads, "text")
    assert (error.before, error.theirs, error.yours) == ("tutoring ads", "theirs", "mine")


def test_a_time_limit_in_the_past_is_refused_by_the_deltas_own_time(graph: Graph, ads: str) -> None:
    limit = scope_ops(graph.state, ads, until=NOW)
    assert refused(graph, *limit).message == "until: lies in the past. Choose a time that is still to come."
    graph.change(*limit, at=NOW - dt.timedelta(seconds=1))
    fold(PERSON, graph.store.log(PERSON))
    later = NOW + dt.timedelta(days=1)
    assert refused(graph, *scope_ops(graph.state, ads, until=NOW - dt.timedelta(days=1))).field == "until"
    renewed = graph.change(*scope_ops(graph.state, ads, until=later))
    graph.undo(renewed)
    (scope,) = graph.state.targets("SCOPED_TO", ads)
    assert isinstance(scope, Scope)
    assert scope.until == NOW


def test_an_instant_is_the_same_in_every_zone(graph: Graph, ads: str) -> None:
    there = dt.timezone(dt.timedelta(hours=2))
    until = (NOW + dt.timedelta(days=1)).astimezone(there)
    graph.change(*scope_ops(graph.state, ads, until=until))
    (scope,) = graph.state.targets("SCOPED_TO", ads)
    moved = set_op(graph.state, scope.id, "until", (until + dt.timedelta(days=1)).isoformat())
    done = graph.change(moved.model_copy(update={"before": until.isoformat()}))
    graph.undo(done)
    (scope,) = graph.state.targets("SCOPED_TO", ads)
    assert isinstance(scope, Scope)
    assert scope.until == until
    assert refused(graph, set_op(graph.state, scope.id, "until", "2027-01-01T00:00:00")).field == "until"


def test_a_delta_is_of_this_person_and_form_and_not_committed_yet(graph: Graph) -> None:
    sent = delta(PERSON, 0, wish()[2])
    cases: list[tuple[dict[str, Any], str]] = [
        ({"schema_version": 1}, "schema"), ({"seq": 7}, "seq"), ({"ops": ()}, "ops"),
        ({"at": dt.datetime(2026, 1, 1)}, "at"), ({"why": "x" * 2001}, "why"), ({"undoes": new_id()}, "undoes"), ({"actor": "machine"}, "actor"),
    ]  # fmt: skip
    for change, field in cases:
        with pytest.raises(InvalidDelta) as found:
            MemoryStore().commit(sent.model_copy(update=change))
        assert found.value.field == field
    for check in (lambda d: apply(State.empty(new_id()), d), lambda d: admit(State.empty(new_id()), d, None)):
        with pytest.raises(InvalidDelta, match="another person"):
            check(sent)


def test_an_operation_is_called_what_it_does(graph: Graph, ads: str) -> None:
    up = set_op(graph.state, ads, "strength", 900)
    assert up.op == "strengthen"
    assert (
        refused(graph, up.model_copy(update={"op": "weaken"})).message == "op: this is called strengthen, not weaken."
    )
    new = creation_ops([Guard(id=new_id(), guards="own", value="me")], [])[0]
    assert refused(graph, new.model_copy(update={"op": "add"})).field == "op"


def _cases() -> list[tuple[str, Any, str]]:
    """(operation's name, how it is made from the state and the facet, the sentence)."""
    guard = Guard(id=new_id(), guards="author", value="Ida")
    lessons = Exception_(id=new_id(), text="free lessons", elements=(Element(role="subject", value="lessons"),))
    exemplar = Exemplar(id=new_id(), content_hash="0" * 64, excerpt="Last places!", caught=True)
    noise = Facet(id=new_id(), text="noise", elements=(Element(role="subject", value="noise"),))
    until = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)

    def intent(state: State) -> Link:
        return next(x for x in state.links if x.kind == "REFINES")

    return [
        ("add", lambda s, f: creation_ops([noise], []), "hide items in which “noise” is found"),
        ("reword", lambda s, f: [set_op(s, f, "text", "tutoring scares")], "“tutoring ads” now reads “tutoring scares”"),
        ("reword", lambda s, f: [set_op(s, f, "action", "blur")], "“tutoring ads”: what it catches is now covered instead of hidden"),
        ("strengthen", lambda s, f: [set_op(s, f, "strength", 800)], "hide tutoring ads: stronger than before (500 → 800)"),
        ("weaken", lambda s, f: [set_op(s, f, "strength", 100)], "hide tutoring ads: weaker than before (500 → 100)"),
        ("scope", lambda s, f: scope_ops(s, f, services=("youtube",)), "hide tutoring ads: now only on YouTube"),
        (
            "scope",
            lambda s, f: scope_ops(s, f, folders=("News", "Sport", "Art"), hours=(480, 1080), until=until),
            "hide tutoring ads: now only in News, Sport and Art, between 08:00 and 18:00, until Monday, 1 June 2026, 22:00",
        ),
        (
            "except",
            lambda s, f: creation_ops([lessons], [Link(kind="EXCEPTS", source=lessons.id, target=f)]),
            "except where it is about “free lessons” (for “tutoring ads”)",
        ),
        ("guard", lambda s, f: creation_ops([guard], []), "never hide the author “Ida”"),
        ("pause", lambda s, f: [set_op(s, f, "status", "paused")], "paused “tutoring ads”"),
        ("retire", retire_ops, "removed “tutoring ads”"),
        ("unlink", lambda s, f: [unlink_op(intent(s))], "“tutoring ads” is no longer part of “no tutoring ads”"),
        (
            "remember",
            lambda s, f: remember_op(exemplar, Link(kind="REMEMBERS", source=f, target=exemplar.id)),
            "remembered “Last places!” as caught rightly (for “tutoring ads”)",
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "make", "said"), _cases(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_operation_has_a_sentence_an_inverse_and_a_redo(
    graph: Graph, ads: str, name: str, make: Any, said: str
) -> None:
    before = graph.state.hash
    done = graph.change(*make(graph.state, ads))
    assert done.ops[0].op == name
    assert graph.said(done) == said
    after = graph.state.hash
    assert after != before
    undone = graph.undo(done)
    assert graph.state.hash == before
    assert graph.said(undone).startswith("took a change back: ")
    graph.undo(undone)
    assert graph.state.hash == after
    graph.store.verify(PERSON)


def test_operations_that_bring_back(graph: Graph, ads: str) -> None:
    graph.change(set_op(graph.state, ads, "status", "paused"))
    resumed = graph.change(set_op(graph.state, ads, "status", "active"))
    graph.change(*retire_ops(graph.state, ads))
    restored = graph.change(set_op(graph.state, ads, "status", "active"))
    exemplar = Exemplar(id=new_id(), content_hash="0" * 64, excerpt="Last places!", caught=False)
    graph.change(*remember_op(exemplar, Link(kind="REMEMBERS", source=ads, target=exemplar.id)))
    forgotten = graph.change(forget_op(graph.state, exemplar.id))
    again = graph.undo(forgotten)
    names = [done.ops[0].op for done in (resumed, restored, forgotten, again)]
    assert names == ["resume", "restore", "forget", "remember"]
    assert [graph.said(done) for done in (resumed, restored, forgotten)] == [
        "resumed “tutoring ads”", "brought back “tutoring ads”", "forgot the item “Last places!”",
    ]  # fmt: skip
    with pytest.raises(InvalidDelta, match="only an exemplar"):
        forget_op(graph.state, ads)


def test_a_scope_that_a_wish_has_alone_is_changed_and_a_shared_one_is_not(graph: Graph, ads: str) -> None:
    graph.change(*scope_ops(graph.state, ads, services=("youtube",)))
    done = graph.change(*scope_ops(graph.state, ads, services=()))
    assert graph.said(done) == "hide tutoring ads: now on every service"
    (scope,) = graph.state.targets("SCOPED_TO", ads)
    (intent,) = graph.state.targets("REFINES", ads)
    shared = graph.change(*_linked("SCOPED_TO", intent.id, scope.id))
    assert graph.said(shared) == "no tutoring ads: now everywhere"
    graph.change(*scope_ops(graph.state, ads, languages=("de",)))
    assert len(list(graph.state.targets("SCOPED_TO", ads))) == 2


def test_older_schemas_are_read_for_ever_and_newer_ones_are_refused() -> None:
    new = payload_of(delta(PERSON, 0, wish()[2]))
    assert f'"schema":{SCHEMA}' in new
    old = new.replace(f'"schema":{SCHEMA}', '"schema_version":1').replace('"erased":[],', "")
    assert "erased" not in old
    assert delta_of(old) == delta_of(new)
    with pytest.raises(InvalidDelta, match="Update FeedGuard"):
        upcast({"schema": SCHEMA + 1})
    with pytest.raises(InvalidDelta, match="Update FeedGuard"):
        upcast({"schema": "two"})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda part: (
        st.lists(part, max_size=3) | st.dictionaries(st.text(st.characters(max_codepoint=127)), part, max_size=3)
    ),
)


@given(json_values)
def test_canonical_json_is_that_of_rfc_8785(value: Any) -> None:
    import rfc8785

    assert canonical(value).encode() == rfc8785.dumps(value)


def test_the_state_hash_is_the_reference_hash_after_any_step(graph: Graph, ads: str) -> None:
    entities, links = one_of_each_kind()
    steps = [creation_ops(entities, links), [set_op(graph.state, ads, "strength", 1)], retire_ops(graph.state, ads)]
    for ops in steps[:2]:
        graph.change(*ops)
        assert graph.state.hash == graph.state.reference_hash()
    graph.change(*retire_ops(graph.state, ads))
    assert graph.state.hash == graph.state.reference_hash()


def test_errors_say_whether_asking_again_helps() -> None:
    assert GraphError("x").permanent
    assert InvalidDelta("x").permanent
    assert Conflict("x").permanent
    assert not StoreUnavailable("x").permanent

"""What is decided at once is decided as the pipeline would; what may not be, is left to it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.at_once import decide_at_once
from agents.perceive import LexicalPerceiver
from agents.ports import Perceiver
from agents.types import Context, Item, Media, Outcome
from graph.snapshot import Snapshot
from graph.types import Guard, Scope, new_id
from tests.agents.build import NOW, item, judged, rule, snapshot, wish

WISHES = (wish("no spiders"), wish("no ads"), rule("word", "bath"), rule("author", "Ida"), rule("length", "<3"))
SCOPED = rule("word", "bread", scopes=(Scope(id=new_id(), services=("reddit",)),))


def at_once(one: Item, snap: Snapshot, perceiver: Perceiver | None = None) -> Outcome | None:
    return decide_at_once(one, snap, Context(now=NOW), perceiver)


def bare(outcome: Outcome) -> Outcome:
    return outcome.model_copy(update={"models": {}})


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["spider", "in", "the", "bath", "buy", "now", "bread", "garden", "Ida"]), max_size=6),
    st.lists(st.sampled_from([*WISHES, SCOPED]), unique_by=lambda w: w.id, max_size=4),
    st.sampled_from(["", "Ida", "Alice"]),
)
def test_both_ways_give_the_same_outcome(words: list[str], wishes: list, author: str) -> None:
    one, snap = item(" ".join(words), author=author), snapshot(*wishes, guards=(GUARD,))
    for perceiver in (None, LexicalPerceiver()):
        found = at_once(one, snap, perceiver)
        if found is not None:
            assert bare(found) == bare(judged(one, snap))


GUARD = Guard(id=new_id(), guards="author", value="alice")


def test_a_text_without_any_word_of_a_wish_is_shown() -> None:
    found = at_once(item("Bread for the week"), snapshot(wish("no spiders")))
    assert found is not None
    assert found.action == "show"
    assert [left.why for left in found.left_out] == ["Nothing of “spiders” occurs."]


def test_a_text_with_a_word_of_a_wish_is_left_to_the_judge() -> None:
    assert at_once(item("A spider in the bath"), snapshot(wish("no spiders"))) is None


def test_a_wish_without_words_of_its_own_hangs_on_facts() -> None:
    bread, ad = item("Bread for the week"), item("Book now, half price until Sunday")
    assert at_once(bread, snapshot(wish("no ads"))) is None
    assert at_once(ad, snapshot(wish("no ads")), LexicalPerceiver()) is None
    found = at_once(bread, snapshot(wish("no ads")), LexicalPerceiver())
    assert found is not None
    assert found.action == "show"


def test_a_rule_hides_with_its_match_as_evidence() -> None:
    found = at_once(item("Bread for the week"), snapshot(rule("word", "bread")))
    assert found is not None
    assert (found.action, [e.quote for e in found.evidence]) == ("hide", ["Bread"])


def test_what_may_stand_in_a_picture_is_not_ruled_out_by_the_text() -> None:
    one = item("Bread for the week", media=(Media(kind="image", alt=""),))
    assert at_once(one, snapshot(wish("no spiders"))) is None
    assert at_once(one, snapshot(rule("word", "spider"))) is not None

"""What a person types later changes the wish that it speaks of, by as little as it says, or is refused or asked about."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import ParseRefused
from agents.parse import Understood, understand
from graph.deltas import Delta, Op, apply, creation_ops
from graph.state import State
from graph.types import Exception_, Facet, Intent, Rule, Scope, new_id
from graph.wording import lines

NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)  # a Tuesday
WISHES = ("no lottery ads", "no posts about dogs", "no crypto promotions, except warnings about scams")


class Alice:
    """A person's graph, changed by what she says."""

    def __init__(self, *wishes: str) -> None:
        self.state, self.seq = State.empty(new_id()), 0
        for wish in wishes:
            self.takes(self.says(wish))

    def says(self, sentence: str) -> Understood:
        return understand(self.state, sentence, now=NOW, time_zone="Europe/Berlin", sources=["Kitchen Table"])

    def takes(self, understood: Understood) -> None:
        self.state = apply(self.state, self._delta(understood.ops))
        self.seq += 1

    def _delta(self, ops: tuple[Op, ...]) -> Delta:
        return Delta(id=new_id(), person=self.state.person, base=self.seq, ops=ops, at=NOW)

    def does(self, sentence: str) -> list[str]:
        """What a sentence does, in words, once it is accepted."""
        understood = self.says(sentence)
        before = self.state
        self.takes(understood)
        touched = {op.target for op in understood.ops}
        assert all(self.state.entities[k] == e for k, e in before.entities.items() if k not in touched)
        return lines(understood.ops, self.state, "Europe/Berlin")


@pytest.mark.parametrize(
    ("sentence", "hidden", "spared"),
    [
        ("no football, but cricket is fine", "football", "cricket"),
        ("no football, cricket is fine", "football", "cricket"),
        ("no football. Cricket is fine", "football", "Cricket"),
        ("football, but cricket can stay", "football", "cricket"),
        ("no golf. Minigolf doesn't bother me", "golf", "Minigolf"),
        ("no golf. I don't mind minigolf", "golf", "minigolf"),
        ("no clowns. Actually puppets are fine after all", "clowns", "puppets"),
    ],
)
def test_a_wish_that_says_what_is_fine_is_a_new_one_and_changes_no_other(
    sentence: str, hidden: str, spared: str
) -> None:
    assert Alice(*WISHES).does(sentence) == [
        f"Hide items in which “{hidden}” is found.",
        f"Except where it is about “{spared}”.",
    ]


@pytest.mark.parametrize(
    ("sentence", "done"),
    [
        ("podcasts about it are fine though", ["Except where it is about “podcasts” (for “no crypto promotions, except warnings about scams”)."]),
        ("charity lotteries are okay", ["Except where it is about “charity lotteries” (for “no lottery ads”)."]),
        ("don't hide guide dogs", ["Except where it is about “guide dogs” (for “no posts about dogs”)."]),
        ("let guide dogs through", ["Except where it is about “guide dogs” (for “no posts about dogs”)."]),
        ("actually only the sponsored dog posts", ["Hide dogs: only where “sponsored” is found too."]),
        ("forget what I said about dogs", ["Remove “no posts about dogs”."]),
        ("never mind the lotteries", ["Remove “no lottery ads”."]),
        ("dogs are fine again", ["Remove “no posts about dogs”."]),
        ("stop hiding dogs", ["Remove “no posts about dogs”."]),
        ("I changed my mind about dogs, they're fine", ["Remove “no posts about dogs”."]),
        ("the lottery one only until Friday", ["No lottery ads: now only until the end of Friday, 27 November 2026."]),
        ("keep the crypto one for two weeks", ["No crypto promotions, except warnings about scams: now only until the end of Tuesday, 8 December 2026."]),
        ("the dog one only in the evening", ["No posts about dogs: now only between 18:00 and 23:00."]),
        ("no posts about dogs until Friday", ["No posts about dogs: now only until the end of Friday, 27 November 2026."]),
        ("blur instead of hiding the crypto ones", ["“crypto promotions”: what it catches is now covered instead of hidden."]),
        ("just mark the dog ones", ["“dogs”: what it catches is now marked instead of hidden."]),
        ("blur them instead", ["“crypto promotions”: what it catches is now covered instead of hidden."]),
        ("blur dogs", ["“dogs”: what it catches is now covered instead of hidden."]),
        ("only after nine in the evening, my kids sleep then", ["No crypto promotions, except warnings about scams: now only between 21:00 and 00:00."]),
        ("only from Quarry Post", ["No crypto promotions, except warnings about scams: now only from Quarry Post."]),
        ("dogs can come back, I miss them", ["Remove “no posts about dogs”."]),
        ("you can put the dogs back", ["Remove “no posts about dogs”."]),
        ("unless it's a rescue dog, that's different", ["Except where it is about “a rescue dog” (for “no posts about dogs”)."]),
        ("pause the dog wish", ["Pause “no posts about dogs”."]),
        ("warnings about scams are not fine any more", ["Remove the exception “warnings about scams”."]),
    ],
)  # fmt: skip
def test_later_words_make_the_smallest_change_of_the_wish_they_name(sentence: str, done: list[str]) -> None:
    alice = Alice(*WISHES)
    assert alice.says(sentence).question is None
    assert alice.does(sentence) == done


@pytest.mark.parametrize(
    ("sentence", "done"),
    [
        ("only the lottery ones", ["Remove “casinos”."]),
        ("forget the casino one", ["Remove “casinos”."]),
        ("blur the casino ones", ["“casinos”: what it catches is now covered instead of hidden."]),
        ("charity lotteries are fine", ["Except where it is about “charity lotteries” (for “lotteries”)."]),
        ("only when they scare people", ["Hide casinos: only where “scare” is found too.", "Hide lotteries: only where “scare” is found too."]),
    ],
)  # fmt: skip
def test_one_facet_of_several_is_changed_alone(sentence: str, done: list[str]) -> None:
    assert Alice("no posts about casinos or lotteries").does(sentence) == done


def test_a_narrowing_by_alternatives_makes_a_facet_of_each() -> None:
    alice = Alice("no lotteries")
    alice.does("actually only the sponsored or political ones")
    facets = [e for e in alice.state.entities.values() if isinstance(e, Facet)]
    assert sorted([e.value for e in f.elements] for f in facets) == [
        ["lotteries", "political"],
        ["lotteries", "sponsored"],
    ]


def test_a_limit_that_is_there_is_set_anew_and_no_second_one_is_made() -> None:
    alice = Alice("no spiders this week")
    alice.does("only until Friday")
    alice.does("only on YouTube")
    scopes = [e for e in alice.state.entities.values() if isinstance(e, Scope)]
    assert [(s.services, s.until and s.until.day) for s in scopes] == [(("youtube",), 27)]


@pytest.mark.parametrize("sentence", ["free lessons are fine", "podcasts are fine"])
def test_where_two_wishes_fit_the_person_is_asked_which(sentence: str) -> None:
    alice = Alice(*WISHES)
    question = alice.says(sentence).question
    assert question is not None
    assert [choice.label for choice in question.choices] == [f"“{text}”" for text in reversed(WISHES)]
    assert alice.says(sentence).ops[0].field == question.choices[0].reading.ops[0].field
    alice.takes(question.choices[1].reading)
    exception = next(
        e for e in alice.state.entities.values() if isinstance(e, Exception_) and e.text != "warnings about scams"
    )
    held = next(x.target for x in alice.state.links if x.source == exception.id)
    assert alice.state.entities[held].text == "no posts about dogs"  # type: ignore[union-attr]


def test_two_wishes_that_share_the_word_are_both_offered() -> None:
    question = Alice("no dog food", "no dog shows").says("forget what I said about dogs").question
    assert question is not None
    assert {choice.label for choice in question.choices} == {"“no dog food”", "“no dog shows”"}


def test_the_same_wish_with_a_place_is_asked_about() -> None:
    alice = Alice(*WISHES)
    question = alice.says("no posts about dogs on Reddit").question
    assert question is not None
    assert [c.label for c in question.choices] == ["yes, only there", "no, as a wish of its own"]
    alice.takes(question.choices[0].reading)
    assert alice.says("no posts about dogs on YouTube").question is None
    assert "Hide items in which “dogs” is found." in alice.does("no posts about dogs on YouTube")


def test_a_wish_against_an_earlier_one_asks_whether_it_takes_its_place() -> None:
    alice = Alice(*WISHES)
    question = alice.says("show me more about dogs").question
    assert question is not None
    assert len(question.choices) == 3
    alice.takes(question.choices[0].reading)
    alive = [e.text for e in alice.state.entities.values() if isinstance(e, Intent) and e.status == "active"]
    assert "no posts about dogs" not in alive
    assert "show me more about dogs" in alive


@pytest.mark.parametrize(
    "sentence",
    [
        "forget what I said about cats", "I changed my mind about parrots", "no posts about dogs",
        "hide the crypto ones completely", "resume it",
    ],
)  # fmt: skip
def test_what_fits_no_wish_or_changes_nothing_is_refused(sentence: str) -> None:
    alice = Alice("no lottery ads", "no posts about dogs", "no crypto promotions")
    with pytest.raises(ParseRefused) as refused:
        alice.says(sentence)
    assert refused.value.field == "sentence"


@pytest.mark.parametrize(
    "sentence",
    ["no ads for casinos or bingo", "cancel culture", "keep away clickbait", "also hide cats", "less football", "mark rumours", "just no golf"],
)  # fmt: skip
def test_a_new_wish_stays_a_new_wish(sentence: str) -> None:
    alice = Alice(*WISHES)
    ops = alice.says(sentence).ops
    assert any(op.field == "" and op.after["kind"] == "intent" for op in ops)
    assert all(op.field in {"", "link"} for op in ops)


def test_days_of_the_week_cannot_be_a_limit_and_are_not_taken_for_words() -> None:
    with pytest.raises(ParseRefused, match="Days of the week"):
        Alice(*WISHES).says("only at weekends")


def test_a_rule_has_no_exceptions_and_says_so() -> None:
    alice = Alice()
    rule = Facet(id=new_id(), text="the word spider", rule=Rule(kind="word", value="spider"))
    alice.takes(Understood(ops=tuple(creation_ops([rule], [])), about=()))
    with pytest.raises(ParseRefused, match="exact rule"):
        alice.says("toy spiders are fine")
    assert alice.does("forget the spider rule") == ["Remove “the word spider”."]


def test_saying_that_an_exception_ends_is_noted_because_it_does_not() -> None:
    assert "does not end by itself" in Alice("no spiders").says("toy spiders are fine until Friday").notes[0]


@given(st.text(max_size=200))
def test_any_later_text_is_understood_or_refused(sentence: str) -> None:
    alice = Alice("no spiders", "no ads for casinos or lotteries, but charity is fine")
    try:
        understood = alice.says(sentence)
    except ParseRefused:
        return
    alice.takes(understood)
    for choice in understood.question.choices if understood.question else ():
        assert choice.reading.ops

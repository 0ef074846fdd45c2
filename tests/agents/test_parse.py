"""What people say becomes the wish that they meant, or one clear refusal."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import ParseRefused, RuleRefused
from agents.parse import ParsedWish, parse
from agents.parse.days import last_day
from agents.parse.rules import check_rule

NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)  # a Tuesday


def said(sentence: str) -> ParsedWish:
    return parse(sentence, now=NOW, time_zone="Europe/Berlin", sources=["Kitchen Table"], folders=["News"])


def stated(parsed: ParsedWish) -> list[list[str]]:
    return [[e.value for e in facet.elements if e.stated] for facet in parsed.facets]


@pytest.mark.parametrize(
    ("sentence", "facets", "exceptions"),
    [
        ("no ads that scare parents into tutoring, but free lessons are fine", [["ads", "scare", "parents", "tutoring"]], ["free lessons"]),
        ("I don't want to see spiders or snakes", [["spiders"], ["snakes"]], []),
        ("please hide ads for casinos or sports betting", [["ads", "casinos"], ["ads", "sports betting"]], []),
        ("less ads for casinos and lotteries", [["ads", "casinos"], ["ads", "lotteries"]], []),
        ("I'm sick of crypto promotion because it makes me anxious, but warnings about scams are fine", [["crypto", "promotion"]], ["warnings about scams"]),
        ("hide spoilers for The Long Harbour, except reviews without spoilers", [["spoilers", "Long Harbour"]], ["reviews without spoilers"]),
        ("no miracle diets, unless it's a doctor explaining", [["miracle diets"]], ["a doctor explaining"]),
        ("Stop showing me celebrity gossip. Music news is fine.", [["celebrity", "gossip"]], ["Music news"]),
        ("enough with election polls; local results can stay", [["election polls"]], ["local results"]),
        ("mute football but keep the women's league", [["football"]], ["the women's league"]),
        ("no more unboxing videos apart from board games", [["unboxing videos"]], ["board games"]),
        ("spare me hustle culture", [["hustle culture"]], []),
        ("no pictures of needles", [["needles"]], []),
        ("I never want to see before and after photos", [["before and after", "photos"]], []),
        ("don't show me spoilers and rumours about the derby", [["spoilers", "derby"], ["rumours", "derby"]], []),
        ("nothing about war", [["war"]], []),
        ("ads for garden gnomes, hide", [["ads", "garden gnomes"]], []),
        ("Mute the regatta and mute the derby.", [["regatta"], ["derby"]], []),
        ("add aliens", [["aliens"]], []),
        ("snakes, rubber ones are fine", [["snakes"]], ["rubber ones"]),
        ("no spiders. they scare me", [["spiders"]], []),
        ("I hate spiders. My son has nightmares. Toys are fine", [["spiders"]], ["Toys"]),
        ("Mute the regatta. Mute the derby.", [["regatta"], ["derby"]], []),
        ("needles, I faint every time", [["needles"]], []),
        ("I can't stand gossip. No more election polls!", [["gossip"], ["election polls"]], []),
        ("spoilers for Dr. Calloway", [["spoilers", "Dr. Calloway"]], []),
        ("no election stuff, our MP is fine", [["election"]], ["our MP"]),
        ("no dogs, cats are fine, and no birds", [["dogs"], ["cats", "fine"], ["birds"]], []),
        ("adverts claiming that sugar is fine", [["adverts", "claiming", "sugar", "fine"]], []),
        ("Marlow! spoilers", [["Marlow", "spoilers"]], []),
        ("nothing about my hometown, my old job, my ex", [["hometown"], ["old job"], ["ex"]], []),
        ("anything about Jake. My ex's new girlfriend too", [["Jake"], ["ex's new girlfriend"]], []),
        ("no football. I don't like golf either", [["football"], ["golf either"]], []),
        ("no toy ads, My Little Pony", [["toy", "ads"], ["Little Pony"]], []),
        ("people who go out for a bit of fun", [["go", "bit", "fun"]], []),
        ("Ads for pet food. Recalls I do want to get", [["Ads", "pet food"]], ["Recalls"]),
        ("spiders. Cartoons don't bother me", [["spiders"]], ["Cartoons"]),
        ("no celebrity rumours. If they tell it themselves, that's different", [["celebrity", "rumours"]], ["they tell it themselves"]),
        ("loan ads!! Debt counselling is another matter", [["loan", "ads"]], ["Debt counselling"]),
        ("gossip. What the stars say themselves may stay", [["gossip"]], ["What the stars say themselves"]),
        ("car ads. If a neighbour sells theirs, leave it in", [["car", "ads"]], ["a neighbour sells theirs"]),
    ],
)  # fmt: skip
def test_elements_and_exceptions(sentence: str, facets: list[list[str]], exceptions: list[str]) -> None:
    parsed = said(sentence)
    found = stated(parsed)
    assert [[w for w in f if w not in {"pictures", "photos"}] for f in found] == [
        [w for w in f if w not in {"pictures", "photos"}] for f in facets
    ]
    assert [e.text for _, e in parsed.exceptions] == exceptions


@pytest.mark.parametrize(
    "sentence",
    [
        "diet tips. Keep them away from me", "war. I'd like one evening without it",
        "posts about divorce. It is another matter", "left, right, doesn't matter", "no gore, human remains", "no ads. Leave politics out",
        "no vaping ads. Posts saying vaping is harmless", "climate denial, pieces saying CO2 doesn't matter", "spoilers. Books I want to read",
        "no war. Keep all news about the royals away", "no gambling. I'd like less sport as well", "no bullying, kids being excluded",
        "no baby stuff. Last thing I need", "no spiders, wherever they may appear", "no war. Keep my feed free of politics",
    ],
)  # fmt: skip
def test_what_only_sounds_like_an_exception_is_none(sentence: str) -> None:
    assert said(sentence).exceptions == ()


@pytest.mark.parametrize(
    ("sentence", "local"),
    [
        ("no spiders this month", "2026-12-01T00:00"),
        ("no spiders, only this week", "2026-11-30T00:00"),
        ("no spiders today", "2026-11-25T00:00"),
        ("no spiders until Friday", "2026-11-28T00:00"),
        ("no spiders until 3 December", "2026-12-04T00:00"),
        ("no spiders for two weeks", "2026-12-09T00:00"),
        ("no spiders for the next 3 days", "2026-11-28T00:00"),
        ("no spiders, but toys are fine; only this month", "2026-12-01T00:00"),
        ("no spiders until the 9th", "2026-12-10T00:00"),
        ("no spiders until the 24th", "2026-11-25T00:00"),
        ("no spiders till New Year", "2027-01-01T00:00"),
        ("no spiders until Christmas", "2026-12-26T00:00"),
        ("no spiders until the end of the month", "2026-12-01T00:00"),
        ("no spiders until end of January", "2027-02-01T00:00"),
        ("no spiders until February", "2027-02-01T00:00"),
        ("no spiders until the end of 2031", "2032-01-01T00:00"),
    ],
)
def test_time_limits_end_with_the_persons_day(sentence: str, local: str) -> None:
    parsed = said(sentence)
    assert parsed.scope is not None
    assert parsed.scope.until is not None
    until = parsed.scope.until.astimezone(dt.timezone(dt.timedelta(hours=1)))
    assert until.strftime("%Y-%m-%dT%H:%M") == local
    assert stated(parsed) == [["spiders"]]


@pytest.mark.parametrize(
    ("sentence", "limit"),
    [
        ("no spiders until I've moved out", "until I've moved out"),
        ("no spiders, till Lent is over", "till Lent is over"),
        ("no spiders for a while", "for a while"),
        ("no spiders until spring", "until spring"),
    ],
)
def test_a_limit_without_a_day_is_no_part_of_the_wish_and_is_told(sentence: str, limit: str) -> None:
    parsed = said(sentence)
    assert stated(parsed) == [["spiders"]]
    assert parsed.scope is None
    assert [note for note in parsed.notes if f"“{limit}”" in note and "until you take it back" in note]


@given(
    st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)),
    st.sampled_from(["the 31st", "29th", "May", "end of February", "easter"]),
)
def test_a_day_that_is_named_in_part_is_the_next_one(today: dt.date, words: str) -> None:
    day = last_day(words, today)
    assert day is not None
    assert today <= day <= today + dt.timedelta(days=420)
    assert last_day("the 32nd", today) is None


def test_places_and_hours() -> None:
    assert said("no spiders on YouTube").scope.services == ("youtube",)  # type: ignore[union-attr]
    assert said("no spiders from Kitchen Table").scope.sources == ("Kitchen Table",)  # type: ignore[union-attr]
    assert said("no spiders in News").scope.folders == ("News",)  # type: ignore[union-attr]
    assert said("no politics in the evening").scope.hours == (1080, 1380)  # type: ignore[union-attr]
    assert said("no politics after 9pm").scope.hours == (1260, 0)  # type: ignore[union-attr]
    assert said("no politics from 9 pm on").scope.hours == (1260, 0)  # type: ignore[union-attr]
    assert said("no politics in the evening after eight").scope.hours == (1200, 0)  # type: ignore[union-attr]
    assert said("no politics between nine and 17:30").scope.hours == (540, 1050)  # type: ignore[union-attr]
    assert said("no spiders").scope is None


@pytest.mark.parametrize(
    ("sentence", "action", "polarity"),
    [
        ("blur spiders", "blur", "avoid"),
        ("label crypto", "label", "avoid"),
        ("warn me about needles", "label", "avoid"),
        ("hide spiders", "hide", "avoid"),
        ("no spiders, just blur them", "blur", "avoid"),
        ("don't let me miss free concerts", "star", "welcome"),
    ],
)
def test_actions(sentence: str, action: str, polarity: str) -> None:
    facet = said(sentence).facets[0]
    assert (facet.action, facet.polarity) == (action, polarity)


@pytest.mark.parametrize(
    ("sentence", "choices"),
    [
        ("I love spiders", [("star", ["spiders"]), ("hide", ["spiders"])]),
        ("gambling", [("hide", ["gambling"]), ("hide", ["ads", "gambling"])]),
        ("no gambling", [("hide", ["gambling"]), ("hide", ["ads", "gambling"])]),
    ],
)
def test_two_readings_are_one_question_with_full_readings(sentence: str, choices: list[tuple[str, list[str]]]) -> None:
    parsed = said(sentence)
    assert parsed.question is not None
    readings = [choice.reading for choice in parsed.question.choices]
    assert [(r.facets[0].action, stated(r)[0]) for r in readings] == choices
    assert stated(parsed) == stated(readings[0])
    assert all(reading.question is None and reading.ops for reading in readings)


@pytest.mark.parametrize(
    ("sentence", "ends"),
    [
        ("no spiders until 3/4", ["2027-04-04", "2027-03-05"]),
        ("no spiders until Tuesday", ["2026-12-02", "2026-11-25"]),
        ("no spiders until 20 November", ["2027-11-21", None]),
    ],
)
def test_a_date_with_two_readings_is_asked_about(sentence: str, ends: list[str | None]) -> None:
    question = said(sentence).question
    assert question is not None
    scopes = [choice.reading.scope for choice in question.choices]
    local = [s.until.astimezone(dt.timezone(dt.timedelta(hours=2))) if s and s.until else None for s in scopes]
    assert [f"{day:%Y-%m-%d}" if day else None for day in local] == ends


def test_an_exception_that_points_back_at_several_facets_is_asked_about() -> None:
    question = said("no ads for casinos or lotteries, but the free ones are fine").question
    assert question is not None
    held = [
        [holder == choice.reading.intent.id for holder, _ in choice.reading.exceptions] for choice in question.choices
    ]
    assert held == [[True], [False], [False]]
    named = said("no ads for casinos or lotteries, but charity lotteries are fine")
    assert named.question is None
    assert named.exceptions[0][0] == named.facets[1].id


@pytest.mark.parametrize(
    "sentence",
    [
        "no spiders", "nothing about gambling", "any mention of casinos", "no crypto promotions", "no gambling ads", "blur dogs",
        "no spiders until Friday", "no spiders until 3 December", "no spiders until 24/12", "don't let me miss free concerts",
        "I want to see more jazz", "no casinos or lotteries, but free lessons are fine", "no gambling, but news about it is fine",
    ],
)  # fmt: skip
def test_what_is_clear_is_not_asked_about(sentence: str) -> None:
    assert said(sentence).question is None


@pytest.mark.parametrize("sentence", ["", "   ", "x" * 2001, "free lessons are fine", "no", "but", "?!", "the of and"])
def test_what_names_nothing_is_refused_with_its_field(sentence: str) -> None:
    with pytest.raises(ParseRefused) as refused:
        said(sentence)
    assert refused.value.field == "sentence"


@pytest.mark.parametrize(
    "sentence", ["no " + "x" * 400, "no " + "tedious " * 60, "spiders, but " + "toy" * 150 + " are fine"]
)
def test_a_thing_too_long_to_look_for_is_refused_with_its_length(sentence: str) -> None:
    with pytest.raises(ParseRefused, match="characters; 300 is the most") as refused:
        said(sentence)
    assert refused.value.field == "sentence"


@given(st.text(max_size=2000))
def test_any_text_is_parsed_or_refused(sentence: str) -> None:
    try:
        parsed = said(sentence)
    except ParseRefused:
        return
    assert all(any(e.stated for e in facet.elements) for facet in parsed.facets)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("regex", "(?<=a)b"), ("regex", "(a"), ("regex", r"(a)\1"), ("regex", ".*"), ("regex", "a" * 201), ("word", ""),
        ("word", "!!"), ("length", "30"), ("age", "old"), ("link_host", "not a host"), ("kind", "poem"),
        ("language", "german"),
    ],
)  # fmt: skip
def test_rules_that_cannot_be_are_refused_at_the_door(kind: str, value: str) -> None:
    with pytest.raises(RuleRefused) as refused:
        check_rule(kind, value)  # type: ignore[arg-type]
    assert refused.value.field == "value"


def test_rules_are_brought_into_one_form() -> None:
    assert check_rule("link_host", "https://www.Example.org/x").value == "example.org"
    assert check_rule("length", "> 30").value == ">30"
    assert check_rule("regex", r"\bgiveaways?\b").value == r"\bgiveaways?\b"

"""What is measured of a parser: it may word things otherwise, but loses nothing and invents nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import call_command

from agents.errors import ParseRefused
from agents.parse.reading import ParsedWish
from agents.parse.sentence import parse
from agents.training.corpus import CorpusElement, CorpusWish
from agents.training.parsing import Share, measure

NOW = dt.datetime(2026, 1, 15, 12, tzinfo=dt.UTC)


def wish(say: str, *elements: tuple[str, str], **more: object) -> CorpusWish:
    told = tuple(CorpusElement(role=role, value=value, stated=True) for role, value in elements)  # type: ignore[arg-type]
    return CorpusWish(id=say, family="pets", say=say, elements=told, **more)  # type: ignore[arg-type]


WISHES = [
    wish("no spiders, toys are fine", ("subject", "a spider"), exceptions=("toys",)),
    wish("ads for casinos until Friday", ("act", "ads"), ("subject", "casino"), scope="until=Friday"),
    wish("more about bread", ("subject", "bread"), polarity="welcome"),
]


def by_rule(say: str) -> ParsedWish:
    return parse(say, now=NOW, time_zone="UTC")


def test_what_is_read_as_the_hand_did_is_counted_as_found() -> None:
    found = measure(by_rule, WISHES)
    assert found.pop("words read that belong to an element") == Share(4, 4)
    assert {share.part - share.whole for share in found.values()} == {0}
    assert found["stated elements found by a word"] == Share(4, 4)
    assert found["exceptions found where there are some"] == Share(1, 1)
    assert found["limits read where there are some"] == Share(1, 1)


def test_another_sentence_finds_nothing_and_invents_what_it_says() -> None:
    found = measure(lambda say: by_rule("snakes until Monday, rubber ones are fine"), WISHES)
    assert found["avoided or welcomed, told rightly"] == Share(2, 3)
    assert found["stated elements found by a word"] == Share(0, 4)
    assert found["of those, with the same role"] == Share(0, 0)
    assert found["words read that belong to an element"] == Share(0, 3)
    assert found["wishes with a form of such words alone"] == Share(0, 3)
    assert found["exceptions read where there are some"] == Share(1, 3)
    assert found["limits read where there are some"] == Share(1, 3)


def test_a_wish_with_later_words_is_not_counted() -> None:
    assert (
        measure(by_rule, [wish("no spiders", ("subject", "spiders"), later=("toys too",))])["wishes read at all"].whole
        == 0
    )


def test_a_refused_wish_is_read_as_nothing() -> None:
    def refuse(say: str) -> ParsedWish:
        raise ParseRefused("no", field="sentence")

    found = measure(refuse, WISHES)
    assert found["wishes read at all"] == Share(0, 3)
    assert found["stated elements found by a word"] == Share(0, 4)
    assert found["exceptions found where there are some"] == Share(0, 1)


def test_the_command_prints_both(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("measure_parser")
    shown = capsys.readouterr().out
    assert "reworded" in shown.splitlines()[0]
    assert "exceptions found where there are some" in shown

"""What is made from the written corpus is marked, keeps its labels, and its spans stand in it verbatim."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from agents.training.augmentation import SPELLINGS, made_from
from agents.training.corpus import CorpusError, Rewording, read_corpus, read_rewordings
from tests.agents.training.build import ITEM, PAIR, STATEMENT, write


def test_a_span_is_rewritten_like_its_item_and_labels_carry_over() -> None:
    corpus = read_corpus()
    made = made_from(corpus, [])
    assert len(made.items) == len(corpus.items)
    for statement in made.statements:
        assert statement.span in made.items[statement.item].words
    for pair in made.pairs:
        assert all(span in made.items[pair.item].words for span in pair.because)
    labels = {(pair.wish, pair.item): pair.label for pair in corpus.pairs}
    assert all(labels[pair.wish, made.items[pair.item].made_from] == pair.label for pair in made.pairs)
    assert len(made.statements) > 0.9 * len(corpus.statements)
    assert len(made.pairs) > 0.9 * len(corpus.pairs)


def test_what_is_made_says_from_what_and_how_and_differs_from_it() -> None:
    corpus = read_corpus()
    made = made_from(corpus, [])
    ways = Counter(item.how for item in made.items.values())
    assert set(ways) == {"emoji", "untitled", *(f"spelt: {name}" for name in SPELLINGS)}
    assert not set(made.items) & set(corpus.items)
    for item in made.items.values():
        written = corpus.items[item.made_from]
        assert item.held_out == written.held_out
    alike = sum(item.words == corpus.items[item.made_from].words for item in made.items.values())
    assert alike < 0.02 * len(made.items)


def test_it_comes_out_the_same_every_time() -> None:
    corpus = read_corpus()
    assert made_from(corpus, []) == made_from(corpus, [])


def test_without_its_title_an_item_loses_what_the_title_showed(tmp_path: Path) -> None:
    items = [{**ITEM, "id": f"i{n}", "title": "A spider", "text": "sat there, 7 cm"} for n in range(40)]
    statements = [{**STATEMENT, "item": item["id"]} for item in items]
    pairs = [{**PAIR, "item": item["id"], "because": ["spider"]} for item in items]
    made = made_from(read_corpus(write(tmp_path, items=items, statements=statements, pairs=pairs)), [])
    untitled = {item.id for item in made.items.values() if item.how == "untitled"}
    assert untitled
    assert not any(statement.item in untitled for statement in made.statements)
    assert not any(pair.item in untitled for pair in made.pairs)
    assert any(pair.item not in untitled for pair in made.pairs)


def test_what_a_picture_shows_is_told_as_before_and_what_is_printed_in_it_is_respelt(tmp_path: Path) -> None:
    items = [
        {**ITEM, "id": f"i{n}", "printed": "A spider offer", "text": "", "shows": "Eight legs here"} for n in range(40)
    ]
    statements = [{**STATEMENT, "item": item["id"], "span": "legs here"} for item in items]
    pairs = [{**PAIR, "item": item["id"], "because": ["spider offer"]} for item in items]
    made = made_from(read_corpus(write(tmp_path, items=items, statements=statements, pairs=pairs)), [])
    assert len(made.statements) == len(made.pairs) == 40
    assert {item.shows for item in made.items.values()} == {"Eight legs here"}
    assert len({item.printed for item in made.items.values()}) > 3


def test_a_reworded_wish_keeps_its_parse_and_its_pairs(tmp_path: Path) -> None:
    corpus = read_corpus(write(tmp_path))
    made = made_from(corpus, [Rewording(wish="w1", say="spiders? spare me. toys ok")])
    wish = made.wishes["w1~reworded"]
    assert (wish.say, wish.made_from, wish.how) == ("spiders? spare me. toys ok", "w1", "reworded")
    assert wish.elements == corpus.wishes["w1"].elements
    assert [(pair.item, pair.label) for pair in made.pairs if pair.wish == wish.id] == [("i1", "hide")]


def test_the_rewordings_are_of_wishes_of_the_corpus_and_are_other_words() -> None:
    wishes = read_corpus().wishes
    rewordings = read_rewordings(wishes)
    assert len({rewording.say.lower() for rewording in rewordings}) == len(rewordings)
    said = {wish.say.strip().lower() for wish in wishes.values()}
    assert not any(rewording.say.strip().lower() in said for rewording in rewordings)


@pytest.mark.parametrize(
    ("line", "said"),
    [({"wish": "w9", "say": "x"}, "line 1, wish: there is no wish"), ({"wish": "w1", "say": ""}, "line 1, say")],
)
def test_a_bad_rewording_is_refused(tmp_path: Path, line: dict[str, str], said: str) -> None:
    corpus = read_corpus(write(tmp_path, rewordings=[line]))
    with pytest.raises(CorpusError, match=said):
        read_rewordings(corpus.wishes, tmp_path)

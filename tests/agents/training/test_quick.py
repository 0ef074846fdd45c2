"""Parts of the learning curve hold whole items, nothing twice, and nothing that is held out, made from it or not."""

from __future__ import annotations

from agents.training.augmentation import made_from
from agents.training.corpus import read_corpus, read_rewordings
from agents.training.quick import measured_on, parts_by_share


def test_each_part_adds_whole_items_and_the_last_is_everything_that_is_not_held_out() -> None:
    corpus = read_corpus()
    parts = parts_by_share(corpus, [25, 50, 100])
    items = [{example.item for example in part} for part in parts.values()]
    assert sum(map(len, items)) == len(set.union(*items))
    assert abs(len(items[0]) - len(items[1])) < 5
    learned = {item.words for item in corpus.items.values() if not item.held_out}
    assert set.union(*items) == learned
    asked = [example for name, examples in measured_on(corpus, []).items() for example in examples]
    assert not {example.item for example in asked} & learned


def test_what_was_made_goes_with_the_part_of_its_item_and_stays_out_with_it() -> None:
    corpus = read_corpus()
    made = made_from(corpus, read_rewordings(corpus.wishes))
    plain, more = parts_by_share(corpus, [25]), parts_by_share(corpus, [25], made)
    assert set(plain[25]) < set(more[25])
    assert len(more[25]) > 2 * len(plain[25])
    held_out = {item.words for item in corpus.items.values() if item.held_out}
    made_of_them = {item.words for item in made.items.values() if corpus.items[item.made_from].held_out}
    assert not {example.item for example in more[25]} & (held_out | made_of_them)

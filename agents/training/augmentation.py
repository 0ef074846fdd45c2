"""Augmentation: further examples made from the written ones by rule or by rewording, apart from them and marked.

An item is made again in a spelling that slips past a filter, with emoji for words, or without its title. Labels carry
over, and spans are rewritten like their item, so that they stand in it verbatim; what loses its span is left out. A
wish is made again in the words of a rewording. What is made says from what, and how.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.training.corpus import Corpus, CorpusItem, CorpusWish, Pair, Rewording, Statement, is_held_out

EMOJI: dict[str, str] = json.loads((Path(__file__).parent / "emoji.json").read_text(encoding="utf-8"))
WORD = re.compile(r"[^\W\d_]+")
RESPELT_SHARE = 20
"""Of a hundred different words of four letters and more in an item, about so many are spelt otherwise."""
DIGITS = str.maketrans("aeiosAEIOS", "4310543105")
LOOK_ALIKES = str.maketrans("aceopxyACEHKMOPTX", "асеорхуАСЕНКМОРТХ")
SPELLINGS: dict[str, Callable[[str], str]] = {
    "digits": lambda word: word.translate(DIGITS),
    "look-alikes": lambda word: word.translate(LOOK_ALIKES),
    "spaced": " ".join,
    "dotted": ".".join,
    "starred": lambda word: word[0] + "*" * (len(word) - 2) + word[-1],
    "zero-width": "\u200b".join,
    "drawn out": lambda word: word[:-1] + word[-1] * 3,
    "swapped": lambda word: word[0] + word[2] + word[1] + word[3:],
}


class MadeItem(CorpusItem):
    """An item made from a written one, with which it is held out."""

    made_from: str
    how: str

    @property
    def held_out(self) -> bool:
        return is_held_out(self.made_from)


class MadeWish(CorpusWish):
    """A wish made from a written one."""

    made_from: str
    how: str


@dataclass(frozen=True)
class Made:
    """What was made. Statements name made items; pairs name a made item under a written wish, or the reverse."""

    wishes: dict[str, MadeWish]
    items: dict[str, MadeItem]
    statements: tuple[Statement, ...]
    pairs: tuple[Pair, ...]

    def joined_to(self, corpus: Corpus) -> Corpus:
        """The written corpus and what was made from it."""
        return Corpus(
            {**corpus.wishes, **self.wishes},
            {**corpus.items, **self.items},
            corpus.statements + self.statements,
            corpus.pairs + self.pairs,
        )


def made_from(corpus: Corpus, rewordings: Iterable[Rewording]) -> Made:
    """Every item once, in the way that its id draws from those that fit it, and every rewording. The same every time."""
    wishes = {wish.id: wish for wish in reworded(corpus, rewordings)}
    items: dict[str, MadeItem] = {}
    statements: list[Statement] = []
    pairs: list[Pair] = []
    statements_of, pairs_of, pairs_under = _by_item_and_wish(corpus)
    for written in corpus.items.values():
        item, rewrite = _made_item(written)
        items[item.id] = item
        for statement in statements_of[written.id]:
            span = _carried(statement.span, rewrite, item)
            if span is not None:
                statements.append(statement.model_copy(update={"item": item.id, "span": span}))
        for pair in pairs_of[written.id]:
            because = [_carried(span, rewrite, item) for span in pair.because]
            if None not in because:
                pairs.append(pair.model_copy(update={"item": item.id, "because": tuple(because)}))
    for wish in wishes.values():
        pairs += [pair.model_copy(update={"wish": wish.id}) for pair in pairs_under[wish.made_from]]
    return Made(wishes, items, tuple(statements), tuple(pairs))


def reworded(corpus: Corpus, rewordings: Iterable[Rewording]) -> Iterator[MadeWish]:
    """The wishes in other words, with the parse of what they were made from."""
    for rewording in rewordings:
        told = {**corpus.wishes[rewording.wish].model_dump(), "id": f"{rewording.wish}~reworded", "say": rewording.say}
        yield MadeWish(**told, made_from=rewording.wish, how="reworded")


def _by_item_and_wish(
    corpus: Corpus,
) -> tuple[dict[str, list[Statement]], dict[str, list[Pair]], dict[str, list[Pair]]]:
    statements: dict[str, list[Statement]] = defaultdict(list)
    of, under = defaultdict[str, list[Pair]](list), defaultdict[str, list[Pair]](list)
    for statement in corpus.statements:
        statements[statement.item].append(statement)
    for pair in corpus.pairs:
        of[pair.item].append(pair)
        under[pair.wish].append(pair)
    return statements, of, under


def _made_item(item: CorpusItem) -> tuple[MadeItem, Callable[[str], str]]:
    """The item made again, and how a span of it is rewritten."""
    name = _drawn(item.id, sorted(SPELLINGS))
    ways: dict[str, Callable[[str], str]] = {
        f"spelt: {name}": lambda text: WORD.sub(lambda found: _respelt(found[0], SPELLINGS[name], item.id), text)
    }
    if _with_emoji(item.words) != item.words:
        ways["emoji"] = _with_emoji
    if item.title and (item.text or item.printed or item.shows):
        ways["untitled"] = lambda text: text
    how = _drawn(f"{item.id}, way", list(ways))
    rewrite = ways[how]
    title = "" if how == "untitled" else rewrite(item.title)
    told = {**item.model_dump(), "id": f"{item.id}~{how}", "title": title, "text": rewrite(item.text)}
    told["printed"] = rewrite(item.printed)
    return MadeItem(**told, made_from=item.id, how=how), rewrite


def _carried(span: str, rewrite: Callable[[str], str], item: MadeItem) -> str | None:
    """The span as it stands in the item made again; None where it does not."""
    return next((words for words in (rewrite(span), span) if words in item.words), None)


def _with_emoji(text: str) -> str:
    return WORD.sub(lambda found: EMOJI.get(found[0].lower(), found[0]), text)


def _respelt(word: str, spelling: Callable[[str], str], key: str) -> str:
    """The same word of the same item always comes out the same, so that spans go on to stand in the text."""
    chosen = len(word) >= 4 and _number(f"{key}, {word.lower()}") % 100 < RESPELT_SHARE
    return spelling(word) if chosen else word


def _drawn(key: str, choices: Sequence[str]) -> str:
    return choices[_number(key) % len(choices)]


def _number(key: str) -> int:
    return int(hashlib.sha256(key.encode()).hexdigest(), 16)

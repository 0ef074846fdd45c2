"""The corpus: wishes, items, statements about items, and labelled pairs of wish and item. Read strictly.

Four files of compressed JSON Lines lie in `data/` (see its README). A statement is about one item and holds or does
not; where it holds, a span of the item shows it. A pair says whether a wish hides an item, which of the wish's
elements fail where it does not, or which exception shields the item.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from graph.types import Role

DATA = Path(__file__).parent / "data"
HELD_OUT_SHARE = 10
"""One item in ten is held out of training, by a hash of its family and number."""
Act = Literal["sell", "promote", "boast", "provoke", "mock", "report", "teach", "warn", "help", "joke", "ask", "tell"]
Feeling = Literal["fear", "shame", "anger", "envy", "urgency", "disgust", "grief", "joy", "none"]
Form = Literal[
    "ad", "spoiler", "before-and-after", "giveaway", "rumour", "clickbait", "meme", "review", "conspiracy", "news",
    "story", "question", "list", "recipe", "event", "tutorial", "opinion", "announcement",
]  # fmt: skip
Stance = Literal["uses", "quotes", "criticises", "plays"]
Text = Annotated[str, Field(min_length=1)]


class CorpusError(Exception):
    """A line that cannot be used: the message names file, line and field."""


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CorpusElement(_Line):
    role: Role
    value: Text
    stated: bool


class CorpusWish(_Line):
    """What a person said, and perhaps later said about it, with its parse by hand: what holds in the end."""

    id: Text
    family: Text
    say: Text
    later: tuple[Text, ...] = ()
    elements: Annotated[tuple[CorpusElement, ...], Field(min_length=1)]
    exceptions: tuple[Text, ...] = ()
    scope: str = ""
    polarity: Literal["avoid", "welcome"] = "avoid"

    @property
    def said(self) -> str:
        """All that the person said, in order."""
        return " ".join((self.say, *self.later))


class Facts(_Line):
    """What can be perceived in an item, by hand."""

    act: tuple[Act, ...]
    feeling: tuple[Feeling, ...]
    form: tuple[Form, ...]
    stance: tuple[Stance, ...]
    subject: tuple[Text, ...]


class CorpusItem(_Line):
    """`printed` are the words in the item's picture, `shows` is what the picture shows, in plain words."""

    id: Text
    family: Text
    category: Text
    source: str
    author: str
    title: str
    text: str
    printed: str = ""
    shows: str = ""
    facts: Facts

    @property
    def words(self) -> str:
        """Title, text and picture, as a model reads them."""
        return "\n".join(part for part in (self.title, self.text, self.printed, self.shows) if part)

    @property
    def held_out(self) -> bool:
        return is_held_out(self.id)


class Rewording(_Line):
    """The same wish in other words; a part of the augmentation, not of the corpus."""

    wish: Text
    say: Text


class Statement(_Line):
    item: Text
    statement: Text
    holds: bool
    span: str = ""


class Pair(_Line):
    """`fails` counts the wish's elements, `exception` its exceptions, from 1. A `far` pair crosses families."""

    wish: Text
    item: Text
    label: Literal["hide", "show"]
    because: tuple[Text, ...] = ()
    fails: tuple[int, ...] = ()
    exception: int | None = None
    far: bool = False


@dataclass(frozen=True)
class Corpus:
    """Everything, wishes and items by id."""

    wishes: dict[str, CorpusWish]
    items: dict[str, CorpusItem]
    statements: tuple[Statement, ...]
    pairs: tuple[Pair, ...]


Line = TypeVar("Line", CorpusWish, CorpusItem, Statement, Pair, Rewording)


def is_held_out(item: str) -> bool:
    """Whether the item of this id is held out of training."""
    return int(hashlib.sha256(item.encode()).hexdigest(), 16) % HELD_OUT_SHARE == 0


def read_corpus(folder: Path = DATA) -> Corpus:
    """Read and check all four files. Raises CorpusError at the first line that cannot be used."""
    wishes = {wish.id: wish for _, wish in _unique(folder, "wishes", CorpusWish)}
    items = {item.id: item for _, item in _unique(folder, "items", CorpusItem)}
    statements = []
    for where, statement in _lines(folder, "statements", Statement):
        _check_statement(where, statement, items)
        statements.append(statement)
    pairs = []
    seen: set[tuple[str, str]] = set()
    for where, pair in _lines(folder, "pairs", Pair):
        _check_pair(where, pair, wishes, items)
        if (pair.wish, pair.item) in seen:
            raise CorpusError(f"{where}, wish: this pair stands there twice")
        seen.add((pair.wish, pair.item))
        pairs.append(pair)
    return Corpus(wishes, items, tuple(statements), tuple(pairs))


def read_rewordings(wishes: Mapping[str, CorpusWish], folder: Path = DATA) -> list[Rewording]:
    """Read and check the rewordings of these wishes. Raises CorpusError at the first line that cannot be used."""
    found = []
    for where, rewording in _lines(folder, "rewordings", Rewording):
        if rewording.wish not in wishes:
            raise CorpusError(f"{where}, wish: there is no wish {rewording.wish!r}")
        found.append(rewording)
    return found


def _lines(folder: Path, name: str, kind: type[Line]) -> Iterator[tuple[str, Line]]:
    path = folder / f"{name}.jsonl.gz"
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            raw = file.read().splitlines()
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: cannot be read ({error})") from None
    for number, line in enumerate(raw, start=1):
        where = f"{path}, line {number}"
        try:
            yield where, kind.model_validate(json.loads(line))
        except json.JSONDecodeError as error:
            raise CorpusError(f"{where}: not JSON ({error.msg})") from None
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            raise CorpusError(f"{where}, {field}: {first['msg']}") from None


def _unique(folder: Path, name: str, kind: type[Line]) -> Iterator[tuple[str, Line]]:
    seen: set[str] = set()
    for where, line in _lines(folder, name, kind):
        key = getattr(line, "id")  # noqa: B009 – wishes and items alone come here
        if key in seen:
            raise CorpusError(f"{where}, id: {key!r} stands there twice")
        seen.add(key)
        yield where, line


def _check_statement(where: str, statement: Statement, items: dict[str, CorpusItem]) -> None:
    item = items.get(statement.item)
    if item is None:
        raise CorpusError(f"{where}, item: there is no item {statement.item!r}")
    if statement.holds and not (statement.span and statement.span in item.words):
        raise CorpusError(f"{where}, span: {statement.span!r} does not stand in {statement.item}")
    if not statement.holds and statement.span:
        raise CorpusError(f"{where}, span: a statement that does not hold has none")


def _check_pair(where: str, pair: Pair, wishes: dict[str, CorpusWish], items: dict[str, CorpusItem]) -> None:
    wish, item = wishes.get(pair.wish), items.get(pair.item)
    if wish is None:
        raise CorpusError(f"{where}, wish: there is no wish {pair.wish!r}")
    if item is None:
        raise CorpusError(f"{where}, item: there is no item {pair.item!r}")
    for part in pair.because:
        if part not in item.words:
            raise CorpusError(f"{where}, because: {part!r} does not stand in {pair.item}")
    if pair.label == "hide" and (not pair.because or pair.fails or pair.exception is not None):
        raise CorpusError(f"{where}, label: a hide rests on words, and no element of it fails")
    if any(not 1 <= number <= len(wish.elements) for number in pair.fails):
        raise CorpusError(f"{where}, fails: {pair.wish} has {len(wish.elements)} elements")
    if pair.exception is not None and not 1 <= pair.exception <= len(wish.exceptions):
        raise CorpusError(f"{where}, exception: {pair.wish} has {len(wish.exceptions)} exceptions")
    if pair.label == "show" and not (pair.fails or pair.exception or pair.far):
        raise CorpusError(f"{where}, fails: a show names what fails, or the exception that shields")

"""What the pipeline needs from outside, and where stronger parts are put in place of the first ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Protocol

from agents.types import Fact, Item, Ruling
from graph.snapshot import Wish


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> dt.datetime:
        """The present instant, aware, in UTC."""
        ...


class Perceiver(Protocol):
    """Turns an item into facts. `version` is part of the key under which facts are stored."""

    version: str

    def perceive(self, item: Item) -> tuple[Fact, ...]: ...


class Judge(Protocol):
    """Rules on one wish and one item, element by element. `version` is part of the key of rulings."""

    version: str

    def judge(self, item: Item, facts: Sequence[Fact], wish: Wish) -> Ruling: ...

    def knows_language(self, language: str) -> bool:
        """Whether described wishes can be judged in this language (ISO 639-1; empty: not known)."""
        ...


class FactStore(Protocol):
    """Facts by content hash and perceiver version, shared by all people (see design: what is stored)."""

    def load(self, keys: Sequence[str], version: str) -> Mapping[str, tuple[Fact, ...]]: ...

    def save(self, facts: Mapping[str, tuple[Fact, ...]], version: str) -> None: ...


class RulingStore(Protocol):
    """Rulings by (content hash, wish hash) and judge version, kept without end."""

    def load(self, keys: Sequence[tuple[str, str]], version: str) -> Mapping[tuple[str, str], Ruling]: ...

    def save(self, rulings: Mapping[tuple[str, str], Ruling], version: str) -> None: ...

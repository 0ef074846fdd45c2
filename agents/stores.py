"""The pipeline's ports for facts and rulings in memory, for previews and evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agents.types import Fact, Ruling


class MemoryFacts:
    """FactStore in a dict."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], tuple[Fact, ...]] = {}

    def load(self, keys: Sequence[str], version: str) -> Mapping[str, tuple[Fact, ...]]:
        return {key: self._rows[key, version] for key in keys if (key, version) in self._rows}

    def save(self, facts: Mapping[str, tuple[Fact, ...]], version: str) -> None:
        self._rows.update({(key, version): found for key, found in facts.items()})


class MemoryRulings:
    """RulingStore in a dict."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, str], Ruling] = {}

    def load(self, keys: Sequence[tuple[str, str]], version: str) -> Mapping[tuple[str, str], Ruling]:
        return {key: self._rows[(*key, version)] for key in keys if (*key, version) in self._rows}

    def save(self, rulings: Mapping[tuple[str, str], Ruling], version: str) -> None:
        self._rows.update({(*key, version): ruling for key, ruling in rulings.items()})

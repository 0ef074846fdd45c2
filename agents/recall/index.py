"""An index of a snapshot's wishes by the stems and classes of their stated elements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from agents.lexicon import class_of
from agents.types import Fact, Item, LeftOut
from agents.words import content_words, tokens
from graph.snapshot import Snapshot, Wish

_FIELDS = ("title", "text", "alt", "author")


@dataclass(frozen=True)
class Index:
    """Rules are always recalled. A described wish is recalled when any stated word of it
    occurs, or, where it states no words, any class (act, feeling, form) of it."""

    wishes: tuple[Wish, ...]
    stems: tuple[frozenset[str], ...]
    classes: tuple[frozenset[tuple[str, str]], ...]

    def recall(self, item: Item, facts: Sequence[Fact]) -> tuple[list[Wish], list[LeftOut]]:
        """The wishes to be judged, and those left out with the reason."""
        present = {stem for field in _FIELDS for token in tokens(item.field(field)) for stem in token.stems}
        perceived = {(fact.kind, fact.value) for fact in facts}
        taken, left = [], []
        for wish, stems, classes in zip(self.wishes, self.stems, self.classes, strict=True):
            if wish.rule is not None or not stems.isdisjoint(present) or (not stems and classes & perceived):
                taken.append(wish)
            else:
                left.append(LeftOut(wish=wish.id, why=f"Nothing of “{wish.text}” occurs."))
        return taken, left

    def gate(self, item: Item, facts: Sequence[Fact] | None) -> tuple[list[Wish], list[LeftOut]] | None:
        """What `recall` would answer without a described wish: the rules, and the wishes left out.

        None where a described wish could concern the item: it would be recalled, or it hangs on facts and these
        are not known (`facts` is None), or there is a picture, in which any wish could be met.
        """
        described = any(wish.rule is None for wish in self.wishes)
        if described and any(media.kind == "image" for media in item.media):
            return None
        if facts is None and not all(self.stems[i] for i, wish in enumerate(self.wishes) if wish.rule is None):
            return None
        taken, left = self.recall(item, facts or ()) if described else (list(self.wishes), [])
        return None if any(wish.rule is None for wish in taken) else (taken, left)


@lru_cache(maxsize=256)
def _compile(snapshot_hash: str, wishes: tuple[Wish, ...]) -> Index:
    stems, classes = [], []
    for wish in wishes:
        stated = [element.value for element in wish.elements if element.stated]
        named = {found for value in stated if (found := class_of(value)) is not None}
        plain = [value for value in stated if class_of(value) is None]
        stems.append(frozenset(s for v in plain for word in content_words(v) or tokens(v) for s in word.stems))
        classes.append(frozenset(named))
    return Index(wishes, tuple(stems), tuple(classes))


def compile_index(snapshot: Snapshot) -> Index:
    """The index of a snapshot, kept by the state's hash."""
    return _compile(snapshot.hash, snapshot.wishes)

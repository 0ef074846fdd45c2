"""The pipeline's ports for facts and rulings, on Django's database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Q

from agents.types import Fact, Ruling
from feedguard.items.models import FactRow, RulingRow


class StoredFacts:
    """Facts by content hash and perceiver version."""

    def load(self, keys: Sequence[str], version: str) -> Mapping[str, tuple[Fact, ...]]:
        rows = FactRow.objects.filter(content_hash__in=keys, version=version)
        return {row.content_hash: tuple(Fact.model_validate(fact) for fact in row.data) for row in rows}

    def save(self, facts: Mapping[str, tuple[Fact, ...]], version: str) -> None:
        FactRow.objects.bulk_create(
            [
                FactRow(content_hash=key, version=version, data=[fact.model_dump(mode="json") for fact in found])
                for key, found in facts.items()
            ],
            ignore_conflicts=True,
        )


class StoredRulings:
    """Rulings by (content hash, wish hash) and judge version."""

    def load(self, keys: Sequence[tuple[str, str]], version: str) -> Mapping[tuple[str, str], Ruling]:
        wanted = set(keys)
        contents = {content for content, _ in wanted}
        wishes = {wish for _, wish in wanted}
        rows = RulingRow.objects.filter(Q(content_hash__in=contents) & Q(wish_hash__in=wishes), version=version)
        found = ((row.content_hash, row.wish_hash, row.data) for row in rows)
        return {
            (content, wish): Ruling.model_validate(data) for content, wish, data in found if (content, wish) in wanted
        }

    def save(self, rulings: Mapping[tuple[str, str], Ruling], version: str) -> None:
        RulingRow.objects.bulk_create(
            [
                RulingRow(content_hash=content, wish_hash=wish, version=version, data=ruling.model_dump(mode="json"))
                for (content, wish), ruling in rulings.items()
            ],
            ignore_conflicts=True,
        )

"""The state of one person's graph: what the fold of the log gives."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import rfc8785

from graph.types import Entity, Link, LinkKind


@dataclass(frozen=True)
class State:
    """Immutable. Retired entities stay in it as tombstones; they do not enter the hash."""

    person: str
    entities: Mapping[str, Entity] = field(default_factory=lambda: MappingProxyType({}))
    links: frozenset[Link] = frozenset()

    @classmethod
    def empty(cls, person: str) -> State:
        return cls(person)

    @property
    def hash(self) -> str:
        """SHA-256, in hexadecimal, of the RFC 8785 canonical JSON of what is not retired."""
        alive = {key: e.model_dump(mode="json") for key, e in self.entities.items() if e.status != "retired"}
        links = sorted(
            [link.kind, link.source, link.target]
            for link in self.links
            if link.source in alive and link.target in alive
        )
        return digest({"entities": alive, "links": links})

    def entity_hash(self, entity_id: str) -> str:
        """The hash of one entity and of the links that start from it."""
        links = sorted([link.kind, link.target] for link in self.links if link.source == entity_id)
        return digest({"entity": self.entities[entity_id].model_dump(mode="json"), "links": links})

    def sources(self, kind: LinkKind, target: str) -> Iterator[Entity]:
        """Entities that point to this one, ordered by id."""
        return (
            self.entities[key] for key in sorted(x.source for x in self.links if (x.kind, x.target) == (kind, target))
        )

    def targets(self, kind: LinkKind, source: str) -> Iterator[Entity]:
        """Entities that this one points to, ordered by id."""
        return (
            self.entities[key] for key in sorted(x.target for x in self.links if (x.kind, x.source) == (kind, source))
        )


def digest(value: object) -> str:
    """SHA-256, in hexadecimal, of the RFC 8785 canonical JSON of a value."""
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()  # type: ignore[arg-type]

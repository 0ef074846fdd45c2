"""The state of one person's graph: what the fold of the log gives."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import rfc8785

from graph.canonical import canonical, digest, sha256
from graph.types import Entity, Link, LinkKind, as_json


@dataclass(frozen=True)
class State:
    """Immutable. Retired entities stay in it as tombstones; they do not enter the hash.

    The person of the graph is no entity in it: each wish and guard in it is held by that person, and nothing
    that a delta could say changes this.
    """

    person: str
    entities: Mapping[str, Entity] = field(default_factory=lambda: MappingProxyType({}))
    links: frozenset[Link] = frozenset()
    texts: dict[str, str] = field(default_factory=dict, compare=False, repr=False)
    """Canonical JSON of entities by id, as far as it was needed; handed on so that only what changed is redone."""

    @classmethod
    def empty(cls, person: str) -> State:
        return cls(person)

    @classmethod
    def stored(
        cls, person: str, entities: Mapping[str, Entity], links: frozenset[Link], state_hash: str, texts: dict[str, str]
    ) -> State:
        """A state as a store has it, with the hash that stands beside it there; to recompute that is for `verify`."""
        state = cls(person, entities, links, texts)
        state.__dict__["hash"] = state_hash
        return state

    @cached_property
    def hash(self) -> str:
        """SHA-256, in hexadecimal, of the RFC 8785 canonical JSON of what is not retired."""
        alive = {key for key, entity in self.entities.items() if entity.status != "retired"}
        entities = ",".join([f'"{key}":{self.texts.get(key) or self.text(key)}' for key in sorted(alive)])
        links = [text for text, source, target in self._link_texts if source in alive and target in alive]
        return sha256(f'{{"entities":{{{entities}}},"links":[{",".join(links)}]}}')

    def successor(self, entities: Mapping[str, Entity], links: frozenset[Link], changed: set[str]) -> State:
        """The state after a change of these entities, with what was computed of all others."""
        texts = {key: text for key, text in self.texts.items() if key not in changed}
        after = State(self.person, entities, links, texts)
        if links == self.links:
            after.__dict__["_link_texts"] = self._link_texts
        return after

    def reference_hash(self) -> str:
        """The same hash by the package rfc8785 and without anything remembered: slow, and independent."""
        alive = {key: as_json(e) for key, e in self.entities.items() if e.status != "retired"}
        links = sorted([x.kind, x.source, x.target] for x in self.links if x.source in alive and x.target in alive)
        return hashlib.sha256(rfc8785.dumps({"entities": alive, "links": links})).hexdigest()

    def text(self, entity_id: str) -> str:
        """Canonical JSON of one entity: its stored form."""
        if (known := self.texts.get(entity_id)) is None:
            known = self.texts[entity_id] = canonical(as_json(self.entities[entity_id]))
        return known

    def entity_hash(self, entity_id: str) -> str:
        """The hash of one entity and of the links that start from it."""
        links = sorted([link.kind, link.target] for link in self.links if link.source == entity_id)
        return digest({"entity": as_json(self.entities[entity_id]), "links": links})

    def sources(self, kind: LinkKind, target: str) -> Iterator[Entity]:
        """Entities that point to this one, ordered by id."""
        return (self.entities[key] for key in self._sources.get((kind, target), ()))

    def targets(self, kind: LinkKind, source: str) -> Iterator[Entity]:
        """Entities that this one points to, ordered by id."""
        return (self.entities[key] for key in self._targets.get((kind, source), ()))

    @cached_property
    def _link_texts(self) -> list[tuple[str, str, str]]:
        """Canonical JSON, source and target of each link, in the order of the first."""
        return sorted((f'["{x.kind}","{x.source}","{x.target}"]', x.source, x.target) for x in self.links)

    @cached_property
    def _sources(self) -> dict[tuple[LinkKind, str], list[str]]:
        found: dict[tuple[LinkKind, str], list[str]] = defaultdict(list)
        for link in self.links:
            found[link.kind, link.target].append(link.source)
        return {key: sorted(ends) for key, ends in found.items()}

    @cached_property
    def _targets(self) -> dict[tuple[LinkKind, str], list[str]]:
        found: dict[tuple[LinkKind, str], list[str]] = defaultdict(list)
        for link in self.links:
            found[link.kind, link.source].append(link.target)
        return {key: sorted(ends) for key, ends in found.items()}

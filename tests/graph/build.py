"""Small wishes for the graph's tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from graph.deltas import Delta, Op, creation_ops
from graph.types import Element, Exception_, Facet, Intent, Link, new_id

NOW = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)


def wish(text: str = "spiders", exception: str = "") -> tuple[str, str, list[Op]]:
    """(intent id, facet id, operations that add a wish)."""
    intent = Intent(id=new_id(), text=f"no {text}")
    facet = Facet(id=new_id(), text=text, elements=(Element(role="subject", value=text),))
    entities: list[object] = [intent, facet]
    links = [Link(kind="REFINES", source=facet.id, target=intent.id)]
    if exception:
        made = Exception_(id=new_id(), text=exception, elements=(Element(role="subject", value=exception),))
        entities.append(made)
        links.append(Link(kind="EXCEPTS", source=made.id, target=intent.id))
    return intent.id, facet.id, creation_ops(entities, links)  # type: ignore[arg-type]


def delta(person: str, base: int, ops: Sequence[Op], why: str = "test") -> Delta:
    return Delta(id=new_id(), person=person, base=base, ops=tuple(ops), why=why, at=NOW)

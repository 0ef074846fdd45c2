"""Small wishes for the graph's tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from graph.deltas import Delta, Op, creation_ops
from graph.types import Element, Entity, Exception_, Exemplar, Facet, Guard, Intent, Link, Rule, Scope, new_id

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


def one_of_each_kind() -> tuple[list[Entity], list[Link]]:
    """Entities of every kind with all their fields in use, and a relation of every kind."""
    element = Element(role="who", value="parents ☂ “quoted” \\ /", stated=False)
    stated = Element(role="act", value="sell")
    intent = Intent(
        id=new_id(), text="no tutoring ads", polarity="avoid", action="blur", target="picture", always=True,
        hide_anyway=False, strength=0, status="paused", origin="imported", elements=(stated,),
    )  # fmt: skip
    facet = Facet(id=new_id(), text="ads", elements=(element, stated), origin="inferred", strength=1000)
    rule = Facet(id=new_id(), text="the word lottery", rule=Rule(kind="word", value="lottery"), origin="observed")
    exception = Exception_(id=new_id(), text="free lessons", elements=(stated,))
    guard = Guard(id=new_id(), guards="author", value="Ida")
    scope = Scope(
        id=new_id(), services=("youtube", "reddit"), sources=("Harbour Notes",), folders=("News",),
        surfaces=("replies",), languages=("de",), hours=(480, 1080), until=NOW + dt.timedelta(days=3, microseconds=7),
    )  # fmt: skip
    everywhere = Scope(id=new_id())
    exemplar = Exemplar(id=new_id(), content_hash="0" * 64, excerpt="Last places!", caught=False)
    links = [
        Link(kind="REFINES", source=facet.id, target=intent.id),
        Link(kind="EXCEPTS", source=exception.id, target=facet.id),
        Link(kind="SCOPED_TO", source=intent.id, target=scope.id),
        Link(kind="SCOPED_TO", source=facet.id, target=everywhere.id),
        Link(kind="REMEMBERS", source=facet.id, target=exemplar.id),
    ]
    return [intent, facet, rule, exception, guard, scope, everywhere, exemplar], links


def delta(person: str, base: int, ops: Sequence[Op], why: str = "test") -> Delta:
    return Delta(id=new_id(), person=person, base=base, ops=tuple(ops), why=why, at=NOW)

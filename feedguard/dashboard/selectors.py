"""What pages read. Every function is scoped to one person, with a fixed number of queries."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from feedguard.accounts.models import Person
from feedguard.decisions.models import Decision
from feedguard.feeds.models import SENT, Subscription
from feedguard.items.models import AlsoIn, Entry, Media
from feedguard.preferences.selectors import state_of
from graph.state import State
from graph.types import Exception_, Facet, Guard, Intent, Scope

PAGE = 40
CAUGHT = ("hide", "blur", "label", "star")


@dataclass
class Card:
    """One entry with what the page needs of it."""

    entry: Entry
    decision: Decision | None
    subscription: Subscription | None
    other_language: str = ""
    """The item's language, where the person did not say that they read it."""

    @property
    def action(self) -> str:
        return self.decision.action if self.decision else "pending"

    @property
    def quotes(self) -> list[str]:
        evidence = self.decision.outcome["evidence"] if self.decision else []
        return list(dict.fromkeys(e["quote"] for e in evidence if e["quote"]))[:5]

    @property
    def picture(self) -> Media | None:
        return next((m for m in self.entry.item.media.all() if m.kind == "image"), None)


@dataclass
class Run:
    """Either one visible card, or a run of hidden ones that the page shows as one thin line."""

    card: Card | None = None
    hidden: list[Card] = field(default_factory=list)


@dataclass(frozen=True)
class FeedPage:
    runs: list[Run]
    older: str


def feed_page(person: Person, *, filters: dict[str, str], show_hidden: bool) -> FeedPage:
    """Newest entries first. Filters: source, folder, q, unread, before (the cursor)."""
    entries = list(_filtered(person, filters)[: PAGE + 1])
    cards = as_cards(person, entries[:PAGE])
    older = ""
    if len(entries) > PAGE:
        last = entries[PAGE - 1]
        older = f"{last.published_at.isoformat()}~{last.id}"
    return FeedPage(grouped(cards, show_hidden=show_hidden), older)


def _filtered(person: Person, filters: dict[str, str]) -> QuerySet[Entry]:
    found = Entry.objects.filter(person=person)
    if filters.get("unread"):
        found = found.filter(read_at__isnull=True)
    if query := filters.get("q", "").strip()[:200]:
        found = found.filter(Q(item__title__icontains=query) | Q(item__text__icontains=query))
    if (source := as_uuid(filters.get("source", ""))) is not None:
        found = found.filter(item__source__id=source)
    else:  # what a device sent was already seen where it came from
        found = found.exclude(item__source__url__startswith=SENT)
    if folder := filters.get("folder", ""):
        sources = Subscription.objects.filter(person=person, folder=folder).values("source")
        found = found.filter(item__source__in=sources)
    when, _, last = filters.get("before", "").partition("~")
    if (last_id := as_uuid(last)) is not None and (at := _time(when)) is not None:
        found = found.filter(Q(published_at__lt=at) | Q(published_at=at, id__lt=last_id))
    return entries_with_items(found).order_by("-published_at", "-id")


def entries_with_items(found: QuerySet[Entry]) -> QuerySet[Entry]:
    also = Prefetch("also_in", AlsoIn.objects.select_related("item__source"))
    return found.select_related("item__source").prefetch_related("item__media__picture", also)


def as_cards(person: Person, entries: Sequence[Entry]) -> list[Card]:
    items = [entry.item_id for entry in entries]
    decisions = {d.item_id: d for d in Decision.objects.filter(person=person, item__in=items, is_current=True)}
    subscriptions = {s.source_id: s for s in Subscription.objects.filter(person=person)}
    return [
        Card(
            entry,
            decisions.get(entry.item_id),
            subscriptions.get(entry.item.source_id),
            other_language="" if person.reads(entry.item.language) else entry.item.language,
        )
        for entry in entries
    ]


def grouped(cards: Iterable[Card], *, show_hidden: bool) -> list[Run]:
    """Neighbouring hidden cards become one run; with `show_hidden` every card stands by itself."""
    runs: list[Run] = []
    for card in cards:
        if card.action == "hide" and not show_hidden:
            if not runs or runs[-1].card is not None:
                runs.append(Run())
            runs[-1].hidden.append(card)
        else:
            runs.append(Run(card=card))
    return runs


@dataclass
class WishView:
    """An intent with its facets, exceptions and scopes as the page shows them."""

    intent: Intent
    facets: list[Facet]
    exceptions: list[Exception_]
    scopes: list[Scope]
    caught: int
    ended: bool

    @property
    def elements(self) -> list[Any]:
        return [element for facet in self.facets for element in facet.elements]

    @property
    def status(self) -> str:
        return "ended" if self.ended else self.intent.status


def wish_views(person: Person) -> list[WishView]:
    """The person's wishes in words, newest first, with how many items each caught in the last seven days."""
    state, _ = state_of(person)
    counts = caught_by_wish(person)
    views = [
        _wish_view(state, e, counts) for e in state.entities.values() if isinstance(e, Intent) and e.status != "retired"
    ]
    return sorted(views, key=lambda view: view.intent.id, reverse=True)


def caught_by_wish(person: Person) -> dict[str, int]:
    since = timezone.now() - dt.timedelta(days=7)
    rows = Decision.objects.filter(person=person, is_current=True, action__in=CAUGHT, made_at__gte=since)
    return dict(rows.values_list("wish").annotate(Count("id")))


def _wish_view(state: State, intent: Intent, counts: dict[str, int]) -> WishView:
    facets = [e for e in state.sources("REFINES", intent.id) if isinstance(e, Facet) and e.status != "retired"]
    holders = [intent.id, *(facet.id for facet in facets)]
    exceptions = [
        e for h in holders for e in state.sources("EXCEPTS", h) if isinstance(e, Exception_) and e.status == "active"
    ]
    scopes = [
        e for h in holders for e in state.targets("SCOPED_TO", h) if isinstance(e, Scope) and e.status == "active"
    ]
    now = timezone.now()
    return WishView(
        intent=intent,
        facets=facets,
        exceptions=exceptions,
        scopes=scopes,
        caught=sum(counts.get(holder, 0) for holder in holders),
        ended=any(scope.until is not None and scope.until <= now for scope in scopes),
    )


def rules_and_guards(person: Person) -> tuple[list[tuple[Facet, int]], list[Guard]]:
    """The person's rules with what each caught lately, and guards; retired ones are left out."""
    state, _ = state_of(person)
    counts = caught_by_wish(person)
    alive = [e for e in state.entities.values() if e.status != "retired"]
    rules = [(e, counts.get(e.id, 0)) for e in alive if isinstance(e, Facet) and e.rule is not None]
    return rules, [e for e in alive if isinstance(e, Guard)]


def wish_of(person: Person, wish_id: str) -> Intent | None:
    """The intent that a facet's decision belongs to, for a link to it."""
    state, _ = state_of(person)
    entity = state.entities.get(wish_id)
    if isinstance(entity, Intent):
        return entity
    return next((e for e in state.targets("REFINES", wish_id) if isinstance(e, Intent)), None) if entity else None


def names_of_wishes(person: Person) -> dict[str, str]:
    state, _ = state_of(person)
    return {key: e.text for key, e in state.entities.items() if isinstance(e, Intent | Facet | Exception_)}


def as_uuid(value: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(value)
    except ValueError:
        return None


def _time(value: str) -> dt.datetime | None:
    try:
        when = dt.datetime.fromisoformat(value.replace(" ", "+"))
    except ValueError:
        return None
    return when if when.tzinfo else None

"""What the page “Your reader” shows."""

from __future__ import annotations

from dataclasses import dataclass

from feedguard.accounts.models import Person
from feedguard.decisions.models import Decision
from feedguard.items.models import Entry
from feedguard.readers.marks import PREFIXES, wish_name
from feedguard.readers.models import ReaderAccount

LOOKED_AT = 50


@dataclass(frozen=True)
class Tagged:
    """An item with the tags that a reader would get for it."""

    title: str
    tags: tuple[str, ...]


def tagged_lately(person: Person) -> list[Tagged]:
    """Of the person's newest LOOKED_AT items, those that would be tagged."""
    newest = Entry.objects.filter(person=person).order_by("-published_at", "-id")
    items = list(newest.values_list("item_id", flat=True)[:LOOKED_AT])
    decisions = Decision.objects.filter(person=person, item__in=items, is_current=True, action__in=PREFIXES)
    return [
        Tagged(str(d.item), (f"feedguard:{d.action}", *filter(None, [wish_name(d.outcome.get("heading", ""))])))
        for d in decisions.select_related("item").order_by("-item__published_at")
    ]


@dataclass(frozen=True)
class AccountView:
    account: ReaderAccount
    marked: int

    @property
    def plain(self) -> bool:
        """Whether the password travels without encryption."""
        return self.account.url.startswith("http://")


def account_of(person: Person) -> AccountView | None:
    found = ReaderAccount.objects.filter(person=person).first()
    if found is None:
        return None
    return AccountView(found, found.items.filter(marked_at__isnull=False, taken_back_at__isnull=True).count())

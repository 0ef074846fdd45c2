"""Why an item stands as it does, and the log of decisions."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from feedguard.accounts.models import Person
from feedguard.dashboard import selectors
from feedguard.dashboard.marking import marked
from feedguard.dashboard.views.requests import person_of
from feedguard.decisions.models import Decision, Override
from feedguard.items.models import Entry, Item

LOG_PAGE = 50


@require_GET
def why(request: HttpRequest, item_id: uuid.UUID) -> HttpResponse:
    person = person_of(request)
    entry = get_object_or_404(selectors.entries_with_items(Entry.objects.filter(person=person)), item=item_id)
    card = selectors.as_cards(person, [entry])[0]
    decisions = Decision.objects.filter(person=person, item=item_id).order_by("-made_at")
    context = {
        "card": card,
        "earlier": [d for d in decisions if not d.is_current],
        "override": Override.objects.filter(person=person, item=item_id).first(),
        **_explained(person, entry.item, card.decision),
    }
    return render(request, "dashboard/why.html", context)


def _explained(person: Person, item: Item, decision: Decision | None) -> dict[str, Any]:
    if decision is None:
        return {"title": item.title, "text": item.text}
    outcome = decision.outcome
    evidence = outcome["evidence"]
    if not evidence and outcome["rulings"]:
        evidence = [e for element in outcome["rulings"][0]["elements"] for e in element["evidence"]]
    names = selectors.names_of_wishes(person)
    rulings = [
        {**r, "name": names.get(r["wish"], "a wish that is no longer there"), "decided": r["wish"] == decision.wish,
         "shield": names.get(r["exception"], "")}
        for r in outcome["rulings"]
    ]  # fmt: skip
    intent = selectors.wish_of(person, decision.wish) if decision.wish else None
    return {
        "title": marked(item.title, evidence, "title"),
        "text": marked(item.article_text or item.text, evidence, "text"),
        "rulings": rulings,
        "left_out": [{**left, "name": names.get(left["wish"], "")} for left in outcome["left_out"]],
        "wish": intent,
        "models": outcome["models"],
    }


@require_GET
def log(request: HttpRequest) -> HttpResponse:
    """What was hidden, covered, marked or starred, newest first, with search."""
    person = person_of(request)
    query = request.GET.get("q", "").strip()[:200]
    rows = Decision.objects.filter(person=person, is_current=True, action__in=selectors.CAUGHT)
    if query:
        rows = rows.filter(
            Q(item__title__icontains=query) | Q(item__text__icontains=query) | Q(reason__icontains=query)
        )
    if wish := request.GET.get("wish", ""):
        rows = rows.filter(wish__in=_with_facets(person, wish))
    page = Paginator(rows.select_related("item__source").order_by("-made_at"), LOG_PAGE)
    return render(
        request,
        "dashboard/log.html",
        {
            "page": page.get_page(request.GET.get("page")),
            "q": query,
            "wish": wish,
            "views": selectors.wish_views(person),
        },
    )


def _with_facets(person: Person, wish: str) -> list[str]:
    view = next((v for v in selectors.wish_views(person) if v.intent.id == wish), None)
    return [wish, *(facet.id for facet in view.facets)] if view else [wish]

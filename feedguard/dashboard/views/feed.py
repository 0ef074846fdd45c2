"""The feed, and what a person does to its items."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from feedguard.accounts.models import FOREVER
from feedguard.dashboard import selectors
from feedguard.dashboard.views.requests import back, follow, person_of
from feedguard.decisions import services
from feedguard.decisions.models import Decision, Job
from feedguard.feeds import demo_feeds
from feedguard.feeds.models import Source, Subscription
from feedguard.items.models import Entry, Picture
from feedguard.preferences.renewing import ended_wishes

FILTERS = ("source", "folder", "q", "unread", "before")


@require_GET
def feed(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    filters = {name: request.GET.get(name, "") for name in FILTERS}
    subscriptions = list(Subscription.objects.filter(person=person).select_related("source"))
    own = [s for s in subscriptions if not s.source.demo]
    coming = Job.objects.filter(person=person, kind="demo", state__in=[Job.State.WAITING, Job.State.RUNNING]).exists()
    page = selectors.feed_page(person, filters=filters, show_hidden=person.shows_everything)
    context = {
        "page": page,
        "filters": filters,
        "subscriptions": subscriptions,
        "folders": sorted({s.folder for s in subscriptions if s.folder}),
        "first_steps": not own and not filters["before"],
        "has_demo": len(own) < len(subscriptions) or coming,
        "coming": coming or any(s.source.state == Source.State.NEW for s in subscriptions),
        "demo_wishes": demo_feeds.wishes(),
        "ended": ended_wishes(person, lately=True),
    }
    template = "dashboard/_items.html" if request.htmx and filters["before"] else "dashboard/feed.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@require_GET
def card(request: HttpRequest, item_id: uuid.UUID) -> HttpResponse:
    """One item's card, for an item that is being looked at."""
    person = person_of(request)
    entry = get_object_or_404(selectors.entries_with_items(Entry.objects.filter(person=person)), item=item_id)
    run = selectors.grouped(selectors.as_cards(person, [entry]), show_hidden=person.shows_everything)[0]
    tries = int(request.GET.get("tries", "0")) if request.GET.get("tries", "0").isdigit() else 0
    return render(request, "dashboard/_run.html", {"run": run, "tries": tries + 1})


@require_POST
def undo_decision(request: HttpRequest, item_id: uuid.UUID) -> HttpResponse:
    """The person's own word: show or hide this item."""
    person = person_of(request)
    decision = get_object_or_404(Decision, person=person, item=item_id, is_current=True)
    services.override(person, decision, "hide" if request.POST.get("action") == "hide" else "show")
    return _card_or_back(request, item_id)


@require_POST
def appeal(request: HttpRequest, item_id: uuid.UUID) -> HttpResponse:
    person = person_of(request)
    decision = get_object_or_404(Decision, person=person, item=item_id, is_current=True)
    made = services.appeal(person, decision, request.POST.get("text", ""))
    job = Job.objects.filter(person=person, kind="reflect", input__appeal=str(made.id)).latest("created_at")
    if not request.htmx:  # type: ignore[attr-defined]
        follow(request, job)
    return _card_or_back(request, item_id, job)


@require_POST
def decide_again(request: HttpRequest, item_id: uuid.UUID) -> HttpResponse:
    person = person_of(request)
    get_object_or_404(Entry, person=person, item=item_id)
    services.withdraw_override(person, item_id)
    return back(request, "feed")


def _card_or_back(request: HttpRequest, item_id: uuid.UUID, job: Job | None = None) -> HttpResponse:
    if not request.htmx:  # type: ignore[attr-defined]
        return back(request, "feed")
    person = person_of(request)
    entry = get_object_or_404(selectors.entries_with_items(Entry.objects.filter(person=person)), item=item_id)
    run = selectors.grouped(selectors.as_cards(person, [entry]), show_hidden=person.shows_everything)[0]
    return render(request, "dashboard/_run.html", {"run": run, "followed_job": job})


@require_POST
def mark_read(request: HttpRequest) -> HttpResponse:
    """Mark one item (field `item`) or everything as read."""
    entries = Entry.objects.filter(person=person_of(request), read_at__isnull=True)
    if item := request.POST.get("item"):
        entries = entries.filter(item=selectors.as_uuid(item))
    entries.update(read_at=timezone.now())
    return back(request, "feed")


@require_POST
def show_everything(request: HttpRequest) -> HttpResponse:
    """Switch: `hour`, `on` until switched back, or `off`."""
    person = person_of(request)
    until = {"hour": timezone.now() + dt.timedelta(hours=1), "on": FOREVER}
    person.show_everything_until = until.get(request.POST.get("for", ""))
    person.save(update_fields=["show_everything_until"])
    return back(request, "feed")


@require_POST
def demo_remove(request: HttpRequest) -> HttpResponse:
    demo_feeds.remove(person_of(request))
    return back(request, "feed")


@require_GET
def picture(request: HttpRequest, picture_id: uuid.UUID) -> FileResponse:
    """Our own copy of a picture, to those in whose feed it stands."""
    found = get_object_or_404(Picture, pk=picture_id, state=Picture.State.READY)
    if not Entry.objects.filter(person=person_of(request), item__media__picture=found).exists():
        raise Http404
    try:
        file = (settings.PICTURES / found.sha256).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(file, content_type=found.mime)
    response["Cache-Control"] = "private, max-age=86400, immutable"
    return response

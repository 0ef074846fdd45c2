"""“Your reader”: the private addresses of filtered feeds."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from feedguard.dashboard.views.requests import person_of, refuse
from feedguard.feeds.models import Subscription
from feedguard.feeds.opml import OpmlFeed, write_opml
from feedguard.readers import addresses, selectors
from feedguard.readers.channel import name_of
from feedguard.readers.forms import AccountForm
from feedguard.readers.models import FilteredFeed, ReaderKey
from feedguard.readers.publishing import FORMS


@require_GET
def reader(request: HttpRequest) -> HttpResponse:
    return reader_page(request, AccountForm())


def reader_page(request: HttpRequest, form: AccountForm, *, new_key: str = "", status: int = 200) -> HttpResponse:
    """The whole page; `new_key` is shown this once."""
    person = person_of(request)
    feeds = addresses.feeds_of(person)
    shown = [
        {"feed": feed, "name": name_of(feed), "addresses": {form: _address(request, feed, form) for form in FORMS}}
        for feed in feeds
    ]
    context = {
        "feeds": shown,
        "choices": FilteredFeed.Hidden.choices,
        "hold_minutes": settings.HOLD_MINUTES,
        "key": ReaderKey.objects.filter(person=person).first(),
        "new_key": new_key,
        "api_url": request.build_absolute_uri("/v1"),
        "tagged": selectors.tagged_lately(person),
        "account": selectors.account_of(person),
        "form": form,
    }
    response = render(request, "readers/reader.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _address(request: HttpRequest, feed: FilteredFeed, form: str) -> str:
    return request.build_absolute_uri(reverse("filtered", args=[addresses.token_of(feed), form]))


@require_POST
def change(request: HttpRequest, feed_id: uuid.UUID) -> HttpResponse:
    """`do`: `hidden` (what happens to hidden items) or `renew`."""
    feed = get_object_or_404(FilteredFeed, pk=feed_id, person=person_of(request))
    if request.POST.get("do") == "renew":
        addresses.renew(feed)
        messages.success(request, f"{name_of(feed)} has a new address. The old one no longer works.")
    elif request.POST.get("hidden") in FilteredFeed.Hidden.values:
        FilteredFeed.objects.filter(pk=feed.pk).update(hidden=request.POST["hidden"])
        messages.success(request, "Saved.")
    else:
        return refuse(request, "Choose what happens to hidden items.", "reader")
    return redirect("reader")


@require_GET
def opml(request: HttpRequest) -> HttpResponse:
    """The filtered address of each source, in its folder, for import into a reader."""
    person = person_of(request)
    form = request.GET.get("form", "rss")
    form = form if form in FORMS else "rss"
    folders = dict(Subscription.objects.filter(person=person).values_list("source_id", "folder"))
    feeds = [
        OpmlFeed(_address(request, feed, form), name_of(feed), folders.get(feed.source_id, ""))
        for feed in addresses.feeds_of(person)
        if feed.kind == FilteredFeed.Kind.SOURCE
    ]
    response = HttpResponse(write_opml(feeds, "Feeds filtered by FeedGuard"), content_type="text/x-opml; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="feedguard-filtered.opml"'
    response["Cache-Control"] = "no-store"
    return response

"""Sources: adding, health, folders, OPML."""

from __future__ import annotations

import base64
import uuid
from itertools import groupby

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from feedguard.dashboard.forms import OpmlForm, SourceForm
from feedguard.dashboard.views.requests import person_of, refuse
from feedguard.decisions.jobs import start_job
from feedguard.feeds import services
from feedguard.feeds.models import Subscription
from feedguard.feeds.opml import OpmlFeed, write_opml
from feedguard.feeds.services import KEEP_DAYS


@require_GET
def sources(request: HttpRequest) -> HttpResponse:
    found = Subscription.objects.filter(person=person_of(request)).select_related("source")
    folders = [(name, list(group)) for name, group in groupby(found, key=lambda s: s.folder)]
    return render(
        request,
        "dashboard/sources.html",
        {
            "folders": folders,
            "url": request.GET.get("url", ""),
            "keeps": KEEP_DAYS,
            "keep_default": settings.KEEP_ITEMS_DAYS,
        },
    )


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """An address or, where a file was chosen, an OPML file."""
    if request.FILES:
        form = OpmlForm(request.POST, request.FILES)
        if not form.is_valid():
            return refuse(request, str(form.errors["opml"][0]), "sources")
        body = base64.b64encode(form.cleaned_data["opml"]).decode()
        return redirect("job", start_job(person_of(request), "import_opml", {"body": body}).id)
    source_form = SourceForm(request.POST)
    if not source_form.is_valid():
        return refuse(request, str(next(iter(source_form.errors.values()))[0]), "sources")
    return redirect("job", start_job(person_of(request), "add_source", source_form.cleaned_data).id)


@require_GET
def opml(request: HttpRequest) -> HttpResponse:
    found = Subscription.objects.filter(person=person_of(request)).select_related("source")
    feeds = [OpmlFeed(s.source.url, str(s.source), s.folder) for s in found if s.source.fetched]
    response = HttpResponse(write_opml(feeds, "FeedGuard subscriptions"), content_type="text/x-opml; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="feedguard.opml"'
    return response


@require_POST
def change(request: HttpRequest, subscription_id: uuid.UUID) -> HttpResponse:
    """`do`: fetch, folder, keep, full_article, or remove."""
    subscription = get_object_or_404(Subscription, pk=subscription_id, person=person_of(request))
    asked = request.POST.get("do")
    if asked == "fetch":
        services.fetch_now(subscription.source)
        messages.success(request, f"{subscription.source} will be asked in a moment.")
    elif asked == "remove":
        services.unsubscribe(subscription)
        messages.success(request, f"{subscription.source} was removed.")
    elif asked == "full_article":
        services.set_full_article(subscription, not subscription.full_article)
    elif asked == "keep":
        if not services.set_keep_days(subscription, request.POST.get("keep_days", "")):
            return refuse(request, "Choose for how many days items are kept.", "sources")
        messages.success(request, "Saved.")
    elif asked == "folder":
        subscription.folder = request.POST.get("folder", "").strip()[:200]
        subscription.save(update_fields=["folder"])
    return redirect("sources")

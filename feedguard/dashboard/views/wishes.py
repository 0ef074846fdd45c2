"""Wishes: saying, changing, renewing."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from feedguard import runtime
from feedguard.dashboard import selectors
from feedguard.dashboard.forms import ACTIONS, RenewForm, SayForm
from feedguard.dashboard.views.requests import back, follow, person_of, refuse
from feedguard.decisions.jobs import start_job
from feedguard.preferences import editing, renewing
from feedguard.preferences.history import history
from graph.errors import GraphError


@require_GET
def wishes(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    page = max(1, int(number)) if (number := request.GET.get("page", "")).isdigit() else 1
    lines, older = history(person, page=page)
    context = {
        "views": selectors.wish_views(person),
        "proposals": runtime.graph_store().proposals(person.key),
        "ended": renewing.ended_wishes(person),
        "history": lines,
        "page": page,
        "older": older,
        "actions": ACTIONS,
        "sentence": request.GET.get("say", "")[:2000],
        "replaces": request.GET.get("replaces", ""),
    }
    return render(request, "dashboard/wishes.html", context)


@require_POST
def say(request: HttpRequest) -> HttpResponse:
    form = SayForm(request.POST)
    if not form.is_valid():
        return refuse(request, str(next(iter(form.errors.values()))[0]), "wishes")
    job = start_job(person_of(request), "say", form.cleaned_data)
    return redirect("job", job.id)


@require_POST
def set_status(request: HttpRequest, entity_id: str) -> HttpResponse:
    """Pause, resume or remove a wish, rule or guard."""
    status = request.POST.get("status", "")
    if status not in {"active", "paused", "retired"}:
        return refuse(request, "Choose pause, resume or remove.", "wishes")
    try:
        _, job = editing.set_status(person_of(request), entity_id, status)
    except GraphError as error:
        return refuse(request, error.message, "wishes")
    follow(request, job)
    return back(request, "wishes")


@require_POST
def set_action(request: HttpRequest, entity_id: str) -> HttpResponse:
    action = request.POST.get("action", "")
    if action not in dict(ACTIONS):
        return refuse(request, "Choose hide, cover or mark.", "wishes")
    try:
        _, job = editing.set_action(person_of(request), entity_id, action)
    except GraphError as error:
        return refuse(request, error.message, "wishes")
    follow(request, job)
    return back(request, "wishes")


@require_POST
def renew(request: HttpRequest, entity_id: str) -> HttpResponse:
    """Let an ended wish hold again: as long as before, or (field `until`) until the end of a day."""
    form = RenewForm(request.POST)
    if not form.is_valid():
        return refuse(request, str(form.errors["until"][0]), "wishes")
    try:
        _, job = renewing.renew(person_of(request), entity_id, form.cleaned_data["until"])
    except GraphError as error:
        if error.field == "scope":
            raise Http404 from None
        return refuse(request, error.message, "wishes")
    follow(request, job)
    messages.success(request, "It holds again.")
    return back(request, "wishes")

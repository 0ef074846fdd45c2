"""Wishes: saying, accepting, changing, taking back."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from feedguard import runtime
from feedguard.dashboard import selectors
from feedguard.dashboard.forms import ACTIONS, SayForm
from feedguard.dashboard.views.requests import back, follow, person_of, refuse
from feedguard.decisions.jobs import start_job
from feedguard.preferences import accepting, editing, services
from graph.errors import GraphError

SHOWN_HITS = 30


@require_GET
def wishes(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    context = {
        "views": selectors.wish_views(person),
        "proposals": runtime.graph_store().proposals(person.key),
        "history": editing.history(person, limit=50),
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


@require_GET
def proposal(request: HttpRequest, proposal_id: str) -> HttpResponse:
    found = runtime.graph_store().proposal(person_of(request).key, proposal_id)
    if found is None:
        raise Http404
    preview = found.detail["preview"]
    context = {"proposal": found, "preview": preview, "hits": preview["hits"][:SHOWN_HITS]}
    return render(request, "dashboard/proposal.html", context)


@require_POST
def accept(request: HttpRequest, proposal_id: str) -> HttpResponse:
    person = person_of(request)
    verdicts = {
        name.removeprefix("verdict-"): value
        for name, value in request.POST.items()
        if name.startswith("verdict-") and value in {"right", "wrong"}
    }
    try:
        _, job = accepting.accept(person, proposal_id, verdicts)
    except GraphError as error:
        return refuse(request, error.message, "wishes")
    follow(request, job)
    messages.success(request, "Your wish holds from now on.")
    return redirect("feed")


@require_POST
def reject(request: HttpRequest, proposal_id: str) -> HttpResponse:
    try:
        accepting.reject(person_of(request), proposal_id)
    except GraphError as error:
        return refuse(request, error.message, "wishes")
    return redirect("wishes")


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
def undo(request: HttpRequest, delta_id: str) -> HttpResponse:
    """Take back one change of the history."""
    try:
        _, job = services.undo(person_of(request), delta_id)
    except GraphError as error:
        return refuse(request, f"This cannot be taken back any more: {error.message}", "wishes")
    follow(request, job)
    messages.success(request, "Taken back.")
    return back(request, "wishes")

"""Proposals: looking at one, answering its question, changing it, accepting or rejecting it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from feedguard import runtime
from feedguard.dashboard.views.conflicts import conflict_page
from feedguard.dashboard.views.requests import follow, person_of, refuse
from feedguard.decisions.jobs import start_job
from feedguard.preferences import accepting, history, revising
from graph.errors import Conflict, GraphError
from graph.proposals import Proposal

SHOWN = 30
TITLES = {
    "parse": "Is this what you meant?",
    "appeal": "So that this does not happen again",
    "import": "Take this over?",
}


@require_GET
def proposal(request: HttpRequest, proposal_id: str) -> HttpResponse:
    found = _found(request, proposal_id)
    preview = found.detail["preview"]
    context = {
        "proposal": found,
        "title": TITLES[found.source],
        "preview": preview,
        "hits": preview["hits"][:SHOWN],
        "more": max(0, len(preview["hits"]) - SHOWN),
        "parts": revising.parts(found.ops),
        "question": found.detail.get("question"),
        "adds": any(op.field == "" and op.after["kind"] == "facet" for op in found.ops),
        "can_be_edited": found.source != "import",
    }
    return render(request, "dashboard/proposal.html", context)


def _found(request: HttpRequest, proposal_id: str) -> Proposal:
    found = runtime.graph_store().proposal(person_of(request).key, proposal_id)
    if found is None:
        raise Http404
    return found


@require_POST
def choose(request: HttpRequest, proposal_id: str) -> HttpResponse:
    """Answer the question: `choice` is the number of the answer."""
    found = _found(request, proposal_id)
    choice = request.POST.get("choice", "")
    if not choice.isdigit():
        return refuse(request, "Choose one of the answers.", reverse("proposal", args=[found.id]))
    return redirect("job", start_job(person_of(request), "choose", {"proposal": found.id, "choice": int(choice)}).id)


@require_POST
def revise(request: HttpRequest, proposal_id: str) -> HttpResponse:
    """Change what the proposal goes by; a new preview follows."""
    found = _found(request, proposal_id)
    answers = {name: value[:300] for name, value in request.POST.items() if name.startswith(("e-", "x-"))}
    return redirect("job", start_job(person_of(request), "revise", {"proposal": found.id, "answers": answers}).id)


@require_POST
def accept(request: HttpRequest, proposal_id: str) -> HttpResponse:
    """Accept; with `insist` after a conflict was shown."""
    person = person_of(request)
    verdicts = {
        name.removeprefix("verdict-"): value
        for name, value in request.POST.items()
        if name.startswith("verdict-") and value in {"right", "wrong"}
    }
    try:
        _, job = accepting.accept(person, proposal_id, verdicts, insist=bool(request.POST.get("insist")))
    except Conflict as error:
        if error.field == "proposal":
            return refuse(request, error.message, "wishes")
        found = _found(request, proposal_id)
        return conflict_page(request, error, history.conflicts(person, found.ops), "proposal", "accept", found.id)
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

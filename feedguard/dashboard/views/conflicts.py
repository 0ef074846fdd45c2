"""Undo and redo, and the page that shows a conflict with its three sides."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from feedguard.dashboard.views.requests import back, follow, person_of, refuse
from feedguard.preferences import history, services
from feedguard.preferences.history import FieldConflict
from graph.errors import Conflict, GraphError


@require_POST
def undo(request: HttpRequest, delta_id: str) -> HttpResponse:
    """Take back one change of the history (taking back an undo does it again); `insist` after a conflict."""
    person = person_of(request)
    try:
        if request.POST.get("insist"):
            _, job = history.insist(person, history.undo_ops(person, delta_id), "taken back after a conflict")
        else:
            _, job = services.undo(person, delta_id)
    except Conflict as error:
        found = history.conflicts(person, history.undo_ops(person, delta_id))
        return conflict_page(request, error, found, "change", "undo", delta_id)
    except GraphError as error:
        if error.field == "delta":
            raise Http404 from None
        return refuse(request, f"This cannot be taken back: {error.message}", "wishes")
    follow(request, job)
    messages.success(request, "Done again." if request.POST.get("redo") else "Taken back.")
    return back(request, "wishes")


def conflict_page(
    request: HttpRequest, error: Conflict, found: Sequence[FieldConflict], what: str, route: str, key: str
) -> HttpResponse:
    """Yours, theirs, before, and what to do. Where no value differs, somebody else was merely faster."""
    if not found:
        return refuse(request, f"{error.message} Look at it again, and try once more.", "wishes")
    context = {"conflicts": found, "what": what, "again": reverse(route, args=[key])}
    return render(request, "dashboard/conflict.html", context, status=409)

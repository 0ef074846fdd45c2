"""What views share: the signed-in person, and where a form goes back to."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from feedguard.accounts.models import Person
from feedguard.decisions.models import Job


def person_of(request: HttpRequest) -> Person:
    return cast(Person, request.user)


def back(request: HttpRequest, default: str) -> HttpResponse:
    """To where the form stood, if that is on this site."""
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}):
        return redirect(target)
    return redirect(default)


def follow(request: HttpRequest, job: Job) -> None:
    """Show this job's progress on the pages that come."""
    request.session["job"] = str(job.id)


def refuse(request: HttpRequest, message: str, default: str) -> HttpResponse:
    """Say what was wrong, on the page that the form came from."""
    messages.error(request, message)
    return back(request, default)

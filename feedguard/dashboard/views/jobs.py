"""Progress of what a person waits for."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET
from django_htmx.http import HttpResponseClientRedirect

from feedguard.dashboard.views.requests import person_of
from feedguard.decisions.models import Job


@require_GET
def job(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """The job's page; a finished one leads to its result. Asked for by a script, only its status comes."""
    found = get_object_or_404(Job, pk=job_id, person=person_of(request))
    target = _target(found)
    if target:
        return HttpResponseClientRedirect(target) if request.htmx else redirect(target)  # type: ignore[attr-defined]
    if request.htmx and found.kind == "import_preferences" and found.state == Job.State.DONE:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(request.path)
    template = "dashboard/_job.html" if request.htmx else "dashboard/job.html"  # type: ignore[attr-defined]
    return render(request, template, {"job": found})


@require_GET
def job_strip(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """The strip on top of a page that follows a job."""
    found = get_object_or_404(Job, pk=job_id, person=person_of(request))
    return render(request, "dashboard/_strip.html", {"followed_job": found})


def _target(found: Job) -> str:
    if found.state != Job.State.DONE or found.result is None:
        return ""
    if found.kind in {"say", "choose", "revise", "reflect"} and found.result["proposal"]:
        return reverse("proposal", args=[found.result["proposal"]])
    if found.kind == "export":
        return reverse("your_data")
    if found.kind == "reader_preview":
        return reverse("reader_preview", args=[found.id])
    if found.kind == "reader_take_back":
        return f"{reverse('reader')}#own"
    if found.kind == "propose_import":
        return reverse("wishes")
    if found.kind == "rejudge":
        return reverse("feed")
    return ""

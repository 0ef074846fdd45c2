"""“Your data”: export of everything, and erasure."""

from __future__ import annotations

import uuid

from django.contrib.auth import logout
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from feedguard.dashboard.views.requests import person_of
from feedguard.decisions.jobs import start_job
from feedguard.decisions.models import Job
from feedguard.throttle import too_often
from feedguard.upkeep.erasure import ask_to_erase, what_will_go
from feedguard.upkeep.export import file_of

TRIES_A_MINUTE = 5


@require_GET
def your_data(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(request: HttpRequest, error: str = "") -> HttpResponse:
    person = person_of(request)
    jobs = Job.objects.filter(person=person, kind="export", state=Job.State.DONE).order_by("-created_at")[:5]
    context = {
        "exports": [job for job in jobs if file_of(person, job.result["file"])],
        "going": what_will_go(person),
        "error": error,
    }
    return render(request, "upkeep/your_data.html", context, status=422 if error else 200)


@require_POST
def export(request: HttpRequest) -> HttpResponse:
    return redirect("job", start_job(person_of(request), "export", {}).id)


@require_GET
def download(request: HttpRequest, job_id: uuid.UUID) -> FileResponse:
    person = person_of(request)
    job = get_object_or_404(Job, pk=job_id, person=person, kind="export", state=Job.State.DONE)
    path = file_of(person, job.result["file"])
    if path is None:
        raise Http404
    response = FileResponse(path.open("rb"), as_attachment=True, filename=f"feedguard-{timezone.now():%Y-%m-%d}.zip")
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def erase(request: HttpRequest) -> HttpResponse:
    """Ends the account at once; needs the password."""
    person = person_of(request)
    if too_often(f"erase:{person.id}", limit=TRIES_A_MINUTE):
        return _page(request, "Too many tries. Wait a minute.")
    if not person.check_password(request.POST.get("password", "")):
        return _page(request, "This is not your password. Nothing was erased.")
    ask_to_erase(person)
    logout(request)
    return render(request, "upkeep/erased.html")

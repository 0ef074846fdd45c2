"""Preferences as something that a person takes along: snapshot, export, import, schemas."""

from __future__ import annotations

import base64
import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.views.decorators.http import require_GET, require_POST

from feedguard.dashboard.forms import ImportForm
from feedguard.dashboard.views.requests import person_of, refuse
from feedguard.decisions.jobs import start_job
from feedguard.decisions.models import Job
from feedguard.preferences import exporting
from feedguard.preferences.erasing import erase_preferences
from feedguard.preferences.selectors import snapshot_json
from graph.schemas import as_text, schemas

EXPORTS = {
    "mastodon": (exporting.export_mastodon, "mastodon-filters.json"),
    "bluesky": (exporting.export_bluesky, "bluesky-muted-words.json"),
}


@require_GET
def portability(request: HttpRequest) -> HttpResponse:
    """What can be given out, with what would be lost, and where to bring something in."""
    person = person_of(request)
    carried = {name: write(person) for name, (write, _) in EXPORTS.items()}
    context = {"carried": carried, "form": ImportForm(), "schemas": sorted(schemas())}
    return render(request, "dashboard/portability.html", context)


@require_GET
def snapshot(request: HttpRequest) -> HttpResponse:
    """The compiled preferences. The tag is their hash; it is weak, since an undo leads back to the same hash under a
    higher sequence number (RFC 9110, 8.8.1)."""
    data, state_hash = snapshot_json(person_of(request))
    tag = f'W/"{state_hash}"'
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if "*" in known or state_hash in {one.removeprefix("W/").strip('"') for one in known}:
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = HttpResponse(data, content_type="application/json")
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Cookie"])
    return response


@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """`as`: bundle (with `exemplars` what was remembered of items too), mastodon, or bluesky."""
    wanted = request.GET.get("as", "bundle")
    if wanted == "bundle":
        body: bytes | str = exporting.export_bundle(person_of(request), exemplars=bool(request.GET.get("exemplars")))
        return _download(body, "feedguard-preferences.zip", "application/zip")
    if wanted not in EXPORTS:
        raise Http404
    write, name = EXPORTS[wanted]
    return _download(write(person_of(request)).body, name, "application/json")


def _download(body: bytes | str, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def take_in(request: HttpRequest) -> HttpResponse:
    """A file is read by a job that changes nothing and shows what would change."""
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return refuse(request, str(next(iter(form.errors.values()))[0]), "portability")
    file = form.cleaned_data["file"]
    data = {
        "body": base64.b64encode(file.read()).decode(), "format": form.cleaned_data["format"] or "auto", "name": file.name,
    }  # fmt: skip
    return redirect("job", start_job(person_of(request), "import_preferences", data).id)


@require_POST
def propose(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """Make proposals of what a dry run found."""
    found = get_object_or_404(
        Job, pk=job_id, person=person_of(request), kind="import_preferences", state=Job.State.DONE
    )
    data = {"job": str(found.id), "name": str(found.input.get("name", ""))[:100]}
    return redirect("job", start_job(person_of(request), "propose_import", data).id)


@require_POST
def erase(request: HttpRequest) -> HttpResponse:
    """Erase every wish, rule and guard with the whole history; `sure` has to be ticked."""
    if not request.POST.get("sure"):
        return refuse(request, "Tick that you are sure: this cannot be taken back.", "portability")
    erase_preferences(person_of(request))
    messages.success(request, "All your wishes, rules, guards and their history are erased.")
    return redirect("wishes")


@login_not_required
@require_GET
def schema(request: HttpRequest, name: str) -> HttpResponse:
    """The JSON Schema of one file of a bundle."""
    known = schemas()
    if name not in known:
        raise Http404
    response = HttpResponse(as_text(known[name]), content_type="application/schema+json")
    response["Cache-Control"] = "public, max-age=3600"
    return response

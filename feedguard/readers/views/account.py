"""The key for tags, and the person's own reader: dry run, switch, taking back."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from feedguard.dashboard.views.requests import person_of, refuse
from feedguard.decisions.models import Job
from feedguard.readers import keys, services
from feedguard.readers.forms import AccountForm
from feedguard.readers.models import ReaderAccount
from feedguard.readers.views.pages import reader_page


@require_POST
def key(request: HttpRequest) -> HttpResponse:
    """`do`: `make` (shown this once) or `drop`."""
    person = person_of(request)
    if request.POST.get("do") == "make":
        return reader_page(request, AccountForm(), new_key=keys.make_key(person))
    keys.drop_key(person)
    messages.success(request, "The key no longer works.")
    return redirect("reader")


@require_POST
def account(request: HttpRequest) -> HttpResponse:
    """`do`: connect, preview, on, off, take_back, or forget."""
    asked = request.POST.get("do", "")
    if asked == "connect":
        form = AccountForm(request.POST)
        if not form.is_valid():
            return reader_page(request, form, status=422)
        return redirect("job", services.connect(person_of(request), **form.cleaned_data).id)
    found = get_object_or_404(ReaderAccount, person=person_of(request))
    if asked == "preview":
        return redirect("job", services.preview_again(found.person).id)
    if asked == "take_back":
        return redirect("job", services.take_back(found).id)
    if asked == "on":
        try:
            services.switch_on(found)
        except services.NotPreviewed:
            return refuse(request, "Look first at what would be marked.", "reader")
        messages.success(request, "Switched on. What is hidden is marked as read in your reader within five minutes.")
    elif asked == "off":
        services.switch_off(found)
        messages.success(request, "Switched off. What was marked stays marked.")
    elif asked == "forget":
        services.forget(found)
        messages.success(request, "Your reader was removed here, with its token.")
    return redirect("reader")


@require_GET
def preview(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """What the dry run found."""
    job = get_object_or_404(Job, pk=job_id, person=person_of(request), kind="reader_preview", state=Job.State.DONE)
    context = {"result": job.result, "account": ReaderAccount.objects.filter(person=job.person).first()}
    return render(request, "readers/preview.html", context)

"""The person's own settings."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from feedguard.dashboard.forms import SettingsForm
from feedguard.dashboard.views.requests import person_of


@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Time zone (`do=settings`) and password (`do=password`)."""
    person = person_of(request)
    asked = request.POST.get("do")
    form = SettingsForm(request.POST if asked == "settings" else None, instance=person)
    password = PasswordChangeForm(person, request.POST if asked == "password" else None)
    if asked == "settings" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("settings")
    if asked == "password" and password.is_valid():
        password.save()
        update_session_auth_hash(request, person)
        messages.success(request, "Your password was changed.")
        return redirect("settings")
    wrong = bool(form.errors or password.errors)
    return render(
        request, "dashboard/settings.html", {"form": form, "password": password}, status=422 if wrong else 200
    )

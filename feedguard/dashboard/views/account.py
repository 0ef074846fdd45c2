"""The person's own settings: zone, languages, password, devices, sessions; and invites, for staff."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from feedguard.accounts import devices, invites, sessions
from feedguard.accounts.forms import DeviceForm, PasswordForm
from feedguard.accounts.models import SCOPES
from feedguard.dashboard.forms import SettingsForm
from feedguard.dashboard.views.requests import person_of


@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Time zone and languages (`do=settings`), password (`do=password`)."""
    person = person_of(request)
    asked = request.POST.get("do")
    form = SettingsForm(request.POST if asked == "settings" else None, instance=person)
    password = PasswordForm(person, request.POST if asked == "password" else None)
    if asked == "settings" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("settings")
    if asked == "password" and password.is_valid():
        password.save()
        sessions.end_others(person, request.session.session_key)
        sessions.forget(request)
        update_session_auth_hash(request, person)
        messages.success(request, "Your password was changed. Other browsers were signed out.")
        return redirect("settings")
    person.refresh_from_db()  # a form that was refused has left its values on the object
    return _page(request, {"form": form, "password": password})


def _page(request: HttpRequest, forms: dict[str, Any]) -> HttpResponse:
    person = person_of(request)
    shown = {
        "form": SettingsForm(instance=person),
        "password": PasswordForm(person),
        "device_form": DeviceForm(initial={"scopes": ["read", "decide"]}),
        **forms,
    }
    context = {
        **shown,
        "devices": person.devices.all(),
        "scopes": SCOPES,
        "sessions": sessions.signed_in(person),
        "own_session": request.session.session_key,
        "invites": invites.open_invites() if person.is_staff else None,
    }
    wrong = any(form.errors for form in shown.values())
    return render(request, "dashboard/settings.html", context, status=422 if wrong else 200)


@never_cache
@require_POST
def add_device(request: HttpRequest) -> HttpResponse:
    """Make a device; its token is on the page that answers, and nowhere after."""
    form = DeviceForm(request.POST)
    if not form.is_valid():
        return _page(request, {"device_form": form})
    device, token = devices.add_device(
        person_of(request), name=form.cleaned_data["name"], scopes=form.cleaned_data["scopes"]
    )
    address = request.build_absolute_uri(reverse("feed"))
    return render(request, "dashboard/device.html", {"device": device, "token": token, "address": address})


@require_POST
def revoke_device(request: HttpRequest, device_id: uuid.UUID) -> HttpResponse:
    if not devices.revoke(person_of(request), device_id):
        raise Http404
    messages.success(request, "The device was removed. Its token is refused from now on.")
    return redirect("settings")


@require_POST
def end_session(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    if not sessions.end(person_of(request), session_id):
        raise Http404
    messages.success(request, "That browser was signed out.")
    return redirect("settings")


@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    ended = sessions.end_others(person_of(request), request.session.session_key)
    messages.success(request, f"Signed out elsewhere: {ended}.")
    return redirect("settings")


@never_cache
@require_POST
def make_invite(request: HttpRequest) -> HttpResponse:
    """For staff. The link is on the page that answers, and nowhere after."""
    _staff_only(request)
    path = reverse("join", args=[invites.make_invite(person_of(request))])
    return render(request, "dashboard/invite.html", {"link": request.build_absolute_uri(path)})


@require_POST
def withdraw_invite(request: HttpRequest, invite_id: uuid.UUID) -> HttpResponse:
    _staff_only(request)
    if not invites.withdraw(invite_id):
        raise Http404
    messages.success(request, "The invite was withdrawn.")
    return redirect("settings")


def _staff_only(request: HttpRequest) -> None:
    if not person_of(request).is_staff:
        raise Http404

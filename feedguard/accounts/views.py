"""Signing in and out."""

from __future__ import annotations

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from feedguard.accounts.models import SignInLink


@login_not_required
@require_http_methods(["GET", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """A one-time link: looking at it asks for a click, so that a preview of the link does not use it up."""
    if request.method == "GET":
        return render(request, "accounts/sign_in_link.html")
    person = SignInLink.redeem(token)
    if person is None:
        return render(request, "accounts/sign_in_link.html", {"spent": True}, status=410)
    login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("feed")

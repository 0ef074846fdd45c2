"""Signing in and out, and joining by invite."""

from __future__ import annotations

import math

from django.contrib.auth import login
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods

from feedguard.accounts import invites
from feedguard.accounts.forms import CLOSED, JoinForm, SignInForm
from feedguard.accounts.models import Person, SignInLink


@method_decorator(login_not_required, name="dispatch")
class SignIn(auth_views.LoginView):
    """User and password. After too many failures the answer is 429 with the wait in Retry-After (seconds)."""

    template_name = "accounts/sign_in.html"
    form_class = SignInForm
    redirect_authenticated_user = True

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        if not form.has_error("__all__", CLOSED):
            return super().form_invalid(form)
        seconds = math.ceil(form.wait.total_seconds())  # type: ignore[attr-defined]
        context = self.get_context_data(form=form, minutes=math.ceil(seconds / 60))
        return self.render_to_response(context, status=429, headers={"Retry-After": str(seconds)})


@login_not_required
@require_http_methods(["GET", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """A one-time link: looking at it asks for a click, so that a preview of the link does not use it up."""
    if request.method == "GET":
        return render(request, "accounts/sign_in_link.html")
    person = SignInLink.redeem(token)
    if person is None:
        return render(request, "accounts/sign_in_link.html", {"spent": True}, status=410)
    return _let_in(request, person)


@login_not_required
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Make an account by an invite link."""
    invite = invites.invite_of(token)
    if invite is None:
        return render(request, "accounts/join.html", {"spent": True}, status=410)
    form = JoinForm(request.POST or None, initial={"time_zone": invite.made_by.time_zone})
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        person = invites.join(
            invite, username=asked["username"], password=asked["password1"], time_zone=asked["time_zone"]
        )
        if person is None:
            return render(request, "accounts/join.html", {"spent": True}, status=410)
        return _let_in(request, person)
    context = {"form": form, "made_by": invite.made_by}
    return render(request, "accounts/join.html", context, status=422 if form.errors else 200)


def _let_in(request: HttpRequest, person: Person) -> HttpResponse:
    login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("feed")

"""Rules and guards."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from agents.errors import RuleRefused
from feedguard.dashboard import selectors
from feedguard.dashboard.forms import GuardForm, RuleForm
from feedguard.dashboard.views.requests import follow, person_of
from feedguard.preferences import editing
from graph.errors import GraphError


@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """The page; a POST tries a rule (`do=try`) or adds it."""
    person = person_of(request)
    form, tried = RuleForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        kind, value = form.cleaned_data["kind"], form.cleaned_data["value"]
        try:
            if request.POST.get("do") == "try":
                tried = editing.try_rule(person, kind, value)
            else:
                _, job = editing.add_rule(person, kind, value, form.cleaned_data["action"] or "hide")
                follow(request, job)
                return redirect("rules")
        except (RuleRefused, GraphError) as error:
            form.add_error("value", error.message)
    return _page(request, form, GuardForm(), tried)


@require_POST
def add_guard(request: HttpRequest) -> HttpResponse:
    form = GuardForm(request.POST)
    if form.is_valid():
        try:
            _, job = editing.add_guard(person_of(request), form.cleaned_data["guards"], form.cleaned_data["value"])
        except GraphError as error:
            form.add_error("value", error.message)
        else:
            follow(request, job)
            return redirect("rules")
    return _page(request, RuleForm(), form, None)


def _page(
    request: HttpRequest, form: RuleForm, guard_form: GuardForm, tried: list[dict[str, object]] | None
) -> HttpResponse:
    found, guards = selectors.rules_and_guards(person_of(request))
    wrong = bool(form.errors or guard_form.errors)
    context = {"rules": found, "guards": guards, "form": form, "guard_form": guard_form, "tried": tried}
    return render(request, "dashboard/rules.html", context, status=422 if wrong else 200)

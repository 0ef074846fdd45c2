"""What every request of a signed-in person does beside its own work."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from feedguard.accounts import sessions


class NoteSession:
    """Notes the browser of a signed-in person, for the list of sessions in Settings."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            sessions.note(request, request.user)
        return self._get_response(request)

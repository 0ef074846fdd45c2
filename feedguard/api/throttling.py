"""How many requests a person may make in a minute, with all devices together."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from ninja.throttling import BaseThrottle

from feedguard.api.auth import person_of
from feedguard.throttle import left_of_window, too_often


class PerPerson(BaseThrottle):
    """One for all requests, so it keeps nothing of any of them."""

    def allow_request(self, request: HttpRequest) -> bool:
        return not too_often(f"api:{person_of(request).pk}", limit=settings.API_PER_MINUTE)

    def wait(self) -> float:
        return left_of_window()

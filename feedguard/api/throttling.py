"""How many requests a person may make in a minute, with all devices together."""

from __future__ import annotations

import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from ninja.throttling import BaseThrottle

from feedguard.api.auth import person_of

WINDOW_SECONDS = 60


class PerPerson(BaseThrottle):
    """A counter for each minute of the clock in Django's cache: of this process, where no other is configured."""

    def allow_request(self, request: HttpRequest) -> bool:
        key = f"api:{person_of(request).pk}:{int(time.time()) // WINDOW_SECONDS}"
        cache.add(key, 0, WINDOW_SECONDS * 2)
        return bool(cache.incr(key) <= settings.API_PER_MINUTE)

    def wait(self) -> float:
        """Seconds until the next minute begins."""
        return WINDOW_SECONDS - time.time() % WINDOW_SECONDS

"""How often something may be asked for, counted in Django's cache: of this process, where no other is configured.

Signing in is throttled apart (accounts/throttle.py), by counters that outlive a restart.
"""

from __future__ import annotations

import time

from django.core.cache import cache


def too_often(key: str, *, limit: int, seconds: int = 60) -> int:
    """Count one request. Returns 0, or how many seconds to wait where the limit of this window is used up."""
    now = int(time.time())
    window = f"throttle:{key}:{now // seconds}"
    cache.add(window, 0, seconds * 2)
    return left_of_window(seconds) if cache.incr(window) > limit else 0


def left_of_window(seconds: int = 60) -> int:
    """Seconds until the next window begins; at least 1."""
    return seconds - int(time.time()) % seconds

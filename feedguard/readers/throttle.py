"""A limit on how often an address may be asked for, counted in the process's cache."""

from __future__ import annotations

import time

from django.core.cache import cache


def too_often(key: str, *, limit: int, seconds: int = 60) -> int:
    """Count one request. Returns 0, or how many seconds to wait where this window's limit is used up."""
    now = int(time.time())
    window = f"throttle:{key}:{now // seconds}"
    cache.add(window, 0, seconds * 2)
    return seconds - now % seconds if cache.incr(window) > limit else 0

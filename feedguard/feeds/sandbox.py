"""A child process in which untrusted bytes are parsed, under limits of time and memory.

SandboxError
├── SandboxTimeout  the work took too long and was ended
└── SandboxCrashed  it ran out of memory or died
"""

from __future__ import annotations

import multiprocessing
import resource
import signal
import threading
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

from pebble import ProcessExpired, ProcessPool

MEMORY_BYTES = 1_500 * 1024 * 1024
TASKS_A_CHILD = 500


class SandboxError(Exception):
    """The work did not come to an end; the message is for the person."""

    permanent = False


class SandboxTimeout(SandboxError):
    pass


class SandboxCrashed(SandboxError):
    pass


class Sandbox:
    """One child, started by the first call. Safe to call from several threads."""

    def __init__(self) -> None:
        self._pool: ProcessPool | None = None
        self._lock = threading.Lock()

    def call(self, function: Callable[..., Any], *arguments: Any, timeout_seconds: float, **named: Any) -> Any:
        """The function's result. Its own exceptions come through; functions and values must be picklable."""
        with self._lock:
            if self._pool is None or not self._pool.active:
                context = multiprocessing.get_context("spawn")
                self._pool = ProcessPool(max_workers=1, max_tasks=TASKS_A_CHILD, initializer=_limit, context=context)
            future = self._pool.schedule(function, args=arguments, kwargs=named, timeout=timeout_seconds)
        try:
            return future.result(timeout_seconds * 4)
        except FutureTimeout:
            raise SandboxTimeout(f"Reading this took longer than {timeout_seconds:.0f} seconds.") from None
        except (ProcessExpired, MemoryError):
            raise SandboxCrashed("Reading this took more memory than is allowed.") from None

    def close(self) -> None:
        """End the child."""
        with self._lock:
            if self._pool is not None:
                self._pool.stop()
                self._pool.join()
                self._pool = None


def _limit() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

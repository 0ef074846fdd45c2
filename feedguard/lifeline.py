"""A child process ends when its supervisor does, however that died."""

from __future__ import annotations

import os
import signal
import sys
import threading

GRACE_SECONDS = 5.0


def follow_parent() -> None:
    """Watch standard input, a pipe that the supervisor holds open; when it closes, end this process."""
    threading.Thread(target=_watch, name="lifeline", daemon=True).start()


def _watch() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(GRACE_SECONDS)
    os._exit(1)

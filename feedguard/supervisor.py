"""The supervisor of the embedded form: starts web and worker, restarts a dead one, stops both cleanly.

Each child gets a pipe as standard input and ends when that closes, so that none outlives the supervisor.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence

STOP_SECONDS = 7.0
QUICK_DEATH_SECONDS = 5.0
MAX_PAUSE_SECONDS = 30.0


class Child:
    """One process that is to run for ever."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.name, self.command, self.environment = name, command, environment
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.restart_at = 0.0
        self.pause = 0.5

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, env=dict(self.environment), start_new_session=True
        )

    def look_after(self) -> None:
        """Start again a process that died; one that dies at once is given more and more time."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.restart_at:
                self.start()
        elif (status := self.process.poll()) is not None:
            quick = now - self.started < QUICK_DEATH_SECONDS
            self.pause = min(self.pause * 2, MAX_PAUSE_SECONDS) if quick else 0.5
            print(f"The {self.name} process ended (status {status}); starting it again.", file=sys.stderr, flush=True)
            self.process, self.restart_at = None, now + (self.pause if quick else 0)

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def end(self, deadline: float) -> None:
        """Wait for the process until the deadline (monotonic seconds), then kill it."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def supervise(children: Sequence[Child]) -> None:
    """Run the children until SIGINT or SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        while not stop.is_set():
            for child in children:
                child.look_after()
            stop.wait(0.25)
    finally:
        for child in children:
            child.ask_to_stop()
        deadline = time.monotonic() + STOP_SECONDS
        for child in children:
            child.end(deadline)

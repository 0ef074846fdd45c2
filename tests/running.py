"""The product as a person runs it: the real supervisor, web and worker, in a data folder of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(condition: Callable[[], object], seconds: float = 30.0, what: object = "") -> None:
    """Wait for a condition; fails after the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what or condition}")
        time.sleep(0.05)


class Running:
    """`python -m feedguard.launch` in a folder. Use as a context manager."""

    def __init__(self, folder: Path, *arguments: str, environment: dict[str, str] | None = None) -> None:
        self.folder, self.port = folder, free_port()
        self.log_path = folder.parent / f"{folder.name}.log"
        self.arguments: Sequence[str] = arguments
        own = {k: v for k, v in os.environ.items() if not k.startswith("FEEDGUARD_")}
        self.environment = {**own, "FEEDGUARD_ALLOWED_NETWORKS": "127.0.0.0/8", **(environment or {})}
        self.process: subprocess.Popen[bytes] | None = None
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Running:
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "feedguard.launch", "--data", str(self.folder), "--port", str(self.port), *self.arguments],
                cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        until(self.answers, 60, f"answer; log: {self.log_path}")
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> float:
        """Ctrl-C; returns the seconds until everything had ended."""
        assert self.process is not None
        started = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(20)
        return time.monotonic() - started

    def answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def sign_in_link(self) -> str:
        return re.findall(r"http://\S+/sign-in/\S+", self.log())[-1]

    def children(self, name: str) -> list[int]:
        """Process ids of the supervisor's children that run this command."""
        assert self.process is not None
        found = []
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(status.read_text().rpartition(")")[2].split()[1])
                command = (status.parent / "cmdline").read_bytes().split(b"\0")
            except (OSError, ValueError):
                continue
            if parent == self.process.pid and name.encode() in command:
                found.append(int(status.parent.name))
        return found

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """Read the database."""
        if url := self.environment.get("FEEDGUARD_DATABASE_URL"):
            import psycopg

            with psycopg.connect(url) as server:
                return server.execute(sql).fetchall()  # type: ignore[call-overload, no-any-return]
        connection = sqlite3.connect(f"file:{self.folder / 'app.db'}?mode=ro", uri=True, timeout=5)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

"""Neo4j in a container of Docker, reachable from this machine alone. Not yet run by us against a Docker engine."""

from __future__ import annotations

import shutil
import signal
import subprocess
import uuid

from tests.running import free_port

IMAGE = "neo4j:5.26-community"


def lacking() -> str:
    """Why no container can be started; empty where one can."""
    if not shutil.which("docker"):
        return "no Docker"
    try:
        answers = subprocess.run(["docker", "info"], capture_output=True, timeout=10).returncode == 0
    except subprocess.TimeoutExpired:
        answers = False
    return "" if answers else "no working Docker engine (docker info fails)"


class Container:
    """A server whose data lies in a volume of its own, which outlives `stop`, until `remove`."""

    where = "in a container started here"
    sets_password = True

    def __init__(self) -> None:
        self.port = free_port()
        self.name = f"feedguard-test-{uuid.uuid4().hex[:12]}"

    def start(self, password: str) -> None:
        _docker(
            "run", "--rm", "-d", "--name", self.name, "-v", f"{self.name}:/data", "-p", f"127.0.0.1:{self.port}:7687",
            "-e", f"NEO4J_AUTH=neo4j/{password}", "-e", "NEO4J_dbms_usage__report_enabled=false", IMAGE,
        )  # fmt: skip

    def ended(self) -> bool:
        return not _docker("ps", "-q", "--filter", f"name={self.name}").strip()

    def freeze(self) -> None:
        _docker("pause", self.name)

    def thaw(self) -> None:
        _docker("unpause", self.name)

    def stop(self, how: signal.Signals) -> None:
        if self.ended():
            return
        if how is signal.SIGKILL:
            _docker("kill", self.name)
        else:
            _docker("stop", "--time", "60", self.name)
        # `--rm` removes it after it has ended; only then is its name free for the next start.
        subprocess.run(["docker", "wait", self.name], capture_output=True, timeout=60)

    def remove(self) -> None:
        self.stop(signal.SIGKILL)
        _docker("volume", "rm", "--force", self.name)

    def log(self) -> str:
        return subprocess.run(["docker", "logs", "--tail", "40", self.name], capture_output=True, text=True).stdout


def _docker(*arguments: str) -> str:
    """Its output. Raises RuntimeError with what it said where it fails; an image is pulled within ten minutes."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=600)
    if done.returncode:
        raise RuntimeError(f"docker {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout

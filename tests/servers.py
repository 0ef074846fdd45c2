"""Real PostgreSQL and Redis for tests: those that the environment names, or ones started here in a passing folder."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis

from tests.running import free_port, until

POSTGRES_URL, REDIS_URL = "FEEDGUARD_TEST_POSTGRES_URL", "FEEDGUARD_TEST_REDIS_URL"


def _postgres_folder() -> Path | None:
    """Where PostgreSQL's programs are: on the path, or where Debian keeps them."""
    on_path = shutil.which("pg_ctl")
    places = [
        *sorted(Path("/usr/lib/postgresql").glob("*/bin")),
        *([Path(on_path).resolve().parent] if on_path else []),
    ]
    return next((place for place in reversed(places) if (place / "initdb").exists()), None)


def postgres_lacking() -> str:
    """Why there is no PostgreSQL to test with; empty where there is one."""
    if os.environ.get(POSTGRES_URL):
        return ""
    if _postgres_folder() is None:
        return f"no PostgreSQL server, and {POSTGRES_URL} is not set (Debian: apt install postgresql)"
    if os.getuid() == 0 and not _unprivileged():
        return "PostgreSQL does not run as root, and there is no user postgres to run it as"
    return ""


def redis_lacking() -> str:
    """Why there is no Redis to test with; empty where there is one."""
    if os.environ.get(REDIS_URL) or shutil.which("redis-server"):
        return ""
    return f"no redis-server, and {REDIS_URL} is not set (Debian: apt install redis-server)"


def _unprivileged() -> bool:
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        return False
    return shutil.which("runuser") is not None


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of an empty database. A server that the environment names gets one that is dropped afterwards."""
    if given := os.environ.get(POSTGRES_URL):
        name = f"feedguard_test_{os.getpid()}"
        with psycopg.connect(given, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(given)._replace(path=f"/{name}").geturl()
        finally:
            with psycopg.connect(given, autocommit=True) as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        return
    folder = Path(tempfile.mkdtemp(prefix="feedguard-postgres-"))
    try:
        with _own_postgres(folder) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _own_postgres(folder: Path) -> Iterator[str]:
    programs = _postgres_folder()
    assert programs is not None
    as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres")
    data, port = folder / "data", free_port()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT, "cwd": folder, "check": True}
    subprocess.run([*as_user, programs / "initdb", "-D", data, "-U", "feedguard", "-A", "trust", "-E", "UTF8"], **quiet)  # type: ignore[call-overload]
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    control = [*as_user, programs / "pg_ctl", "-D", data, "-w"]
    subprocess.run([*control, "-o", options, "-l", folder / "log", "start"], **quiet)  # type: ignore[call-overload]
    try:
        with psycopg.connect(f"postgresql://feedguard@127.0.0.1:{port}/postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE feedguard")
        yield f"postgresql://feedguard@127.0.0.1:{port}/feedguard"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **quiet)  # type: ignore[call-overload]


class RedisServer:
    """A Redis that can be stopped and started again at the same address. Use as a context manager."""

    def __init__(self) -> None:
        self.given = os.environ.get(REDIS_URL, "")
        self.port = free_port()
        self.url = self.given or f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> RedisServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        if self.given:
            return
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=tempfile.gettempdir())
        until(self._answers, 20, "Redis")

    def _answers(self) -> bool:
        try:
            return bool(redis.Redis.from_url(self.url, socket_timeout=1).ping())
        except redis.RedisError:
            return False

    def stop(self) -> None:
        """End it without saving anything."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            time.sleep(0.1)

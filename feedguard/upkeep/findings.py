"""What `doctor` finds, and the checks that look at the machine and its files."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import ipaddress
import shutil
import socket
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from django.conf import settings

from feedguard import DATA_VERSION, __version__

LITTLE_BYTES = 1024**3
TOO_LITTLE_BYTES = 200 * 1024**2
EXTRAS = {
    "server": ("psycopg", "redis"),
    "vision": ("torch", "open_clip"),
    "llm": ("langchain_openai",),
    "train": ("torch", "datasets"),
}
State = Literal["well", "look", "bad"]


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, how it stands, and what to do where it does not stand well."""

    state: State
    what: str
    says: str
    do: str = ""


def well(what: str, says: str) -> Finding:
    return Finding("well", what, says)


def look(what: str, says: str, do: str) -> Finding:
    return Finding("look", what, says, do)


def bad(what: str, says: str, do: str) -> Finding:
    return Finding("bad", what, says, do)


def data_folder() -> Iterator[Finding]:
    folder: Path = settings.DATA
    if not (folder / "version").exists():
        yield bad("data folder", f"{folder} is none", "Set FEEDGUARD_DATA, or start FeedGuard once to make it.")
        return
    form = (folder / "version").read_text().strip()
    if not form.isdigit() or int(form) > DATA_VERSION:
        yield bad("data folder", f"form {form}, this FeedGuard knows {DATA_VERSION}", "Update FeedGuard.")
    open_to = [path.name or str(path) for path in (folder, folder / "secret_key") if _others_may(path)]
    if open_to:
        yield look("data folder", f"others on this machine may read {' and '.join(open_to)}", f"chmod -R go= {folder}")
    else:
        yield well("data folder", f"{folder} ({_size(_used(folder))})")


def _others_may(path: Path) -> bool:
    return path.exists() and bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _used(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def disk() -> Iterator[Finding]:
    there = next((p for p in (settings.DATA, *settings.DATA.parents) if p.exists()), Path("/"))
    free = shutil.disk_usage(there).free
    if free < TOO_LITTLE_BYTES:
        yield bad("disk", f"{_size(free)} free", "Make room now: the databases cannot grow.")
    elif free < LITTLE_BYTES:
        yield look(
            "disk", f"{_size(free)} free", "Make room, or keep items for fewer days (FEEDGUARD_KEEP_ITEMS_DAYS)."
        )
    else:
        yield well("disk", f"{_size(free)} free")


def _size(count: int) -> str:
    return f"{count / 1024**3:.1f} GB" if count >= 1024**3 else f"{count / 1024**2:.1f} MB"


def broker() -> Iterator[Finding]:
    """Only where the workers share one; the embedded worker has it in its own memory."""
    if urlsplit(settings.BROKER_URL).scheme == "memory":
        return
    from kombu.exceptions import OperationalError

    from feedguard.celery import app

    place = one_line(app.connection().as_uri())
    try:
        with app.connection_for_read() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=3)
            connection.default_channel.client.ping()
    except (OperationalError, OSError, *app.connection().connection_errors) as error:
        yield bad(
            "broker", f"{place} does not answer ({one_line(error)})",
            "Start Redis; nothing is lost meanwhile, work waits in the outbox. Else look at FEEDGUARD_BROKER_URL.",
        )  # fmt: skip
    else:
        yield well("broker", f"answers at {place}")


def one_line(said: object) -> str:
    """What a server or library said, short enough for a finding."""
    text = " ".join(str(said).split())
    return text if len(text) <= 200 else f"{text[:199]}…"


def web() -> Iterator[Finding]:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.HOST, settings.HOST)  # noqa: S104 – compared, not bound
    try:
        with socket.create_connection((host, settings.PORT), timeout=2):
            yield well("web", f"answers at {host}:{settings.PORT}")
    except OSError:
        yield bad("web", f"does not answer at {host}:{settings.PORT}", "Start FeedGuard (make run, or its service).")


def installation() -> Iterator[Finding]:
    there = [name for name, modules in EXTRAS.items() if all(importlib.util.find_spec(m) for m in modules)]
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("Django", "celery"))
    yield well("installed", f"FeedGuard {__version__}, {versions}; extras: {', '.join(there) or 'none'}")


def risky_settings() -> Iterator[Finding]:
    found = list(_risks())
    yield from found
    if not found:
        yield well("settings", "nothing risky")


def _risks() -> Iterable[Finding]:
    if settings.DEBUG:
        yield bad("settings", "FEEDGUARD_DEBUG shows the inside of errors to everybody", "Set it to no.")
    if not _is_loopback(settings.HOST) and not settings.HTTPS:
        yield bad(
            "settings", f"{settings.HOST} can be reached by other machines, without encryption",
            "Put a server with HTTPS before it and set FEEDGUARD_HTTPS=yes, or listen on 127.0.0.1.",
        )  # fmt: skip
    if settings.ALLOWED_NETWORKS:
        yield look(
            "settings", f"feeds may be fetched from {', '.join(settings.ALLOWED_NETWORKS)}",
            "Anybody with an account here can ask for addresses there. Name single ones instead "
            "(FEEDGUARD_ALLOWED_ADDRESSES).",
        )  # fmt: skip
    if "*" in settings.ALLOWED_HOSTS:
        yield bad("settings", "FEEDGUARD_ALLOWED_HOSTS takes any name", "Name your own.")
    if len(settings.SECRET_KEY) < 50:
        yield bad(
            "settings", "FEEDGUARD_SECRET_KEY is short", "Use 50 random characters, or leave it to the data folder."
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

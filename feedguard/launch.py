"""`feedguard` on the command line: make the data folder ready, migrate, supervise, say how to sign in.

Takes nothing from Django until the data folder and the environment are settled.
"""

from __future__ import annotations

import argparse
import ipaddress
import os
import secrets
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from feedguard.data_folder import DataFolderError, open_data_folder
from feedguard.supervisor import Child, supervise

FIRST_USER = "me"
ROOT = Path(__file__).parent.parent


class CannotStart(Exception):
    """FeedGuard cannot start; the message says what to do."""


def main(arguments: list[str] | None = None) -> None:
    options = read_arguments(arguments)
    try:
        prepare_environment(options)
        new = open_data_folder(Path(os.environ["FEEDGUARD_DATA"]))
        check_port(os.environ["FEEDGUARD_HOST"], int(os.environ["FEEDGUARD_PORT"]))
    except (CannotStart, DataFolderError) as error:
        sys.exit(f"FeedGuard cannot start. {error}")
    print("Getting the database ready …" if new else "Starting …", flush=True)
    for line in [*prepare(demo=not options.no_demo), "Ctrl-C stops it.", ""]:
        print(line, flush=True)
    supervise([_child("web"), _child("worker")])
    print("\nStopped.", flush=True)


def read_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="feedguard", description="Run FeedGuard on this machine.")
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1: this machine only)")
    parser.add_argument("--port", type=int, help="port to listen on (default 8765)")
    parser.add_argument(
        "--data", type=Path, help="data folder (default ./data in a clone, else ~/.local/share/feedguard)"
    )
    parser.add_argument("--no-demo", action="store_true", help="start without the demo's feeds and wishes")
    return parser.parse_args(arguments)


def prepare_environment(options: argparse.Namespace) -> None:
    """Give the command line's values to this process and its children as their environment."""
    given = {"FEEDGUARD_HOST": options.host, "FEEDGUARD_PORT": options.port, "FEEDGUARD_DATA": options.data}
    defaults = {"FEEDGUARD_HOST": "127.0.0.1", "FEEDGUARD_PORT": "8765", "FEEDGUARD_DATA": str(default_data())}
    for name, value in given.items():
        os.environ[name] = str(value) if value is not None else os.environ.get(name, defaults[name])
    os.environ["FEEDGUARD_DATA"] = str(Path(os.environ["FEEDGUARD_DATA"]).expanduser().absolute())
    port = os.environ["FEEDGUARD_PORT"]
    if not port.isdigit() or not 1 <= int(port) <= 65535:
        raise CannotStart(f"The port must be a number between 1 and 65535, not {port!r}. Choose one with --port N.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "feedguard.settings")


def default_data() -> Path:
    """`data` in a clone of the project; elsewhere the user's folder for data (XDG Base Directory Specification)."""
    if (ROOT / "pyproject.toml").exists():
        return Path("data")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "feedguard"


def check_port(host: str, port: int) -> None:
    """Raises CannotStart where the address cannot be bound."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror:
        raise CannotStart(f"{host} is no address of this machine. Choose another with --host ADDR.") from None
    except OverflowError:
        raise CannotStart(f"{port} is no port. Choose one between 1 and 65535 with --port N.") from None
    except OSError as error:
        raise CannotStart(
            f"Port {port} on {host} cannot be used ({error.strerror}). Is FeedGuard running already? "
            "Else choose another with --port N."
        ) from None


def prepare(*, demo: bool) -> list[str]:
    """Migrate, make the first person on the first start, and return the lines that say how to get in."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import CommandError, call_command

    from feedguard.accounts.models import Person, SignInLink
    from feedguard.decisions.jobs import start_job

    call_command("migrate", verbosity=0, interactive=False)
    try:
        call_command("graph", "migrate", verbosity=0)
    except CommandError as error:
        sys.exit(f"FeedGuard cannot start. {error}")
    base = _address(https=settings.HTTPS, names=settings.OWN_NAMES, host=settings.HOST, port=settings.PORT)
    lines = ["", f"FeedGuard runs at  {base}/", f"Data folder        {settings.DATA}"]
    person = Person.objects.filter(is_superuser=True, is_active=True).order_by("date_joined").first()
    if person is None:
        password = secrets.token_urlsafe(12)
        person = Person.objects.create_superuser(FIRST_USER, password=password, time_zone=_local_time_zone())
        lines += [f"User               {FIRST_USER}", f"Password           {password}   (shown only now)"]
        if demo:
            start_job(person, "demo", {})
    lines.append(f"Sign in once with  {base}/sign-in/{SignInLink.make(person)}")
    if not _is_loopback(settings.HOST) and not settings.HTTPS:
        lines.append(
            f"Careful: {settings.HOST} can be reached by other machines, without encryption. "
            "Put a server with HTTPS before it (see docs/settings.md)."
        )
    return lines


def _address(*, https: bool, names: Sequence[str], host: str, port: int) -> str:
    """Where people find the pages: behind HTTPS, at the first of the operator's names."""
    return f"https://{names[0]}" if https and names else f"http://{_shown(host)}:{port}"


def _shown(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _local_time_zone() -> str:
    import tzlocal

    try:
        return tzlocal.get_localzone_name() or "UTC"
    except (LookupError, ValueError):
        return "UTC"


def _child(command: str) -> Child:
    manage = [sys.executable, "-m", "django", command, "--follow-parent"]
    return Child(command, manage, os.environ)


if __name__ == "__main__":
    main()

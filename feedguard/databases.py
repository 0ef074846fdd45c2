"""Django's database: one SQLite file in the data folder, or the server of a URL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from feedguard.env import SettingError

BUSY_SECONDS = 5
CONNECT_SECONDS = 5
STATEMENT_MILLISECONDS = 30_000


def default(url: str, data: Path) -> dict[str, Any]:
    """Settings of the database. Raises SettingError for a URL that names no PostgreSQL server."""
    return _postgres(url) if url else _sqlite(data / "app.db")


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": BUSY_SECONDS,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=67108864;",
        },
    }


def _postgres(url: str) -> dict[str, Any]:
    try:
        import dj_database_url
    except ImportError:
        raise SettingError("FEEDGUARD_DATABASE_URL needs the extra “server” (psycopg, dj-database-url)") from None
    if not url.startswith(("postgres://", "postgresql://")):
        raise SettingError("FEEDGUARD_DATABASE_URL must begin with postgresql://")
    try:
        found: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    except ValueError as error:
        raise SettingError(f"FEEDGUARD_DATABASE_URL cannot be read: {error}") from None
    options = {"connect_timeout": CONNECT_SECONDS, "options": f"-c statement_timeout={STATEMENT_MILLISECONDS}"}
    return {**found, "OPTIONS": {**found.get("OPTIONS", {}), **options}}

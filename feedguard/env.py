"""Settings from the environment: typed readers that fail loudly and remember what they read.

`REGISTERED` holds every setting with its default, so that a test can hold docs/settings.md complete.
"""

from __future__ import annotations

import os

REGISTERED: dict[str, str] = {}


class SettingError(Exception):
    """An environment variable has a value that cannot be used; the message names it."""


def text(name: str, default: str) -> str:
    REGISTERED[name] = default
    return os.environ.get(name, default)


def words(name: str, default: str = "") -> tuple[str, ...]:
    """A list, separated by commas or white space."""
    return tuple(text(name, default).replace(",", " ").split())


def whole_number(name: str, default: int, *, least: int = 0, most: int = 2**31) -> int:
    raw = text(name, str(default))
    try:
        value = int(raw)
    except ValueError:
        raise SettingError(f"{name} must be a whole number, not {raw!r}") from None
    if not least <= value <= most:
        raise SettingError(f"{name} must lie between {least} and {most}, not {value}")
    return value


def switch(name: str, default: bool) -> bool:
    raw = text(name, "yes" if default else "no").lower()
    if raw in {"1", "yes", "true", "on"}:
        return True
    if raw in {"0", "no", "false", "off"}:
        return False
    raise SettingError(f"{name} must be yes or no, not {raw!r}")


def one_of(name: str, default: str, choices: tuple[str, ...]) -> str:
    value = text(name, default)
    if value not in choices:
        raise SettingError(f"{name} must be one of {', '.join(choices)}, not {value!r}")
    return value

"""Who asks: a device by its token, or the signed-in person by the session (with CSRF) from our own pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import APIKeyCookie, HttpBearer

from feedguard.accounts.devices import device_of
from feedguard.accounts.models import SCOPES, Device, Person
from feedguard.api.errors import Forbidden


@dataclass(frozen=True)
class Caller:
    """The person for whom a request is made, and the device that makes it (None: a page of ours)."""

    person: Person
    device: Device | None
    scopes: frozenset[str]


class DeviceToken(HttpBearer):
    """`Authorization: Bearer fg_…`. The token has to have the scope; a class each, so that the schema names it."""

    scope: str

    def __init__(self) -> None:
        self.openapi_description = f"A token with the scope “{self.scope}”: to {SCOPES[self.scope]}."
        super().__init__()

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        device = device_of(token)
        if device is None:
            return None
        scopes = frozenset(device.scope_list)
        if self.scope not in scopes:
            raise Forbidden(
                f"This token may not {SCOPES[self.scope]}; that needs the scope “{self.scope}”. "
                "Make another token in Settings."
            )
        return Caller(device.person, device, scopes)


class ReadToken(DeviceToken):
    scope = "read"


class DecideToken(DeviceToken):
    scope = "decide"


class WriteToken(DeviceToken):
    scope = "write"


class OwnSession(APIKeyCookie):
    """The session of our own pages. Anything but reading needs the header X-CSRFToken."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> Caller | None:
        if not request.COOKIES.get(self.param_name) or not request.user.is_authenticated:
            return None
        try:
            self._get_key(request)
        except HttpError:
            raise Forbidden("The header X-CSRFToken is missing or stale. Load the page again.") from None
        return self.authenticate(request, None)

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller | None:
        return Caller(request.user, None, frozenset(SCOPES)) if isinstance(request.user, Person) else None


TOKENS = {"read": ReadToken, "decide": DecideToken, "write": WriteToken}


def needs(scope: Literal["read", "decide", "write"]) -> list[Callable[[HttpRequest], object]]:
    """The ways to be allowed an operation of this scope."""
    return [TOKENS[scope](), OwnSession()]


def caller_of(request: HttpRequest) -> Caller:
    caller: Caller = request.auth  # type: ignore[attr-defined]
    return caller


def person_of(request: HttpRequest) -> Person:
    return caller_of(request).person

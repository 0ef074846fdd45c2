"""A program that uses the API with a device's token."""

from __future__ import annotations

from typing import Any

from django.test import Client

from feedguard.accounts.devices import add_device
from feedguard.accounts.models import SCOPES, Person


class Caller(Client):
    """Sends JSON under /api/v1. `json` of an answer is read with `.json()`."""

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        address = path if path.startswith("/api/") else f"/api/v1{path}"
        sent = {} if body is None else {"data": body, "content_type": "application/json"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return getattr(self, method)(address, headers=named, **sent)

    def decide(self, *items: Any) -> Any:
        answer = self.ask("post", "/decide", {"items": list(items)})
        assert answer.status_code == 200, answer.content
        return answer.json()


def caller(person: Person, *scopes: str) -> Caller:
    _, token = add_device(person, name="script", scopes=scopes or SCOPES)
    return Caller(headers={"Authorization": f"Bearer {token}"})


def error_of(answer: Any, status: int) -> dict[str, str]:
    """The error of an answer, which has the one shape of all errors."""
    assert answer.status_code == status, (answer.status_code, answer.content)
    body = answer.json()
    assert set(body) == {"error"}
    assert set(body["error"]) <= {"code", "message", "field"}
    assert body["error"]["code"]
    assert body["error"]["message"]
    error: dict[str, str] = body["error"]
    return error

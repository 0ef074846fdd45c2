"""Idempotency keys: the same key with the same request gives the first answer again, for a day.

What is kept are successful answers. A refused request has changed nothing and may be sent again, mended, under
another key. A key whose work was cut off by a crash is free again after a minute.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja import Status
from pydantic import BaseModel

from feedguard.accounts.models import Person
from feedguard.api.auth import person_of
from feedguard.api.errors import ApiError
from feedguard.api.models import Answer

P = ParamSpec("P")
Operation = Callable[Concatenate[HttpRequest, P], Any]
HEADER = "Idempotency-Key"
KEPT = dt.timedelta(hours=24)
CUT_OFF = dt.timedelta(minutes=1)
PARAMETER = {
    "parameters": [
        {
            "in": "header",
            "name": HEADER,
            "required": False,
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
            "description": "Any name of yours for this request; the same one again gives the first answer again.",
        }
    ]
}
"""The header, for the schema of an operation."""


def once(operation: Operation[P]) -> Operation[P]:
    """Wrap an operation that answers with a schema, or with a Status of one."""

    @wraps(operation)
    def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> Any:
        key = request.headers.get(HEADER)
        if key is None:
            return operation(request, *args, **kwargs)
        person = person_of(request)
        answer = _begin(person, _checked(key), _hash(request))
        if answer.status:
            return Status(answer.status, answer.body)
        try:
            result = operation(request, *args, **kwargs)
        except Exception:
            answer.delete()
            raise
        answer.status, body = (result.status_code, result.value) if isinstance(result, Status) else (200, result)
        answer.body = body.model_dump(mode="json") if isinstance(body, BaseModel) else body
        answer.save(update_fields=["status", "body"])
        return result

    # Annotations are resolved here, where the operation's module is known.
    wrapped.__signature__ = inspect.signature(operation, eval_str=True)  # type: ignore[attr-defined]
    return wrapped


def _checked(key: str) -> str:
    if not 1 <= len(key) <= 255 or not all("!" <= c <= "~" for c in key):
        raise ApiError(422, "A key has 1 to 255 printable ASCII characters without spaces.", field=HEADER)
    return key


def _hash(request: HttpRequest) -> str:
    asked = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(asked + request.body).hexdigest()


def _begin(person: Person, key: str, request_hash: str) -> Answer:
    """Claim the key, or the answer that it already has."""
    now = timezone.now()
    with transaction.atomic():
        Answer.objects.filter(made_at__lt=now - KEPT).delete()
        Answer.objects.filter(person=person, key=key, status=0, made_at__lt=now - CUT_OFF).delete()
        answer, new = Answer.objects.get_or_create(
            person=person, key=key, defaults={"request_hash": request_hash, "made_at": now}
        )
    if answer.request_hash != request_hash:
        raise ApiError(409, "This key was used for another request. Use a new one.", code="key_reused", field=HEADER)
    if not new and not answer.status:
        raise ApiError(
            409, "The first request with this key is still in work. Try again.", code="in_work", field=HEADER
        )
    return answer

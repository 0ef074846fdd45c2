"""Errors of the API, all in one shape: `{"error": {"code", "message", "field"?}}`.

ApiError         what an operation refuses, with its HTTP status and code
├── NotFound     404: there is no such thing, or it is another person's
└── Forbidden    403: the caller's token is not allowed to do this

Errors of the layers below (GraphError, AgentError, JobRefused) are answered by what they are, in `answer_of`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from pydantic import BaseModel

from agents.errors import AgentError
from feedguard.decisions.jobs import JobRefused
from graph.errors import Conflict, GraphError, StoreUnavailable

log = logging.getLogger(__name__)

CODES = {
    400: "bad_request", 401: "not_authenticated", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
    409: "conflict", 413: "too_large", 422: "invalid", 429: "too_many_requests", 500: "internal", 503: "unavailable",
}  # fmt: skip
"""HTTP status to the code of an error where nothing says more."""
MESSAGES = {
    400: "The request cannot be read.",
    401: "Send a token: “Authorization: Bearer …”. Make one in Settings, under Devices and programs.",
    403: "This is not allowed.",
    404: "There is nothing at this address.",
    405: "This address does not take this method; the header Allow names those that it takes.",
    413: "The request is larger than 6 MB.",
    429: "Too many requests. Wait for the seconds in the header Retry-After.",
    500: "Something went wrong on our side. Nothing is wrong with your request; the log has more.",
    503: "A part of FeedGuard does not answer at the moment. Try again.",
}

BROKEN_TEXT = "This text is broken: it holds half of a surrogate pair."


class ErrorBody(BaseModel):
    """What went wrong. `field` names the part of the request, such as `items.3.text`, where one was wrong."""

    code: str
    message: str
    field: str | None = None


class ErrorOut(BaseModel):
    error: ErrorBody


class ApiError(Exception):
    """A refused request."""

    permanent = True

    def __init__(self, status: int, message: str, *, code: str = "", field: str = "") -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.field = status, message, code or CODES[status], field


class NotFound(ApiError):
    def __init__(self, what: str) -> None:
        super().__init__(404, f"There is no such {what}.")


class Forbidden(ApiError):
    def __init__(self, message: str) -> None:
        super().__init__(403, message)


def error_response(status: int, message: str = "", *, code: str = "", field: str = "") -> HttpResponse:
    body = {"code": code or CODES.get(status, "refused"), "message": message or MESSAGES.get(status, MESSAGES[400])}
    response = JsonResponse({"error": body | ({"field": field} if field else {})}, status=status)
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def answer_of(request: HttpRequest, error: Exception) -> HttpResponse:
    """The response to any exception of an operation."""
    if isinstance(error, ApiError):
        return error_response(error.status, error.message, code=error.code, field=error.field)
    if isinstance(error, ValidationError):
        message, field = first_problem(error.errors)
        return error_response(422, message, field=field)
    if isinstance(error, GraphError | AgentError | JobRefused):
        return error_response(_status(error), error.message, field=error.field)
    if isinstance(error, Http404):
        return error_response(404)
    if isinstance(error, AuthenticationError | Throttled):
        return error_response(error.status_code)
    if isinstance(error, HttpError):
        return error_response(error.status_code, error.message)
    if isinstance(error, RequestDataTooBig):
        return error_response(413)
    log.exception("%s %s failed", request.method, request.path, exc_info=error)
    return error_response(503 if isinstance(error, OperationalError) else 500)


def _status(error: Exception) -> int:
    if isinstance(error, StoreUnavailable):
        return 503
    return 409 if isinstance(error, Conflict) else 422


def first_problem(errors: list[dict[str, Any]]) -> tuple[str, str]:
    """Message and dotted field of the first of pydantic's errors. `loc` begins with the part of the request."""
    first = errors[0]
    where = first["loc"]
    return plain_message(first), dotted(where[2:] if where[:1] == ("body",) else where[1:])


def dotted(where: Sequence[object]) -> str:
    """The name of a field for people. Parts can be names that the caller made up, so only what can be seen is kept."""
    return "".join(c if c.isprintable() else "?" for c in ".".join(map(str, where)))[:200]


def plain_message(error: dict[str, Any]) -> str:
    if error["type"] == "string_unicode":
        return BROKEN_TEXT
    return str(error["msg"]).removeprefix("Value error, ")


def add_handlers(api: NinjaAPI) -> None:
    for kind in (Exception, Http404, HttpError, ValidationError):
        api.add_exception_handler(kind, answer_of)

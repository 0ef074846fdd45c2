"""`POST /v1/chat/completions`, in the form of OpenAI's API, for readers that ask a language model for tags."""

from __future__ import annotations

import time
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from pydantic import BaseModel, Field, ValidationError

from feedguard.accounts.devices import device_of
from feedguard.accounts.models import SCOPES, Person
from feedguard.ids import uuid7
from feedguard.readers.classifying import NotYet, tags_for
from feedguard.readers.keys import person_of_key
from feedguard.readers.prompts import read_prompt, word_answer
from feedguard.throttle import too_often

MODEL = "feedguard"
SCOPE = "decide"
MAX_BODY = 256 * 1024
MAX_TEXT = 64 * 1024
REQUESTS_A_MINUTE = 240


class _Part(BaseModel):
    type: str = "text"
    text: str = ""


class _Message(BaseModel):
    role: str
    content: str | list[_Part] | None = ""

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class _Chat(BaseModel):
    model: str = MODEL
    messages: list[_Message] = Field(min_length=1, max_length=50)
    stream: bool = False
    response_format: dict[str, Any] | None = None

    @property
    def prompt(self) -> str:
        return next((m.text for m in reversed(self.messages) if m.role == "user"), "")

    @property
    def as_json(self) -> bool:
        kind = (self.response_format or {}).get("type", "")
        asked = any("JSON" in m.text for m in self.messages if m.role in {"system", "developer"})
        return kind in {"json_object", "json_schema"} or asked

    @property
    def allowed(self) -> list[str]:
        """The tags that a JSON schema allows; empty: all."""
        place: Any = self.response_format
        for step in ("json_schema", "schema", "properties", "tags", "items", "enum"):
            place = place.get(step) if isinstance(place, dict) else None
        return [str(tag) for tag in place] if isinstance(place, list) else []


class _Refused(Exception):
    def __init__(self, status: int, code: str, message: str, param: str = "", wait: int = 0) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.param, self.wait = status, code, message, param, wait


@csrf_exempt
@login_not_required
def chat(request: HttpRequest) -> JsonResponse:
    try:
        if request.method != "POST":
            raise _Refused(405, "method_not_allowed", "Ask with POST.")
        person = _person(request)
        asked = _read(request)
        tags = tags_for(person, read_prompt(asked.prompt), asked.allowed)
    except _Refused as refused:
        return _error(refused)
    except NotYet:
        return _error(_Refused(503, "not_yet", "FeedGuard has not come to this article yet. Ask again.", wait=5))
    return JsonResponse(
        {
            "id": f"chatcmpl-{uuid7().hex}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": asked.model,
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": word_answer(tags, as_json=asked.as_json)},
                    "finish_reason": "stop",
                    "logprobs": None,
                }
            ],
            "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
        }
    )


def _person(request: HttpRequest) -> Person:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    person = _person_of(token.strip()) if scheme.lower() == "bearer" else None
    if person is None:
        raise _Refused(
            401, "invalid_api_key", "Give the key from “Your reader”, or a device's token, as the bearer token."
        )
    if wait := too_often(f"chat:{person.id}", limit=REQUESTS_A_MINUTE):
        raise _Refused(429, "rate_limit_exceeded", "Too many articles at once. Wait a moment.", wait=wait)
    return person


def _person_of(token: str) -> Person | None:
    """Whose key this is, or whose device's token of the API; that has to have the scope `decide`."""
    device = device_of(token)
    if device is None:
        return person_of_key(token)
    if SCOPE not in device.scope_list:
        raise _Refused(
            403, "forbidden", f"This token may not {SCOPES[SCOPE]}. Make one with the scope “{SCOPE}” in Settings."
        )
    return device.person


def _read(request: HttpRequest) -> _Chat:
    length = request.headers.get("Content-Length", "")
    if not length.isdigit() or int(length) > MAX_BODY:
        raise _Refused(413, "too_large", f"The request is larger than {MAX_BODY // 1024} KB.", "messages")
    try:
        asked = _Chat.model_validate_json(request.body)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "body"
        raise _Refused(400, "invalid_request", f"{place}: {first['msg']}", place) from None
    if asked.stream:
        raise _Refused(400, "unsupported", "Answers are not streamed. Leave `stream` out.", "stream")
    if not asked.prompt.strip():
        raise _Refused(400, "invalid_request", "There is no message of the role “user”.", "messages")
    if len(asked.prompt.encode(errors="replace")) > MAX_TEXT:
        raise _Refused(413, "too_large", f"The article is larger than {MAX_TEXT // 1024} KB.", "messages")
    return asked


def _error(refused: _Refused) -> JsonResponse:
    kind = "server_error" if refused.status >= 500 else "invalid_request_error"
    error = {"message": refused.message, "type": kind, "param": refused.param or None, "code": refused.code}
    response = JsonResponse({"error": error}, status=refused.status)
    if refused.wait:
        response["Retry-After"] = str(refused.wait)
    if refused.status == 405:
        response["Allow"] = "POST"
    if refused.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response

"""The page that describes the API: made from its schema, on the server, in our own clothes and without scripts."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

Schema = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """A parameter of an operation, or a field of a schema."""

    name: str
    type: str
    needed: bool
    about: str


@dataclass(frozen=True)
class Described:
    """One operation as the page shows it. `takes` and `gives` name schemas that the page shows below."""

    tag: str
    method: str
    path: str
    name: str
    about: str
    scope: str
    parameters: list[Part]
    takes: str
    gives: str
    status: str


class DocsPage(DocsBase):
    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        schema = api.get_openapi_schema(path_params=kwargs)
        described = [
            _operation(path, method, operation)
            for path, methods in schema["paths"].items()
            for method, operation in methods.items()
        ]
        context = {
            "groups": [(tag, list(group)) for tag, group in groupby(described, key=lambda one: one.tag)],
            "schemas": [
                (name, one.get("description", ""), _fields(one))
                for name, one in sorted(schema["components"]["schemas"].items())
            ],
            "schema_address": self.get_openapi_url(api, kwargs),
        }
        return render(request, "api/docs.html", context)


def _operation(path: str, method: str, operation: Schema) -> Described:
    status, answer = next(iter(operation["responses"].items()))
    return Described(
        tag=operation["tags"][0],
        method=method.upper(),
        path=path,
        name=operation["operationId"],
        about=operation.get("description", ""),
        scope=next(iter(operation["security"][0])).removesuffix("Token").lower(),
        parameters=[
            Part(p["name"], _type(p["schema"]), p.get("required", False), _about(p)) for p in operation["parameters"]
        ],
        takes=_schema_name(operation.get("requestBody", {})),
        gives=_schema_name(answer),
        status=str(status),
    )


def _schema_name(part: Schema) -> str:
    schema = part.get("content", {}).get("application/json", {}).get("schema", {})
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _fields(schema: Schema) -> list[Part]:
    needed = schema.get("required", [])
    return [Part(name, _type(one), name in needed, _about(one)) for name, one in schema.get("properties", {}).items()]


def _about(part: Schema) -> str:
    return str(part.get("description") or part.get("schema", {}).get("description", ""))


def _type(schema: Schema) -> str:
    """A type in few words, such as `list of ItemIn (1 to 50)`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema or "const" in schema:
        return " | ".join(map(str, schema.get("enum", [schema.get("const")])))
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}{_limits(schema, 'Items')}"
    return f"{schema.get('format') or schema.get('type', 'anything')}{_limits(schema, 'Length')}"


def _limits(schema: Schema, what: str) -> str:
    least = schema.get(f"min{what}", schema.get("minimum"))
    most = schema.get(f"max{what}", schema.get("maximum"))
    if most is None:
        return ""
    return f" (at most {most})" if least is None else f" ({least} to {most})"

"""JSON Schemas (draft 2020-12) of the files of a bundle, made from the models that read them.

`python -m graph.schemas docs/schema` writes them; a test holds that the published ones are these. Objects may
hold further properties: a reader keeps what it does not know.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from graph.bundle import FORMAT, VERSION
from graph.deltas import Delta
from graph.types import EntityKind, Exception_, Exemplar, Facet, Guard, Intent, Link, Origin, Scope

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, dict[str, Any]]:
    """Schema by name: manifest, profile, delta, exemplar, tombstone (the last three describe one line each)."""
    entity = _of(Intent | Facet | Exception_ | Guard | Scope)
    definitions = {**entity.pop("$defs"), **_of(Link).pop("$defs", {}), "Entity": entity, "Link": _of(Link)}
    profile = _object({"entities": _list_of("Entity"), "links": _list_of("Link")}) | {"$defs": definitions}
    kind, origin = TypeAdapter(EntityKind).json_schema(), TypeAdapter(Origin).json_schema()
    manifest = _object(
        {
            "format": {"const": FORMAT},
            "version": {"type": "integer", "minimum": 1, "maximum": VERSION},
            "person": {"type": "string"},
            "seq": {"type": "integer", "minimum": 0},
            "state_hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "made_at": {"type": "string", "format": "date-time"},
            "exemplars": {"type": "boolean"},
        }
    )
    found = {
        "manifest": manifest,
        "profile": profile,
        "delta": _of(Delta),
        "exemplar": _of(Exemplar),
        "tombstone": _object({"id": {"type": "string"}, "kind": kind, "origin": origin}),
    }
    return {
        name: {"$schema": DIALECT, "$id": f"/schema/{name}.json", "title": f"FeedGuard bundle: {name}", **body}
        for name, body in found.items()
    }


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": sorted(properties)}


def _list_of(name: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/$defs/{name}"}}


def _of(model: Any) -> dict[str, Any]:
    adapter: TypeAdapter[Any] = TypeAdapter(model)
    opened: dict[str, Any] = _open(adapter.json_schema(mode="serialization"))
    opened.pop("title", None)
    return opened


def _open(value: Any) -> Any:
    """The schema without its ban of further properties."""
    if isinstance(value, dict):
        return {k: _open(v) for k, v in value.items() if not (k == "additionalProperties" and v is False)}
    return [_open(v) for v in value] if isinstance(value, list) else value


def as_text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in schemas().items():
        (folder / f"{name}.json").write_text(as_text(schema), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

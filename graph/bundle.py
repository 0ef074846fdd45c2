"""A person's preferences as one file that they can take with them: a zip of JSON, with checksums.

`manifest.json` says what it is, `profile.json` holds what is alive (entities and links), `deltas.jsonl` the
history, `exemplars.jsonl` (if wanted) what was remembered of items, `tombstones.jsonl` what was retired, and
`SHA256SUMS` the SHA-256 of each, in the form of sha256sum(1). Every entity says its origin. The JSON Schemas
stand in docs/schema (graph/schemas.py). Fields that this version does not know are kept apart, so that an
export can write them back.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graph.chain import payload_of
from graph.deltas import Delta
from graph.errors import GraphError
from graph.state import State
from graph.types import Entity, Exemplar, Link

FORMAT = "feedguard-preferences"
VERSION = 1
MAX_BYTES = 5 * 1024 * 1024
"""Longest bundle, in bytes."""
MAX_UNPACKED = 40 * 1024 * 1024
"""Most that a bundle may unpack to, in bytes; real ones pack to about a fifth."""
MAX_FILES = 16
SUMS = "SHA256SUMS"


class BundleRefused(GraphError):
    """The file cannot be taken in; `field` names the part of it. Nothing was changed."""

    permanent = True


@dataclass(frozen=True)
class Bundle:
    """A checked bundle. `unknown` are fields that this version does not know: by entity id, and those of the
    manifest and the profile under these names."""

    person: str
    seq: int
    made_at: str
    entities: Mapping[str, Entity]
    links: frozenset[Link]
    tombstones: Mapping[str, str]
    deltas: tuple[Delta, ...]
    unknown: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def write_bundle(
    state: State,
    seq: int,
    log: Sequence[Delta],
    *,
    made_at: dt.datetime,
    exemplars: bool,
    unknown: Mapping[str, Mapping[str, Any]] | None = None,
) -> bytes:
    """The bundle of a state and its log. Without `exemplars` no word of an item is in it, in the history neither."""
    kept = unknown or {}
    hidden = set() if exemplars else _exemplar_ids(state, log)
    alive = {k: e for k, e in sorted(state.entities.items()) if e.status != "retired" and k not in hidden}
    links = frozenset(x for x in state.links if x.source in alive and x.target in alive)
    manifest = {
        "format": FORMAT, "version": VERSION, "person": state.person, "seq": seq,
        "state_hash": State(state.person, alive, links).hash, "made_at": made_at.isoformat(), "exemplars": exemplars,
    }  # fmt: skip
    profile = {
        "entities": [_merged(e, kept.get(k, {})) for k, e in alive.items() if not isinstance(e, Exemplar)],
        "links": [x.model_dump(mode="json") for x in _ordered(links)],
    }
    tombstones = [
        {"id": k, "kind": e.kind, "origin": getattr(e, "origin", "stated")}
        for k, e in sorted(state.entities.items())
        if e.status == "retired" and k not in hidden
    ]
    files = {
        "manifest.json": _text({**kept.get("manifest", {}), **manifest}),
        "profile.json": _text({**kept.get("profile", {}), **profile}),
        "deltas.jsonl": "".join(f"{payload_of(delta)}\n" for delta in _without(log, hidden)),
        "tombstones.jsonl": _lines(tombstones),
    }
    if exemplars:
        remembered = [_merged(e, kept.get(k, {})) for k, e in alive.items() if isinstance(e, Exemplar)]
        files["exemplars.jsonl"] = _lines(remembered)
    return _zipped(files, made_at)


def _exemplar_ids(state: State, log: Sequence[Delta]) -> set[str]:
    ids = {k for k, e in state.entities.items() if isinstance(e, Exemplar)}
    made = (op for delta in log for op in delta.ops if op.field == "" and isinstance(op.after, dict))
    return ids | {op.target for op in made if op.after.get("kind") == "exemplar"}


def _without(log: Sequence[Delta], hidden: set[str]) -> list[Delta]:
    """The log without operations on hidden entities, and without deltas of which nothing is left."""
    if not hidden:
        return list(log)
    found = []
    for delta in log:
        ops = tuple(op for op in delta.ops if op.target not in hidden and not _links_to(op.after or op.before, hidden))
        if ops:
            found.append(delta.model_copy(update={"ops": ops}))
    return found


def _links_to(value: Any, hidden: set[str]) -> bool:
    return isinstance(value, dict) and value.get("target") in hidden


def _merged(entity: Entity, unknown: Mapping[str, Any]) -> dict[str, Any]:
    """An entity's JSON with the unknown fields that an import brought along."""
    values = {**unknown.get("fields", {}), **entity.model_dump(mode="json")}
    for element in values.get("elements", ()):
        element.update(unknown.get("elements", {}).get(element["value"], {}))
    if values.get("rule") and "rule" in unknown:
        values["rule"] = {**unknown["rule"], **values["rule"]}
    return values


def _ordered(links: Iterable[Link]) -> list[Link]:
    return sorted(links, key=lambda x: (x.kind, x.source, x.target))


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _lines(rows: Iterable[object]) -> str:
    return "".join(f"{json.dumps(row, ensure_ascii=False, sort_keys=True)}\n" for row in rows)


def _zipped(files: Mapping[str, str], made_at: dt.datetime) -> bytes:
    sums = "".join(f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in sorted(files.items()))
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in [*sorted(files.items()), (SUMS, sums)]:
            info = zipfile.ZipInfo(name, made_at.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            archive.writestr(info, text)
    return body.getvalue()

"""Reading a bundle (see graph/bundle.py): checked whole, and refused with one clear error."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from graph.bundle import FORMAT, MAX_BYTES, MAX_FILES, MAX_UNPACKED, SUMS, VERSION, Bundle, BundleRefused
from graph.chain import delta_of
from graph.deltas import Delta
from graph.errors import GraphError
from graph.types import Element, Entity, Link, Rule
from graph.validation import clear

_entity: TypeAdapter[Entity] = TypeAdapter(Entity)
_KNOWN_KEYS = {
    "manifest": {"format", "version", "person", "seq", "state_hash", "made_at", "exemplars"},
    "profile": {"entities", "links"},
}


def read_bundle(body: bytes) -> Bundle:
    """Check a bundle whole and read it. Raises BundleRefused, naming file, line and field."""
    files = _unpacked(body)
    _check_sums(files)
    manifest = _object(_json(files, "manifest.json"), "manifest.json")
    _check_manifest(manifest)
    profile = _object(_json(files, "profile.json"), "profile.json")
    unknown: dict[str, Mapping[str, Any]] = {
        name: extra
        for name, raw in (("manifest", manifest), ("profile", profile))
        if (extra := {key: value for key, value in raw.items() if key not in _KNOWN_KEYS[name]})
    }
    entities: dict[str, Entity] = {}
    rows = [(f"profile.json, entities.{i}", row) for i, row in enumerate(_list(profile, "entities"))]
    rows += [(f"exemplars.jsonl, line {i}", row) for i, row in _json_lines(files, "exemplars.jsonl")]
    for where, row in rows:
        entity, extra = _read_entity(row, where)
        if entity.id in entities:
            raise BundleRefused(f"{where}: the id {entity.id} stands there twice.", field="id")
        entities[entity.id] = entity
        if extra:
            unknown[entity.id] = extra
    return Bundle(
        person=str(manifest["person"]),
        seq=int(manifest["seq"]),
        made_at=str(manifest.get("made_at", "")),
        entities=entities,
        links=_read_links(_list(profile, "links"), entities),
        tombstones=_read_tombstones(files),
        deltas=_read_deltas(files, str(manifest["person"])),
        unknown=unknown,
    )


def _unpacked(body: bytes) -> dict[str, bytes]:
    if len(body) > MAX_BYTES:
        raise BundleRefused(f"The file is larger than {MAX_BYTES // 1024 // 1024} MB.", field="file")
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            infos = archive.infolist()
            _check_names(infos)
            files, left = {}, MAX_UNPACKED
            for info in infos:
                with archive.open(info) as stream:
                    content = stream.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise BundleRefused("The file unpacks to more than a bundle may hold.", field="file")
                files[info.filename] = content
            return files
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise BundleRefused(f"This is not a zip file that can be read ({error}).", field="file") from None


def _check_names(infos: Sequence[zipfile.ZipInfo]) -> None:
    names = [info.filename for info in infos]
    if len(names) > MAX_FILES or len(set(names)) < len(names):
        raise BundleRefused("The bundle holds too many files, or one of them twice.", field="file")
    for name in names:
        if "/" in name or "\\" in name or ":" in name or name in {"", ".", ".."} or "\x00" in name:
            raise BundleRefused(
                f"The bundle holds a file of the name {name[:80]!r}, which leads out of it.", field="file"
            )
    if sum(info.file_size for info in infos) > MAX_UNPACKED:
        raise BundleRefused("The file unpacks to more than a bundle may hold.", field="file")


def _check_sums(files: Mapping[str, bytes]) -> None:
    if SUMS not in files:
        raise BundleRefused(f"{SUMS} is missing.", field=SUMS)
    listed: dict[str, str] = {}
    for line in files[SUMS].decode("utf-8", "replace").splitlines():
        digest, _, name = line.partition("  ")
        listed[name.lstrip("*")] = digest
    for name in ("manifest.json", "profile.json"):
        if name not in files:
            raise BundleRefused(f"{name} is missing.", field=name)
    for name in sorted(set(files) | set(listed)):
        if name != SUMS and (name not in files or hashlib.sha256(files[name]).hexdigest() != listed.get(name)):
            raise BundleRefused(f"{name} is not what {SUMS} says: the bundle is damaged.", field=name)


def _check_manifest(manifest: Mapping[str, Any]) -> None:
    if manifest.get("format") != FORMAT:
        raise BundleRefused(f"manifest.json, format: not {FORMAT}.", field="format")
    version = manifest.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise BundleRefused("manifest.json, version: a whole number is needed.", field="version")
    if version > VERSION:
        raise BundleRefused(
            f"manifest.json, version: {version} is newer than this FeedGuard knows ({VERSION}). Update FeedGuard.",
            field="version",
        )
    for key, kind in (("person", str), ("seq", int)):
        if not isinstance(manifest.get(key), kind):
            raise BundleRefused(f"manifest.json, {key}: is missing or of the wrong type.", field=key)


def _loads(text: bytes, where: str) -> Any:
    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON number")

    try:
        return json.loads(text.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise BundleRefused(f"{where}: not JSON that can be read ({error}).", field=where) from None


def _json(files: Mapping[str, bytes], name: str) -> Any:
    return _loads(files[name], name)


def _json_lines(files: Mapping[str, bytes], name: str) -> list[tuple[int, Any]]:
    lines = files.get(name, b"").split(b"\n")
    return [(i, _loads(line, f"{name}, line {i}")) for i, line in enumerate(lines, start=1) if line.strip()]


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BundleRefused(f"{where}: an object is needed.", field=where)
    return value


def _list(profile: Mapping[str, Any], key: str) -> list[Any]:
    value = profile.get(key)
    if not isinstance(value, list):
        raise BundleRefused(f"profile.json, {key}: a list is needed.", field=key)
    return value


def _read_entity(raw: Any, where: str) -> tuple[Entity, dict[str, Any]]:
    """An entity, and what of it this version does not know."""
    values = dict(_object(raw, where))
    elements, extras = [], {}
    for element in values.get("elements") or ():
        known, extra = _split(element, set(Element.model_fields)) if isinstance(element, dict) else (element, {})
        elements.append(known)
        if extra and isinstance(known.get("value"), str):
            extras[known["value"]] = extra
    rule = values.get("rule")
    rule_extra: dict[str, Any] = {}
    if isinstance(rule, dict):
        rule, rule_extra = _split(rule, set(Rule.model_fields))
    values |= {k: v for k, v in (("elements", elements), ("rule", rule)) if k in values}
    kind = values.get("kind")
    fields, unknown = _split(values, _FIELDS.get(kind, set(values)) if isinstance(kind, str) else set(values))
    try:
        entity = _entity.validate_python(fields)
    except ValidationError as error:
        found = clear(error)
        raise BundleRefused(f"{where}, {found.message}", field=found.field or "kind") from None
    if entity.status == "retired":
        raise BundleRefused(f"{where}, status: what is retired belongs into tombstones.jsonl.", field="status")
    kept = {"fields": unknown, "elements": extras, "rule": rule_extra}
    return entity, {key: value for key, value in kept.items() if value}


def _split(raw: Mapping[str, Any], known: set[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    return {k: v for k, v in raw.items() if k in known}, {k: v for k, v in raw.items() if k not in known}


def _fields_by_kind() -> dict[str, set[str]]:
    models = Entity.__origin__.__args__  # type: ignore[attr-defined]
    return {model.model_fields["kind"].default: set(model.model_fields) for model in models}


_FIELDS = _fields_by_kind()


def _read_links(rows: Sequence[Any], entities: Mapping[str, Entity]) -> frozenset[Link]:
    found = set()
    for i, row in enumerate(rows):
        where = f"profile.json, links.{i}"
        known, _ = _split(_object(row, where), set(Link.model_fields))
        try:
            link = Link.model_validate(known)
        except ValidationError as error:
            raise BundleRefused(f"{where}, {clear(error).message}", field="links") from None
        if link.source not in entities or link.target not in entities:
            raise BundleRefused(f"{where}: names an entity that is not in the bundle.", field="links")
        found.add(link)
    return frozenset(found)


def _read_tombstones(files: Mapping[str, bytes]) -> dict[str, str]:
    found = {}
    for i, row in _json_lines(files, "tombstones.jsonl"):
        raw = _object(row, f"tombstones.jsonl, line {i}")
        if not isinstance(raw.get("id"), str) or not isinstance(raw.get("kind"), str):
            raise BundleRefused(f"tombstones.jsonl, line {i}: id and kind are needed.", field="id")
        found[raw["id"]] = raw["kind"]
    return found


def _read_deltas(files: Mapping[str, bytes], person: str) -> tuple[Delta, ...]:
    """The history, checked: each delta of this person, in order."""
    found: list[Delta] = []
    for i, line in enumerate(files.get("deltas.jsonl", b"").split(b"\n"), start=1):
        if not line.strip():
            continue
        where = f"deltas.jsonl, line {i}"
        _object(_loads(line, where), where)
        try:
            delta = delta_of(line.decode("utf-8"))
        except (ValidationError, GraphError) as error:
            message = error.message if isinstance(error, GraphError) else clear(error).message
            raise BundleRefused(f"{where}: {message}", field="deltas") from None
        if delta.person != person:
            raise BundleRefused(f"{where}, person: a change of another person.", field="person")
        if delta.seq is None or (found and delta.seq <= (found[-1].seq or 0)):
            raise BundleRefused(f"{where}, seq: the changes are not in order.", field="seq")
        found.append(delta)
    return tuple(found)

"""Taking preferences in: a dry run that changes nothing, then proposals that the person accepts one by one."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

from agents.parse import Understood
from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.decisions.jobs import JobRefused, Progress
from feedguard.decisions.models import Job
from feedguard.preferences.comparing import Difference, compare_bundle, compare_rules
from feedguard.preferences.editing import MAX_EXPRESSIONS
from feedguard.preferences.formats import bluesky, lists, mastodon
from feedguard.preferences.formats.rules import FormatRefused, Taken
from feedguard.preferences.models import CarriedFields
from feedguard.preferences.proposing import propose
from feedguard.preferences.selectors import state_of
from graph.bundle import MAX_BYTES
from graph.bundle_reading import read_bundle
from graph.deltas import Op
from graph.state import State
from graph.wording import lines

FORMATS = {
    "auto": "found out by itself",
    "bundle": "FeedGuard (zip)",
    "mastodon": "Mastodon filters (JSON)",
    "bluesky": "Bluesky muted words (JSON)",
    "blocktube": "BlockTube (JSON)",
    "ublock": "uBlock rules on words and hosts",
    "words": "a word or phrase a line",
}
SHOWN_LINES = 200


def dry_run(person: Person, data: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Job: read a file (`body` in base64, `format` a key of FORMATS) and tell what it would change.

    Raises GraphError (permanent) with one clear message for a file that cannot be taken in; nothing is written.
    """
    progress("Reading the file …")
    body = base64.b64decode(str(data["body"]))
    if len(body) > MAX_BYTES:
        raise FormatRefused(f"The file is larger than {MAX_BYTES // 1024 // 1024} MB.", field="file")
    state, _ = state_of(person)
    now = runtime.clock().now()
    kind, found, unknown, foreign = _read(state, body, str(data.get("format", "auto")), now)
    return {
        "format": FORMATS[kind],
        "foreign": foreign,
        "already": found.already,
        "passed_over": found.passed_over[:SHOWN_LINES],
        "passed_over_count": len(found.passed_over),
        "digest": hashlib.sha256(body).hexdigest(),
        "unknown": unknown,
        "changes": sum(len(group.ops) for group in found.groups),
        "groups": [
            {
                "title": group.title,
                "about": list(group.about),
                "ops": [op.model_dump(mode="json") for op in group.ops],
                "lines": (told := lines(group.ops, state, person.time_zone))[:SHOWN_LINES],
                "more": max(0, len(told) - SHOWN_LINES),
            }
            for group in found.groups
        ],
    }


def _read(
    state: State, body: bytes, wanted: str, now: dt.datetime
) -> tuple[str, Difference, Mapping[str, Mapping[str, Any]], bool]:
    """The format, the difference, unknown fields by entity, and whether it comes from another account."""
    if wanted not in FORMATS:
        raise FormatRefused("Choose one of the formats that are offered.", field="format")
    if wanted == "bundle" or (wanted == "auto" and body[:2] == b"PK"):
        bundle = read_bundle(body)
        return "bundle", compare_bundle(state, bundle, now), bundle.unknown, bundle.person != state.person
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FormatRefused("The file is neither a bundle nor text in UTF-8.", field="file") from None
    if "\x00" in text:
        raise FormatRefused("The file holds NUL characters: it is no text.", field="file")
    kind, taken = _taken(text, wanted, now)
    if not taken.wanted and not taken.passed_over:
        raise FormatRefused("There is nothing in this file that could be taken over.", field="file")
    return kind, compare_rules(state, taken, MAX_EXPRESSIONS), {}, False


def _taken(text: str, wanted: str, now: dt.datetime) -> tuple[str, Taken]:
    value = lists.as_json(text)
    if wanted in {"mastodon", "bluesky", "blocktube"} and value is None:
        raise FormatRefused(f"{FORMATS[wanted]}: the file is not JSON that can be read.", field="file")
    kind = wanted if wanted != "auto" else _kind(text, value)
    if kind == "mastodon":
        return kind, mastodon.read(value, now)
    if kind == "bluesky":
        return kind, bluesky.read(value, now)
    if kind == "blocktube":
        return kind, lists.read_blocktube(value)
    return kind, lists.read_ublock(text) if kind == "ublock" else lists.read_words(text)


def _kind(text: str, value: Any) -> str:
    if mastodon.looks_like(value):
        return "mastodon"
    if bluesky.muted_words(value) is not None:
        return "bluesky"
    if lists.looks_like_blocktube(value):
        return "blocktube"
    if isinstance(value, dict | list):
        raise FormatRefused("This JSON is of no format that is known here.", field="file")
    return "ublock" if lists.looks_like_ublock(text) else "words"


def propose_import(person: Person, data: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Job: make a proposal of each group of a dry run (`job`), with a preview. Asked for again, none is made twice."""
    job = Job.objects.filter(person=person, pk=data["job"], kind="import_preferences", state=Job.State.DONE).first()
    if job is None or job.result is None:
        raise JobRefused("Choose the file once more: its dry run is no longer there.", field="job")
    run = job.result
    waiting = {
        (p.detail.get("digest"), p.detail.get("title")): p.id
        for p in runtime.graph_store().proposals(person.key)
        if p.source == "import"
    }
    made = []
    for group in run["groups"]:
        known = waiting.get((run["digest"], group["title"]))
        if known is None:
            understood = Understood(
                ops=tuple(Op.model_validate(op) for op in group["ops"]), about=tuple(group["about"])
            )
            detail = {
                "sentence": "", "replaces": "", "title": group["title"], "digest": run["digest"], "unknown": run["unknown"],
            }  # fmt: skip
            why = f"{group['title']} in a file of {data.get('name') or run['format']}"
            known = propose(person, understood, progress, why=why, source="import", detail=detail).id
        made.append(known)
    return {"proposals": made}


def keep_unknown(person: Person, unknown: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep fields of what was accepted that this version does not know, for the next export."""
    for entity, fields in unknown.items():
        CarriedFields.objects.update_or_create(person=person, entity=entity, defaults={"data": fields})


def unknown_fields(person: Person) -> dict[str, Any]:
    """The fields that imports carried along, by entity id."""
    return dict(CarriedFields.objects.filter(person=person).values_list("entity", "data"))

"""A bundle carries everything out and in again, and whatever is wrong with one is one clear refusal."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from graph.bundle import MAX_BYTES, BundleRefused, write_bundle
from graph.bundle_reading import read_bundle
from graph.deltas import Op, creation_ops, retire_ops, set_op
from graph.schemas import as_text, schemas
from graph.state import State
from graph.stores.memory import MemoryStore
from graph.types import Exemplar, Guard, Link, Scope, new_id
from tests.graph.build import NOW, delta, wish

MADE = dt.datetime(2026, 5, 5, 9, tzinfo=dt.UTC)
DOCS = Path(__file__).parent.parent.parent / "docs" / "schema"


class Alice:
    """A person with a graph and a log."""

    def __init__(self) -> None:
        self.person, self.store = new_id(), MemoryStore()
        intent, facet, ops = wish("spiders", "toy spiders")
        _, gone, more = wish("snakes")
        self.intent, self.facet = intent, facet
        self.does(ops)
        self.does(more)
        self.does(retire_ops(self.state, gone))
        exemplar = Exemplar(id=new_id(), content_hash="c" * 64, excerpt="A marker-excerpt spider", caught=True)
        scope = Scope(id=new_id(), services=("youtube",), until=dt.datetime(2027, 1, 1, tzinfo=dt.UTC))
        links = [
            Link(kind="REMEMBERS", source=facet, target=exemplar.id),
            Link(kind="SCOPED_TO", source=intent, target=scope.id),
        ]
        self.does(creation_ops([exemplar, scope, Guard(id=new_id(), guards="author", value="Ida")], links))
        self.does([set_op(self.state, facet, "action", "blur")])

    @property
    def state(self) -> State:
        return self.store.load(self.person)[0]

    def does(self, ops: list[Op]) -> None:
        self.store.commit(delta(self.person, self.store.load(self.person)[1], ops))

    def bundle(self, **options: Any) -> bytes:
        state, seq = self.store.load(self.person)
        return write_bundle(state, seq, self.store.log(self.person), **{"made_at": MADE, "exemplars": True, **options})


@pytest.fixture
def alice() -> Alice:
    return Alice()


def files(body: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(content: dict[str, bytes], *, sums: bool = True) -> bytes:
    """A bundle of these files, with checksums that fit."""
    if sums:
        listed = {name: hashlib.sha256(text).hexdigest() for name, text in content.items() if name != "SHA256SUMS"}
        content = {**content, "SHA256SUMS": "".join(f"{d}  {n}\n" for n, d in listed.items()).encode()}
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in content.items():
            archive.writestr(name, text)
    return body.getvalue()


def edited(body: bytes, name: str, change: Callable[[Any], None]) -> bytes:
    content = files(body)
    value = json.loads(content[name])
    change(value)
    return packed({**content, name: json.dumps(value).encode()})


def test_what_goes_out_comes_in_whole(alice: Alice) -> None:
    found = read_bundle(alice.bundle())
    state = alice.state
    assert State(alice.person, found.entities, found.links).hash == state.hash
    assert found.tombstones.keys() == {k for k, e in state.entities.items() if e.status == "retired"}
    assert found.deltas == alice.store.log(alice.person)
    assert found.seq == 5
    assert not found.unknown


def test_the_same_graph_gives_the_same_bytes(alice: Alice) -> None:
    assert alice.bundle() == alice.bundle()


def test_without_exemplars_no_word_of_an_item_is_in_it(alice: Alice) -> None:
    content = files(alice.bundle(exemplars=False))
    assert "exemplars.jsonl" not in content
    assert b"marker-excerpt" not in b"".join(content.values())
    assert b"marker-excerpt" in b"".join(files(alice.bundle()).values())
    assert read_bundle(alice.bundle(exemplars=False)).entities.keys() == {
        k for k, e in alice.state.entities.items() if e.status != "retired" and e.kind != "exemplar"
    }


def test_every_item_says_its_origin_and_every_file_meets_its_published_schema(alice: Alice) -> None:
    content = files(alice.bundle())
    known = schemas()
    for name in ("manifest", "profile"):
        jsonschema.Draft202012Validator(known[name]).validate(json.loads(content[f"{name}.json"]))
    for name, file in (("delta", "deltas"), ("exemplar", "exemplars"), ("tombstone", "tombstones")):
        rows = [json.loads(line) for line in content[f"{file}.jsonl"].splitlines()]
        assert rows
        for row in rows:
            jsonschema.Draft202012Validator(known[name]).validate(row)
    origins = {"stated", "confirmed", "imported", "observed", "inferred"}
    profile = json.loads(content["profile.json"])
    assert {e["origin"] for e in profile["entities"]} <= origins
    wrong = {**profile, "entities": [{**profile["entities"][0], "kind": "poem"}]}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(known["profile"]).validate(wrong)


def test_the_published_schemas_are_those_of_the_code() -> None:
    assert {path.stem: path.read_text() for path in DOCS.glob("*.json")} == {
        k: as_text(v) for k, v in schemas().items()
    }
    for schema in schemas().values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_unknown_fields_are_kept_and_written_again(alice: Alice) -> None:
    def newer(profile: Any) -> None:
        profile["mood"] = "calm"
        facet = next(e for e in profile["entities"] if e["kind"] == "facet")
        facet["colour"] = "green"
        facet["elements"][0]["weight"] = 3

    body = edited(alice.bundle(), "profile.json", newer)
    found = read_bundle(body)
    assert found.unknown["profile"] == {"mood": "calm"}
    assert found.unknown[alice.facet] == {"fields": {"colour": "green"}, "elements": {"spiders": {"weight": 3}}}
    again = json.loads(files(alice.bundle(unknown=found.unknown))["profile.json"])
    assert again == json.loads(files(body)["profile.json"])


def _set(**values: Any) -> Callable[[Any], None]:
    return lambda value: value.update(values)


def _first(**values: Any) -> Callable[[Any], None]:
    return lambda profile: profile["entities"][0].update(values)


@pytest.mark.parametrize(
    ("name", "change", "field", "says"),
    [
        ("manifest.json", _set(version=2), "version", "newer"),
        ("manifest.json", _set(version="1"), "version", "whole number"),
        ("manifest.json", _set(format="other"), "format", "format"),
        ("manifest.json", _set(person=7), "person", "person"),
        ("manifest.json", _set(person="0190aaaa-0000-7000-8000-000000000000"), "person", "another person"),
        ("profile.json", _set(entities={}), "entities", "list"),
        ("profile.json", _first(text="x" * 5001), "text", "at most 2,000 characters, not 5,001"),
        ("profile.json", _first(kind="poem"), "kind", "entities.0"),
        ("profile.json", _first(status="retired"), "status", "tombstones"),
        ("profile.json", lambda p: p["entities"].append(p["entities"][0]), "id", "twice"),
        ("profile.json", lambda p: p["links"][0].update(target="0190aaaa-0000-7000-8000-000000000000"), "links", "not in the bundle"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_by_file_and_field(
    alice: Alice, name: str, change: Callable[[Any], None], field: str, says: str
) -> None:
    with pytest.raises(BundleRefused) as refused:
        read_bundle(edited(alice.bundle(), name, change))
    assert refused.value.field.endswith(field)
    assert says in refused.value.message


def test_a_change_of_another_person_and_changes_out_of_order_are_refused(alice: Alice) -> None:
    content = files(alice.bundle())
    lines = content["deltas.jsonl"].splitlines(keepends=True)
    foreign = lines[0].replace(alice.person.encode(), b"0190aaaa-0000-7000-8000-000000000000")
    for changed, field in ((foreign + b"".join(lines[1:]), "person"), (lines[1] + lines[0], "seq")):
        with pytest.raises(BundleRefused, match=r"deltas.jsonl, line") as refused:
            read_bundle(packed({**content, "deltas.jsonl": changed}))
        assert refused.value.field == field


def test_a_broken_checksum_is_refused(alice: Alice) -> None:
    content = files(alice.bundle())
    content["profile.json"] = content["profile.json"].replace(b"toy spiders", b"all spiders")
    with pytest.raises(BundleRefused, match="damaged") as refused:
        read_bundle(packed(content, sums=False))
    assert refused.value.field == "profile.json"
    for missing in ("SHA256SUMS", "profile.json", "deltas.jsonl"):
        with pytest.raises(BundleRefused):
            read_bundle(packed({k: v for k, v in files(alice.bundle()).items() if k != missing}, sums=False))


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/b", "..\\evil", "C:evil", ".."])
def test_a_path_that_climbs_out_is_refused(alice: Alice, name: str) -> None:
    with pytest.raises(BundleRefused, match="leads out"):
        read_bundle(packed({**files(alice.bundle()), name: b"x"}))


def test_bombs_and_too_large_files_are_refused_without_being_unpacked(alice: Alice) -> None:
    bomb = packed({**files(alice.bundle()), "exemplars.jsonl": b" " * (60 * 1024 * 1024)})
    assert len(bomb) < MAX_BYTES
    with pytest.raises(BundleRefused, match="unpacks to more"):
        read_bundle(bomb)
    lying = bytearray(bomb)  # the directory says that the file is small
    size = (60 * 1024 * 1024).to_bytes(4, "little")
    assert lying.count(size) == 2
    with pytest.raises(BundleRefused):
        read_bundle(bytes(lying).replace(size, (1000).to_bytes(4, "little")))
    with pytest.raises(BundleRefused, match="larger than 5 MB"):
        read_bundle(b"PK" + b"\0" * MAX_BYTES)


@pytest.mark.parametrize("body", [b"", b"PK", b"PK\x03\x04" + b"\0" * 50, b"hello", b"\xff" * 100])
def test_what_is_no_zip_is_refused(body: bytes) -> None:
    with pytest.raises(BundleRefused):
        read_bundle(body)


def test_a_deeply_nested_file_is_refused(alice: Alice) -> None:
    with pytest.raises(BundleRefused):
        read_bundle(packed({**files(alice.bundle()), "profile.json": b"[" * 100_000}))


@pytest.mark.parametrize("cut", [1, 100, 400, 1500])
def test_a_cut_file_is_refused(alice: Alice, cut: int) -> None:
    with pytest.raises(BundleRefused):
        read_bundle(alice.bundle()[:-cut])


def test_times_do_not_change(alice: Alice) -> None:
    assert alice.store.log(alice.person)[0].at == NOW
    assert read_bundle(alice.bundle()).deltas[0].at == NOW

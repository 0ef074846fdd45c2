"""What only the SQLite store promises: one file, older forms of it, and no bytes left behind."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from graph.canonical import canonical, sha256
from graph.chain import START, chained
from graph.deltas import creation_ops, fold, invert, retire_ops, set_op
from graph.errors import Damaged, GraphError, StoreUnavailable
from graph.proposals import Proposal
from graph.stores.sqlite import SQLiteStore
from graph.stores.sqlite_schema import MIGRATIONS
from graph.types import new_id
from tests.graph.build import NOW, delta, one_of_each_kind, wish


def bytes_of(folder: Path) -> bytes:
    """All that lies in the store's files, write-ahead log included."""
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


@pytest.mark.parametrize("change", ["payload", "entity", "head", "link", "chain"])
def test_what_was_tampered_with_is_found(tmp_path: Path, change: str) -> None:
    person, store = new_id(), SQLiteStore(tmp_path / "graph.db")
    store.commit(delta(person, 0, wish("spiders")[2]))
    store.commit(delta(person, 1, wish("wasps")[2]))
    store.verify(person)
    statement = {
        "payload": "UPDATE payload SET body = replace(body, 'spiders', 'ponies')",
        "entity": "UPDATE entity SET body = replace(body, 'spiders', 'ponies')",
        "head": "UPDATE head SET hash = 'x'",
        "link": "DELETE FROM link",
        "chain": "UPDATE log SET chain = 'x' WHERE seq = 2",
    }[change]
    with sqlite3.connect(tmp_path / "graph.db") as connection:
        connection.execute(statement)
    with pytest.raises(Damaged):
        store.verify(person)


def test_erasure_leaves_no_byte_of_one_person_in_the_files(tmp_path: Path) -> None:
    alice, bob, folder = new_id(), new_id(), tmp_path / "graph"
    folder.mkdir()
    store, reader = SQLiteStore(folder / "graph.db"), SQLiteStore(folder / "graph.db")
    for number in range(40):
        for person, word in ((alice, "MARKER-of-alice"), (bob, "MARKER-of-bob")):
            seq = store.load(person)[1]
            intent, _, ops = wish(f"{word}-{number}" + "x" * (number * 13 % 250))
            store.commit(delta(person, seq, ops, why=f"{word} why"))
            state, seq = store.load(person)
            store.commit(delta(person, seq, [set_op(state, intent, "text", f"{word} reworded")]))
            store.propose(
                Proposal(id=new_id(), person=person, base=0, ops=(), why=word, created_at=NOW, source="parse")
            )
    reader.load(alice)
    assert b"MARKER-of-alice" in bytes_of(folder)
    store.erase(alice)
    left = bytes_of(folder)
    assert b"MARKER-of-alice" not in left
    assert alice.encode() not in left
    assert b"MARKER-of-bob" in left
    store.verify(bob)
    assert reader.load(alice)[1] == 0
    store.erase(alice)


def test_erasing_the_words_of_a_change_leaves_no_byte_of_them(tmp_path: Path) -> None:
    person, folder = new_id(), tmp_path / "graph"
    folder.mkdir()
    store = SQLiteStore(folder / "graph.db")
    intent, _, ops = wish("MARKER-illness")
    added = store.commit(delta(person, 0, ops, why="MARKER why"))
    state, _ = store.load(person)
    store.commit(delta(person, 1, retire_ops(state, intent)))
    assert b"MARKER" in bytes_of(folder)
    store.erase_payload(person, added.id)
    assert b"MARKER" not in bytes_of(folder)
    store.verify(person)


def test_an_erasure_that_a_reader_holds_up_says_so_and_can_be_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.stores.sqlite.ERASE_SECONDS", 0.2)
    person, store = new_id(), SQLiteStore(tmp_path / "graph.db")
    store.commit(delta(person, 0, wish("MARKER")[2]))
    reader = sqlite3.connect(tmp_path / "graph.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM head").fetchall()
    with pytest.raises(StoreUnavailable, match="erase again"):
        SQLiteStore(tmp_path / "graph.db").erase(person)
    reader.execute("COMMIT")
    monkeypatch.undo()
    store.erase(person)
    assert b"MARKER" not in bytes_of(tmp_path)


def test_a_locked_file_is_given_up_at_the_deadline(tmp_path: Path) -> None:
    person, store = new_id(), SQLiteStore(tmp_path / "graph.db", deadline=0.2)
    store.commit(delta(person, 0, wish()[2]))
    other = sqlite3.connect(tmp_path / "graph.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    sent = delta(person, 1, wish("wasps")[2])
    with pytest.raises(StoreUnavailable) as refused:
        store.commit(sent)
    assert not refused.value.permanent
    other.execute("ROLLBACK")
    assert store.commit(sent).seq == 2


def test_a_query_that_takes_too_long_is_given_up_at_the_deadline(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "graph.db", deadline=0.1)
    store.people()
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(StoreUnavailable), store._transaction() as connection:
        connection.execute(endless).fetchone()
    assert store.people() == ()


def test_a_file_of_the_first_form_is_brought_up_to_date_with_its_log_as_it_was(tmp_path: Path) -> None:
    """Form 1 kept a graph as one row of JSON, and deltas of schema 1."""
    person, path = new_id(), tmp_path / "graph.db"
    entities, links = one_of_each_kind()
    old = sqlite3.connect(path)
    for statement in MIGRATIONS[0]:
        old.execute(statement)
    sent = delta(person, 0, creation_ops(entities, links)).model_copy(update={"seq": 1})
    raw = sent.model_dump(mode="json") | {"schema_version": 1}
    raw = {key: value for key, value in raw.items() if key not in {"schema", "erased"}}
    scope = next(op for op in raw["ops"] if (op["after"] or {}).get("until"))
    scope["after"]["until"] = "2026-05-07T14:00:00.000007+02:00"
    body = json.dumps(raw, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    old.execute("INSERT INTO log VALUES (?, 1, ?, ?, ?)", (person, sent.id, sha256(body), chained(START, sha256(body))))
    old.execute("INSERT INTO payload VALUES (?, ?, ?)", (person, sent.id, body))
    old.execute("INSERT INTO head VALUES (?, 1, 'old', '{}', '[]')", (person,))
    old.commit()
    old.close()
    store = SQLiteStore(path)
    state, seq = store.load(person)
    assert (seq, dict(state.entities), state.links) == (1, {e.id: e for e in entities}, frozenset(links))
    assert store.entries(person)[0].body == body
    assert fold(person, store.log(person)) == state
    store.verify(person)
    store.commit(invert(store.log(person)[0], new_id(), 1, NOW))
    store.verify(person)


def test_a_file_of_a_newer_form_is_refused(tmp_path: Path) -> None:
    SQLiteStore(tmp_path / "graph.db").people()
    with sqlite3.connect(tmp_path / "graph.db") as connection:
        connection.execute("UPDATE schema_version SET version = 99")
    with pytest.raises(GraphError, match="Update FeedGuard"):
        SQLiteStore(tmp_path / "graph.db").people()


def test_what_another_process_writes_is_never_missed(tmp_path: Path) -> None:
    one, other, person = SQLiteStore(tmp_path / "graph.db"), SQLiteStore(tmp_path / "graph.db"), new_id()
    intent, _, ops = wish()
    first = one.commit(delta(person, 0, ops))
    state, _ = other.load(person)
    other.commit(delta(person, 1, retire_ops(state, intent)))
    assert one.load(person) == other.load(person)
    other.erase_payload(person, first.id)
    assert one.load(person) == other.load(person)
    other.erase(person)
    assert one.load(person)[1] == 0
    one.commit(delta(person, 0, ops))
    assert other.load(person) == one.load(person)


def test_entities_are_stored_as_canonical_json(tmp_path: Path) -> None:
    person, store = new_id(), SQLiteStore(tmp_path / "graph.db")
    entities, links = one_of_each_kind()
    store.commit(delta(person, 0, creation_ops(entities, links)))
    with sqlite3.connect(tmp_path / "graph.db") as connection:
        bodies = [body for (body,) in connection.execute("SELECT body FROM entity")]
    assert bodies
    assert all(canonical(json.loads(body)) == body for body in bodies)

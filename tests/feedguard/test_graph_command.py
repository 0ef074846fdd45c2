"""`manage.py graph`: migrate, verify, copy."""

from __future__ import annotations

import sqlite3
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.preferences import editing, services
from feedguard.preferences.models import SnapshotHead
from tests.neo4j.server import Neo4jServer


def graph(*arguments: str) -> str:
    out = StringIO()
    call_command("graph", *arguments, stdout=out)
    return out.getvalue().strip()


def test_verify_recomputes_every_hash_and_names_the_person_whose_graph_is_damaged(
    alice: Person, bob: Person, settings: Any
) -> None:
    editing.add_rule(alice, "word", "spider", "hide")
    editing.add_rule(bob, "word", "wasp", "hide")
    assert graph("verify").startswith("All hashes of 2 people are right")
    path: Path = settings.GRAPH_DB
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE payload SET body = replace(body, 'wasp', 'bees')")
    with pytest.raises(CommandError, match=f"1 of 2 graphs are damaged:\n{bob.key}"):
        graph("verify")


def test_sqlite_needs_no_migration_by_hand(alice: Person) -> None:
    assert "up to date" in graph("migrate")


def test_a_store_is_not_copied_to_itself(alice: Person) -> None:
    with pytest.raises(CommandError, match="same store"):
        graph("copy", "--from", "sqlite", "--to", "sqlite")


@pytest.mark.neo4j
def test_everybody_moves_to_neo4j_and_goes_on_there(
    alice: Person, bob: Person, settings: Any, neo4j_server: Neo4jServer
) -> None:
    settings.NEO4J_URI, settings.NEO4J_USER = neo4j_server.uri, neo4j_server.user
    settings.NEO4J_PASSWORD = neo4j_server.password
    editing.add_rule(alice, "word", "spider", "hide")
    delta, _ = editing.add_rule(bob, "word", "wasp", "hide")
    services.undo(bob, delta.id)
    assert graph("copy", "--from", "sqlite", "--to", "neo4j").startswith("2 people copied, 0 were there already.")
    assert graph("copy", "--from", "sqlite", "--to", "neo4j").startswith("0 people copied, 2 were there already.")
    editing.add_rule(bob, "word", "gnat", "hide")
    with pytest.raises(CommandError, match="Nothing was copied"):
        graph("copy", "--from", "sqlite", "--to", "neo4j")
    runtime.graph_store().close()
    runtime.graph_store.cache_clear()
    settings.GRAPH_STORE = "neo4j"
    try:
        assert "up to date" in graph("migrate")
        assert "are right" in graph("verify")
        SnapshotHead.objects.filter(person=bob).delete()
        editing.add_rule(alice, "word", "newt", "hide")
        assert runtime.graph_store().load(alice.key)[1] == 2
        assert SnapshotHead.objects.get(person=alice).seq == 2
        assert services.catch_up() == 1
        assert SnapshotHead.objects.get(person=bob).seq == 2
    finally:
        for person in (alice, bob):
            runtime.graph_store().erase(person.key)

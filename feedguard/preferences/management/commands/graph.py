import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from feedguard import runtime
from graph.copying import copy_all, verify_all
from graph.errors import GraphError

STORES = ("sqlite", "neo4j")


class Command(BaseCommand):
    help = "Keep the store of preference graphs: migrate its schema, verify its hashes, copy it to another store."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True)
        parts.add_parser("migrate", help="bring the schema of the store to this version; safe to run again")
        verify = parts.add_parser("verify", help="recompute every hash of every person")
        verify.add_argument("--store", choices=STORES, help="default: the one of the settings")
        copy = parts.add_parser("copy", help="copy all people to another store and prove equality; overwrites nothing")
        copy.add_argument("--from", dest="source", choices=STORES, required=True)
        copy.add_argument("--to", dest="target", choices=STORES, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, options["part"])(options)
        except GraphError as error:
            raise CommandError(error.message) from error

    def migrate(self, options: dict[str, Any]) -> None:
        if settings.GRAPH_STORE == "sqlite":
            runtime.graph_store().people()  # the file is brought up to date when it is opened
            return self._say(options, "The SQLite file is up to date.")
        from graph.stores.neo4j import migrate

        connection = runtime.neo4j_connection()
        try:
            done = migrate(connection)
        finally:
            connection.close()
        return self._say(options, "\n".join(f"applied: {name}" for name in done) or "Neo4j is up to date.")

    def verify(self, options: dict[str, Any]) -> None:
        store = runtime.open_graph_store(options["store"] or settings.GRAPH_STORE)
        started = time.monotonic()
        try:
            people, broken = verify_all(store)
        finally:
            store.close()
        if broken:
            raise CommandError("\n".join([f"{len(broken)} of {people} graphs are damaged:", *broken]))
        self._say(options, f"All hashes of {people} people are right ({time.monotonic() - started:.1f} s).")

    def copy(self, options: dict[str, Any]) -> None:
        if options["source"] == options["target"]:
            raise CommandError("--from and --to name the same store.")
        source, target = runtime.open_graph_store(options["source"]), runtime.open_graph_store(options["target"])
        try:
            done = copy_all(source, target)
        finally:
            source.close()
            target.close()
        self._say(
            options, f"{done.copied} people copied, {done.equal} were there already. All are equal in both stores."
        )

    def _say(self, options: dict[str, Any], text: str) -> None:
        if options["verbosity"]:
            self.stdout.write(text)

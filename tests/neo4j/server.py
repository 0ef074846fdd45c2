"""A real Neo4j for tests and benchmarks: the one that FEEDGUARD_TEST_NEO4J_URI names, or one started here.

Starting one takes Java 17 with Maven, or else a working Docker engine.
"""

from __future__ import annotations

import os
import signal
import time
from functools import cache

from neo4j import GraphDatabase
from neo4j.exceptions import DriverError, Neo4jError

from tests.neo4j import container, jvm
from tests.neo4j.container import Container
from tests.neo4j.jvm import JavaProcess

START_SECONDS = 120


@cache
def lacking() -> str:
    """Why there is no Neo4j to test with; empty where there is one."""
    if os.environ.get("FEEDGUARD_TEST_NEO4J_URI") or not jvm.lacking() or not container.lacking():
        return ""
    return f"FEEDGUARD_TEST_NEO4J_URI is not set, {jvm.lacking()}, and {container.lacking()}"


def _own() -> JavaProcess | Container:
    return Container() if jvm.lacking() else JavaProcess()


class Neo4jServer:
    """A server with its address and password. `own` is what was started here, so that it may be stopped."""

    def __init__(self) -> None:
        self.uri = os.environ.get("FEEDGUARD_TEST_NEO4J_URI", "")
        self.user = os.environ.get("FEEDGUARD_TEST_NEO4J_USER", "neo4j")
        self.password = os.environ.get("FEEDGUARD_TEST_NEO4J_PASSWORD", "")
        self.own = None if self.uri else _own()
        self._has_password = self.own is None or self.own.sets_password
        if self.own is not None:
            self.uri, self.password = f"bolt://127.0.0.1:{self.own.port}", "tests-own-password"

    @property
    def ours(self) -> bool:
        return self.own is not None

    def start(self) -> Neo4jServer:
        """Start it, where it is ours, and wait until it answers."""
        if self.own is not None:
            self.own.start(self.password)
        if not self._has_password:
            self._until_it_answers(self._set_password)
            self._has_password = True
        self._until_it_answers(self.query)
        return self

    def _until_it_answers(self, ask: object) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                ask()  # type: ignore[operator]
                return
            except (DriverError, Neo4jError) as error:
                ended = self.own is not None and self.own.ended()
                if ended or time.monotonic() > deadline:
                    log = self.own.log() if self.own else ""
                    raise RuntimeError(f"Neo4j does not answer at {self.uri}: {error}\n{log}") from error
            time.sleep(0.2)

    def _set_password(self) -> None:
        change = "ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $password"
        self._run(change, {"password": self.password}, known="neo4j", database="system")

    def query(self, text: str = "RETURN 1 AS answer", **parameters: object) -> list[dict[str, object]]:
        """All rows of a query, over a driver of its own."""
        return self._run(text, parameters, known=self.password, database="neo4j")

    def _run(self, text: str, parameters: dict[str, object], *, known: str, database: str) -> list[dict[str, object]]:
        with (
            GraphDatabase.driver(self.uri, auth=(self.user, known), telemetry_disabled=True) as driver,
            driver.session(database=database) as session,
        ):
            return session.run(text, parameters).data()  # type: ignore[arg-type]

    def name(self) -> str:
        """Its version and where it came from."""
        (found,) = self.query("CALL dbms.components() YIELD versions, edition RETURN versions[0] AS version, edition")
        where = self.own.where if self.own else f"at {self.uri}"
        return f"{found['version']} {found['edition']}, {where}"

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop it, where it is ours; it can be started again."""
        if self.own is not None:
            self.own.stop(how)

    def remove(self) -> None:
        """Stop it for good."""
        if self.own is not None:
            self.own.remove()

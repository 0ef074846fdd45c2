"""A real Neo4j for tests and benchmarks: the one that FEEDGUARD_TEST_NEO4J_URI names, or one started here.

Starting one takes Java 17 and Maven. The jars go to build/neo4j, once; each server has a home of its own, which is
removed when it stops for good.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

from neo4j import GraphDatabase
from neo4j.exceptions import DriverError, Neo4jError

from tests.running import ROOT, free_port

POM = Path(__file__).parent / "pom.xml"
BUILD = ROOT / "build" / "neo4j"
START_SECONDS = 120
_OPENS = ("java.base/java.nio", "java.base/java.io", "java.base/sun.nio.ch", "java.base/java.util.concurrent")
_CONF = """
server.bolt.listen_address=127.0.0.1:{port}
server.bolt.advertised_address=127.0.0.1:{port}
server.http.enabled=false
server.https.enabled=false
dbms.usage_report.enabled=false
server.memory.pagecache.size=64m
db.tx_log.preallocate=false
"""


@cache
def lacking() -> str:
    """Why there is no Neo4j to test with; empty where there is one."""
    if os.environ.get("FEEDGUARD_TEST_NEO4J_URI"):
        return ""
    if not shutil.which("java") or _java_version() < 17:
        return "no Java 17 or newer, and FEEDGUARD_TEST_NEO4J_URI is not set (Debian: apt install default-jre maven)"
    if not (shutil.which("mvn") or _jars().exists()):
        return "no Maven, and FEEDGUARD_TEST_NEO4J_URI is not set (Debian: apt install maven)"
    return ""


def _java_version() -> int:
    said = subprocess.run(["java", "-version"], capture_output=True, text=True).stderr
    major = said.partition('"')[2].partition(".")[0].strip('"')
    return int(major) if major.isdigit() else 0


def _jars() -> Path:
    """The folder of the jars that this pom.xml asks for."""
    return BUILD / f"lib-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"


def fetch_jars() -> Path:
    """Bring the jars, if they are not there yet; safe to call from several processes at once."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _jars().exists():
            made = Path(tempfile.mkdtemp(dir=BUILD))
            command = ["mvn", "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={made}"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            made.rename(_jars())
    return _jars()


class Neo4jServer:
    """A server with its address and password. `ours` where it was started here, so that it may be stopped."""

    def __init__(self) -> None:
        self.uri = os.environ.get("FEEDGUARD_TEST_NEO4J_URI", "")
        self.user = os.environ.get("FEEDGUARD_TEST_NEO4J_USER", "neo4j")
        self.password = os.environ.get("FEEDGUARD_TEST_NEO4J_PASSWORD", "")
        self.ours = not self.uri
        self.process: subprocess.Popen[bytes] | None = None
        if self.ours:
            BUILD.mkdir(parents=True, exist_ok=True)
            self.home = Path(tempfile.mkdtemp(dir=BUILD, prefix="home-"))
            self.port = free_port()
            self.uri, self.password = f"bolt://127.0.0.1:{self.port}", "tests-own-password"
            (self.home / "conf").mkdir()
            (self.home / "conf" / "neo4j.conf").write_text(_CONF.format(port=self.port))

    def start(self) -> Neo4jServer:
        """Start it, where it is ours, and wait until it answers."""
        if self.ours:
            first = not (self.home / "data").exists()
            opens = [f"--add-opens={package}=ALL-UNNAMED" for package in _OPENS]
            folders = [f"--home-dir={self.home}", f"--config-dir={self.home / 'conf'}"]
            command = ["java", "-Xmx512m", *opens, "-cp", f"{fetch_jars()}/*", "org.neo4j.server.CommunityEntryPoint"]
            self.process = subprocess.Popen(
                [*command, *folders], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
            )
            if first:
                self._until_it_answers(self._set_password)
        self._until_it_answers(self.query)
        return self

    def _until_it_answers(self, ask: object) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                ask()  # type: ignore[operator]
                return
            except (DriverError, Neo4jError) as error:
                ended = self.process is not None and self.process.poll() is not None
                if ended or time.monotonic() > deadline:
                    raise RuntimeError(f"Neo4j does not answer at {self.uri}: {error}\n{self.log()}") from error
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
        where = "started here" if self.ours else f"at {self.uri}"
        return f"{found['version']} {found['edition']}, {where}"

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop it, where it is ours; it can be started again."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(60)
            self.process = None

    def remove(self) -> None:
        """Stop it for good."""
        if self.ours:
            self.stop(signal.SIGKILL)
            shutil.rmtree(self.home, ignore_errors=True)

    def log(self) -> str:
        path = self.home / "logs" / "neo4j.log" if self.ours else None
        return path.read_text(errors="replace")[-3000:] if path and path.exists() else ""

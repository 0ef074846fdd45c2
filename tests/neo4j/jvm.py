"""Neo4j in a Java process of our own. The jars go to build/neo4j, once; each server has a home of its own."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from tests.running import ROOT, free_port

POM = Path(__file__).parent / "pom.xml"
BUILD = ROOT / "build" / "neo4j"
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


def lacking() -> str:
    """Why no Java process can be started; empty where one can."""
    if not shutil.which("java") or _java_version() < 17:
        return "no Java 17 or newer (Debian: apt install default-jre maven)"
    if not (shutil.which("mvn") or _jars().exists()):
        return "no Maven (Debian: apt install maven)"
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


class JavaProcess:
    """A server whose data outlives `stop`, until `remove`."""

    where = "started here"
    sets_password = False

    def __init__(self) -> None:
        BUILD.mkdir(parents=True, exist_ok=True)
        self.home = Path(tempfile.mkdtemp(dir=BUILD, prefix="home-"))
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        (self.home / "conf").mkdir()
        (self.home / "conf" / "neo4j.conf").write_text(_CONF.format(port=self.port))

    def start(self, password: str) -> None:
        opens = [f"--add-opens={package}=ALL-UNNAMED" for package in _OPENS]
        folders = [f"--home-dir={self.home}", f"--config-dir={self.home / 'conf'}"]
        command = ["java", "-Xmx512m", *opens, "-cp", f"{fetch_jars()}/*", "org.neo4j.server.CommunityEntryPoint"]
        self._process = subprocess.Popen(
            [*command, *folders], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )

    def ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def freeze(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def stop(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(60)
            self._process = None

    def remove(self) -> None:
        self.stop(signal.SIGKILL)
        shutil.rmtree(self.home, ignore_errors=True)

    def log(self) -> str:
        path = self.home / "logs" / "neo4j.log"
        return path.read_text(errors="replace")[-3000:] if path.exists() else ""

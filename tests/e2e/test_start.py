"""Starting, starting again, stopping, and the ways in which a start can fail."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

from tests.running import ROOT, Running, free_port, until


def test_a_first_and_a_second_start(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with Running(folder, "--no-demo") as first:
        log = first.log()
        assert "Password" in log
        assert "User               me" in log
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600
        people = first.query("SELECT id FROM accounts_person")
        until(lambda: first.children("worker"), 10)
        everyone = [*first.children("web"), *first.children("worker")]
        assert first.stop() < 10
    assert not any(Path(f"/proc/{pid}").exists() for pid in everyone)
    with Running(folder, "--no-demo") as second:
        assert second.query("SELECT id FROM accounts_person") == people
        assert second.log().count("Password") == 1
        assert second.log().count("Sign in once") == 2


def test_a_dead_process_is_started_again_and_none_outlives_the_supervisor(tmp_path: Path) -> None:
    with Running(tmp_path / "data", "--no-demo") as product:
        until(lambda: product.children("web"), 10)
        old = product.children("web")[0]
        os.kill(old, signal.SIGKILL)
        until(lambda: product.children("web") not in ([], [old]), 20, "a new web process")
        until(product.answers, 20)
        everyone = [*product.children("web"), *product.children("worker")]
        assert product.process is not None
        product.process.kill()
        product.process.wait()
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in everyone), 15, "children to end")


def _fails(*arguments: str) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FEEDGUARD_")}
    done = subprocess.run(
        [sys.executable, "-m", "feedguard.launch", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    return done.stderr


def test_what_keeps_it_from_starting_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert "--port" in _fails("--data", str(tmp_path / "a"), "--port", str(taken.getsockname()[1]))
    (tmp_path / "file").write_text("")
    assert "--data" in _fails("--data", str(tmp_path / "file" / "x"), "--port", str(free_port()))
    newer = tmp_path / "newer"
    newer.mkdir()
    (newer / "version").write_text("99")
    assert "newer FeedGuard" in _fails("--data", str(newer), "--port", str(free_port()))
    assert "--port" in _fails("--data", str(tmp_path / "b"), "--port", "99999")
    assert "--host" in _fails(
        "--data", str(tmp_path / "c"), "--host", "no.such.host.invalid", "--port", str(free_port())
    )


def test_a_too_old_python_is_told_so_in_one_line(tmp_path: Path) -> None:
    code = (
        "import sys, runpy; sys.version_info = (3, 9, 1, 'final', 0); sys.argv = ['setup.py']; "
        "runpy.run_path('tools/setup.py')['find_python']()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "needs Python 3.11 or newer" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1

"""Which Neo4j the tests take, and how a container is asked for. `docker` is a program that writes down what it is told."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.neo4j import jvm, server
from tests.neo4j.container import Container
from tests.neo4j.server import Neo4jServer


class Docker:
    """Beside nothing else on the path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def says(self, script: str) -> None:
        program = self._folder / "docker"
        program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {self._folder}/told\n{script}\n')
        program.chmod(0o755)

    @property
    def told(self) -> list[str]:
        return (self._folder / "told").read_text().splitlines()


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Docker:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("FEEDGUARD_TEST_NEO4J_URI", raising=False)
    monkeypatch.setattr(jvm, "lacking", lambda: "no Java 17 or newer")
    return Docker(tmp_path)


def lacking() -> str:
    return server.lacking.__wrapped__()


def test_what_is_lacking_is_named(docker: Docker) -> None:
    assert lacking() == "FEEDGUARD_TEST_NEO4J_URI is not set, no Java 17 or newer, and no Docker"
    docker.says("exit 1")
    assert lacking().endswith("no working Docker engine (docker info fails)")


def test_a_working_engine_is_used_where_there_is_no_java(docker: Docker, monkeypatch: pytest.MonkeyPatch) -> None:
    docker.says("")
    assert lacking() == ""
    assert isinstance(Neo4jServer().own, Container)
    monkeypatch.setenv("FEEDGUARD_TEST_NEO4J_URI", "bolt://127.0.0.1:1")
    assert not Neo4jServer().ours


def test_a_container_is_reachable_from_here_alone_and_leaves_nothing(docker: Docker) -> None:
    docker.says('[ "$1" != ps ] || echo 0a1b')
    own = Container()
    own.start("secret-of-tests")
    assert docker.told == [
        f"run --rm -d --name {own.name} -v {own.name}:/data -p 127.0.0.1:{own.port}:7687 "
        "-e NEO4J_AUTH=neo4j/secret-of-tests -e NEO4J_dbms_usage__report_enabled=false neo4j:5.26-community"
    ]
    own.stop(signal.SIGTERM)
    own.remove()
    said = [line for line in docker.told[1:] if not line.startswith("ps ")]
    assert said == [
        f"stop --time 60 {own.name}", f"wait {own.name}",
        f"kill {own.name}", f"wait {own.name}", f"volume rm --force {own.name}",
    ]  # fmt: skip


def test_what_docker_says_is_told_where_it_fails(docker: Docker) -> None:
    docker.says("echo no such image >&2; exit 125")
    with pytest.raises(RuntimeError, match="docker run failed: no such image"):
        Container().start("x")

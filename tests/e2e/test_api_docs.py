"""The session of docs/api.md is run as it stands, with curl, against the real processes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.running import ROOT, Running

pytestmark = pytest.mark.curl
EXACT = {"status", "action", "state", "code", "field", "stage", "kind", "quote", "user", "device", "verdict", "pending"}
"""Words that a reader goes by: here the documented value itself has to come."""


def blocks() -> list[tuple[str, str]]:
    """Each shell block with the JSON block that follows it."""
    text = (ROOT / "docs" / "api.md").read_text()
    found = re.findall(r"```sh\n(.*?)```\s*(?:```json\n(.*?)```)?", text, re.DOTALL)
    assert len(found) >= 10
    return found


def compare(documented: Any, real: Any, where: str = "answer") -> None:
    """The same names and types all the way down; a documented null, true or number stands for itself."""
    if isinstance(documented, dict):
        assert isinstance(real, dict), where
        if where.endswith("models"):
            return
        assert set(documented) == set(real), where
        for name, value in documented.items():
            if name in EXACT and isinstance(value, str):
                assert real[name] == value, (f"{where}.{name}", real[name])
            compare(value, real[name], f"{where}.{name}")
    elif isinstance(documented, list):
        assert len(documented) == len(real), (where, real)
        for position, value in enumerate(documented):
            compare(value, real[position], f"{where}.{position}")
    elif isinstance(documented, str):
        assert isinstance(real, str), (where, real)
    else:
        assert documented == real, (where, documented, real)


def test_the_comparison_finds_what_differs() -> None:
    for documented, real in (({"a": 1}, {"b": 1}), ([1], []), ({"action": "hide"}, {"action": "show"}), ("x", None)):
        with pytest.raises(AssertionError):
            compare(documented, real)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What each block of the session printed."""
    folder = Path(tmp_path_factory.mktemp("session"))
    with Running(folder / "data", "--no-demo", environment={"TZ": "UTC"}) as product:
        script = ["set -euo pipefail", f"cd {folder}"]
        for position, (block, _) in enumerate(blocks()):
            own = block.replace("http://127.0.0.1:8765", product.url).replace(
                ".venv/bin/python manage.py", f"{sys.executable} {ROOT / 'manage.py'}"
            )
            script.append(f"{{\n{own}\n}} > out-{position}")
        environment = {**product.environment, "FEEDGUARD_DATA": str(product.folder), "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            ["bash", "-c", "\n".join(script)], env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr + done.stdout
    return [(folder / f"out-{position}").read_text() for position in range(len(blocks()))]


@pytest.mark.parametrize("position", range(len(blocks())))
def test_each_answer_is_as_documented(answers: list[str], position: int) -> None:
    documented = blocks()[position][1]
    assert documented, "every block has its answer"
    compare(json.loads(documented), json.loads(answers[position]))

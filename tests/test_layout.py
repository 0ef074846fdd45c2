"""The structure holds: imports run one way, settings are documented, the web process stays light."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from feedguard import env

ROOT = Path(__file__).parent.parent
OWN = ("feedguard", "agents", "graph")
ALLOWED = {
    "feedguard": {"feedguard", "agents", "graph"},
    "agents": {"agents", "graph.types", "graph.deltas", "graph.snapshot"},
    "graph": {"graph"},
}


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("package", OWN)
def test_imports_run_one_way(package: str) -> None:
    for path in sources(package):
        own = {name for name in imports_of(path) if name.partition(".")[0] in OWN}
        for name in own:
            assert any(name == ok or name.startswith(f"{ok}.") for ok in ALLOWED[package]), f"{path} imports {name}"


@pytest.mark.parametrize("package", ["agents", "graph"])
def test_the_pure_packages_know_neither_django_nor_celery(package: str) -> None:
    for path in sources(package):
        assert not {n for n in imports_of(path) if n.partition(".")[0] in {"django", "celery"}}, path


def test_an_import_in_the_wrong_direction_would_be_found(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("def late():\n    from feedguard.items import models\n")
    assert "feedguard.items" in imports_of(wrong)


def test_every_setting_is_documented_with_its_default_and_nothing_else_is() -> None:
    import feedguard.settings  # noqa: F401 – reads all settings

    text = (ROOT / "docs" / "settings.md").read_text()
    documented = set(re.findall(r"^\| `(FEEDGUARD_[A-Z0-9_]+)`", text, re.MULTILINE))
    assert documented == set(env.REGISTERED)


def test_the_web_process_imports_no_model_library() -> None:
    code = (
        "import django, sys; django.setup(); import feedguard.asgi; from django.urls import get_resolver; "
        "get_resolver().url_patterns; import json; print(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ, capture_output=True, text=True, check=True
    )
    loaded = set(json.loads(done.stdout))
    assert "django" in loaded
    assert not loaded & {
        "torch",
        "transformers",
        "onnxruntime",
        "langgraph",
        "trafilatura",
        "dateparser",
        "py3langid",
        "neo4j",
    }


def test_the_base_installation_names_no_torch() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    base = text[text.index("dependencies = [") : text.index("[project.optional-dependencies]")]
    assert "torch" not in base
    assert "Django" in base


def test_no_file_of_the_pipeline_holds_a_brand_or_phrase_of_the_demo() -> None:
    samples = [json.loads(line) for line in (ROOT / "feedguard/feeds/demo/samples.jsonl").read_text().splitlines()]
    pipeline = "\n".join(
        p.read_text().casefold() for p in (ROOT / "agents").rglob("*") if p.suffix in {".py", ".json"} and p.is_file()
    )
    names = {
        "salt orchard",
        "leanleaf",
        "brightsummit",
        "quillpath",
        "gradewise",
        "anchorvault",
        "piercoin",
        "tidetrader",
    }
    for name in names:
        assert name not in pipeline
    for sample in samples:
        for field in ("title", "text"):
            words = re.findall(r"\w+", sample["item"][field].casefold())
            for i in range(len(words) - 4):
                assert " ".join(words[i : i + 5]) not in pipeline, (sample["id"], words[i : i + 5])


def test_a_setting_that_cannot_be_read_fails_loudly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDGUARD_PORT", "eighty")
    with pytest.raises(env.SettingError, match="FEEDGUARD_PORT"):
        env.whole_number("FEEDGUARD_PORT", 8765)
    monkeypatch.setenv("FEEDGUARD_DEBUG", "perhaps")
    with pytest.raises(env.SettingError, match="FEEDGUARD_DEBUG"):
        env.switch("FEEDGUARD_DEBUG", False)

"""The command, as it is called: figures, pages and refusals, with nobody's data near it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.agents.evaluation.build import sample
from tests.running import ROOT


def run(*arguments: object, data: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, arguments)],
        cwd=ROOT, env={**os.environ, "FEEDGUARD_DATA": str(data)}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


SAMPLES = [
    sample(1, item={"title": "Spider in the bath", "text": "It has eight legs."}, label="hide", because=["Spider"], pair="a"),
    sample(2, item={"text": "Bread with five seeds."}, pair="a"),
    sample(3, preference="no spiders, but recipes are fine", item={"text": "A recipe for spider crabs."}, category="unrelated"),
    sample(4, preference="no bread", adjustments=[{"at": "2026-01-10T08:00:00Z", "say": "no spiders until 12 January"}],
           item={"text": "A spider."}, category="delta_exception_expiry"),
    sample(5, preference="but it is fine", item={"text": "Nothing."}, category="ordinary_neighbour"),
]  # fmt: skip


@pytest.fixture
def files(tmp_path: Path) -> Path:
    path = tmp_path / "set.jsonl"
    path.write_text("\n".join(s.model_dump_json(exclude={"folder"}) for s in SAMPLES), encoding="utf-8")
    return path


def test_it_writes_figures_rows_and_a_page_and_touches_no_data(files: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    done = run("evaluate", files, "--baseline", "hide_all", "keyword", "similarity", "text_llm", "--json", tmp_path / "o.json",
               "--html", tmp_path / "o.html", data=data)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not data.exists()
    assert "text_llm was skipped" in done.stdout
    assert "similarity was skipped" in done.stdout or "| similarity" in done.stdout
    whole = json.loads((tmp_path / "o.json").read_text())
    rows = {row["id"]: row for row in whole["samples"]}
    assert rows["s1"]["hidden"] is True
    (first, *_) = rows["s1"]["evidence"]
    assert first == {"field": "title", "start": 0, "end": 6, "quote": "Spider"}
    assert [rows[f"s{n}"]["hidden"] for n in (2, 3, 4, 5)] == [False, False, False, False]
    assert whole["engine"] == "local"
    assert whole["metrics"]["adversarial"]["recall"][0] == 1.0
    assert whole["metrics"]["grounding"] == {"verbatim": 1.0, "overlaps_because": 1.0}
    assert whole["baselines"]["hide_all"]["adversarial"]["precision"][0] < 1
    page = (tmp_path / "o.html").read_text()
    assert "How FeedGuard judged 5 samples" in page
    assert "http" not in page.replace("http://www.w3.org", "")


def test_two_runs_give_the_same_figures(files: Path, tmp_path: Path) -> None:
    wholes = []
    for name in ("one", "two"):
        out = tmp_path / f"{name}.json"
        assert run("evaluate", files, "--baseline", "keyword", "--json", out, data=tmp_path).returncode == 0
        whole = json.loads(out.read_text())
        for row in whole["samples"]:
            del row["seconds"]
        del whole["metrics"]["seconds"], whole["metrics"]["seconds_an_item"], whole["baselines"]["keyword"]["seconds"]
        wholes.append(whole)
    assert wholes[0] == wholes[1]


def test_a_stage_left_out_is_told_and_changes_what_comes_out(files: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.json"
    assert run("evaluate", files, "--ablate", "recall", "--json", out, data=tmp_path).returncode == 0
    whole = json.loads(out.read_text())
    assert whole["ablated"] == ["recall"]
    assert {row["stage"] for row in whole["samples"]} != {"recall"}


def test_parts_of_the_samples_can_be_chosen(files: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.json"
    done = run("evaluate", files, "--category", "use_mention", "--limit", "1", "--json", out, data=tmp_path)
    assert done.returncode == 0
    assert [row["id"] for row in json.loads(out.read_text())["samples"]] == ["s1"]
    assert "no samples" in run("evaluate", files, "--category", "none", data=tmp_path).stderr


def test_a_bad_line_ends_it_or_is_passed_over(files: Path, tmp_path: Path) -> None:
    with files.open("a") as file:
        file.write('\n{"id": "s9"}\n')
    refused = run("evaluate", files, data=tmp_path)
    assert refused.returncode != 0
    assert f"{files}, line 6, category" in refused.stderr
    assert "Traceback" not in refused.stderr
    passed = run("evaluate", files, "--skip-bad", data=tmp_path)
    assert passed.returncode == 0
    assert "1 lines were passed over" in passed.stderr


def test_a_public_suite_is_turned_into_samples(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("preference,text,label\nno ads,Buy now,1\n")
    assert run("adapt", "csv", tmp_path / "own.csv", tmp_path / "own.jsonl", data=tmp_path).returncode == 0
    assert run("evaluate", tmp_path / "own.jsonl", data=tmp_path).returncode == 0
    wrong = run("adapt", "hatecheck", tmp_path / "own.csv", tmp_path / "x.jsonl", data=tmp_path)
    assert "columns functionality" in wrong.stderr
    assert not (tmp_path / "x.jsonl").exists()

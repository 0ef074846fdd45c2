"""Samples and suites are read strictly: the error names file, line and field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agents.evaluation.adapters import hatecheck, table
from agents.evaluation.samples import SampleError, read_samples
from tests.agents.evaluation.build import sample


def line(**changes: Any) -> str:
    return json.dumps({**json.loads(sample().model_dump_json(exclude={"folder"})), **changes})


def written(folder: Path, *lines: str, name: str = "set.jsonl") -> Path:
    path = folder / name
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("{", "not JSON"),
        ("[1]", "sample: "),
        (line(id="b", label="perhaps"), "label: "),
        (line(id="b", modality="smell"), "modality: "),
        (line(id="b", item={"text": "x", "colour": "red"}), "item.colour: "),
        (line(id="b", item={"text": "x", "image": "nowhere.png"}), "item.image: there is no picture"),
        (line(id="b", modality="image_text"), "item.image: "),
        (line(id="b", because=["not there"]), "because: "),
        (line(id="b", adjustments=[{"at": "2026-01-01T00:00:00", "say": "x"}]), "adjustments.0.at: "),
        (line(id="b", preference=""), "preference: "),
        (line(), "id: 's1' stands there twice"),
    ],
)
def test_a_bad_line_is_refused_with_file_line_and_field(tmp_path: Path, bad: str, said: str) -> None:
    path = written(tmp_path, line(), bad)
    with pytest.raises(SampleError) as error:
        list(read_samples([path]))
    assert f"{path}, line 2" in str(error.value)
    assert said in str(error.value)


def test_bad_lines_can_be_passed_over_and_counted(tmp_path: Path) -> None:
    problems: list[SampleError] = []
    path = written(tmp_path, line(), "{", line(id="s2"))
    assert [s.id for s in read_samples([path], problems=problems)] == ["s1", "s2"]
    assert len(problems) == 1


def test_an_id_may_stand_only_once_in_all_files(tmp_path: Path) -> None:
    with pytest.raises(SampleError, match=r"two\.jsonl, line 1, id"):
        list(read_samples([written(tmp_path, line()), written(tmp_path, line(), name="two.jsonl")]))


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(SampleError, match="cannot be read"):
        list(read_samples([tmp_path / "none.jsonl"]))
    (tmp_path / "bytes.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SampleError, match="not UTF-8"):
        list(read_samples([tmp_path / "bytes.jsonl"]))


HATECHECK = """,functionality,case_id,test_case,label_gold,target_ident,direction
1,derog_neg_emote_h,1,I dislike {them} all.,hateful,women,general
2,counter_quote_nh,2,"Saying ""I dislike them"" is wrong.",non-hateful,women,
3,target_obj_nh,3,I dislike this chair.,non-hateful,,
"""


def test_hatecheck_becomes_wishes_about_the_group_that_a_case_names(tmp_path: Path) -> None:
    made = list(hatecheck(written(tmp_path, HATECHECK, name="suite.csv")))
    assert [(m["label"], m["preference"]) for m in made] == [
        ("hide", "no hateful posts about women"),
        ("show", "no hateful posts about women"),
        ("show", "no hateful posts about any group of people"),
    ]
    path = written(tmp_path, *(json.dumps(m) for m in made))
    assert [s.category for s in read_samples([path])] == ["derog_neg_emote_h", "counter_quote_nh", "target_obj_nh"]


def test_any_table_of_preference_text_and_label(tmp_path: Path) -> None:
    body = "preference,text,label,category\nno ads,Buy now,1,shop\nno ads,A walk,show,\n"
    made = list(table(written(tmp_path, body, name="own.csv")))
    assert [(m["label"], m["category"]) for m in made] == [("hide", "shop"), ("show", "external")]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("preference,text\nx,y\n", "columns label"),
        ("preference,text,label\nx,y,often\n", "line 2, label"),
        ("preference,text,label\nx,,1\n", "line 2, text"),
    ],
)
def test_a_bad_table_is_refused_with_line_and_field(tmp_path: Path, body: str, said: str) -> None:
    with pytest.raises(SampleError, match=said):
        list(table(written(tmp_path, body, name="own.csv")))

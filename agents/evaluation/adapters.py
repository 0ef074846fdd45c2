"""Public suites in benchmark form, for measuring on texts that nobody here wrote. Their files are given by path.

HateCheck (Röttger et al., ACL 2021; CC BY 4.0): 3,728 cases in 29 functional tests. It serves measuring alone: nothing
is trained or tuned on it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from agents.evaluation.samples import SampleError

HATECHECK_COLUMNS = ("functionality", "case_id", "test_case", "label_gold", "target_ident")
HATECHECK_LABELS = {"hateful": "hide", "non-hateful": "show"}
LABELS = {"hide": "hide", "show": "show", "1": "hide", "0": "show", "true": "hide", "false": "show"}


def hatecheck(path: Path) -> Iterator[dict[str, Any]]:
    """Samples of HateCheck's test_suite_cases.csv. The wish is about the group that a case names; where it names none
    (abuse of objects, of single people, of groups that are not protected), about hate against any group. The
    functional test is the category."""
    for number, row in _rows(path, HATECHECK_COLUMNS):
        label = HATECHECK_LABELS.get(row["label_gold"].strip().lower())
        if label is None:
            raise SampleError(f"{path}, line {number}, label_gold: hateful or non-hateful, not {row['label_gold']!r}")
        group = row["target_ident"].strip()
        yield _sample(
            f"hatecheck-{row['case_id'].strip()}",
            category=row["functionality"].strip(),
            preference=f"no hateful posts about {group or 'any group of people'}",
            text=row["test_case"],
            label=label,
        )


def table(path: Path) -> Iterator[dict[str, Any]]:
    """Samples of any CSV file with the columns preference, text and label (hide or show, 1 or 0), and, where they are
    there, id, title, category and pair."""
    for number, row in _rows(path, ("preference", "text", "label")):
        label = LABELS.get(row["label"].strip().lower())
        if label is None:
            raise SampleError(f"{path}, line {number}, label: hide or show, not {row['label']!r}")
        for field in ("preference", "text"):
            if not row[field].strip():
                raise SampleError(f"{path}, line {number}, {field}: is empty")
        yield _sample(
            row.get("id") or f"{path.stem}-{number}",
            category=row.get("category") or "external",
            preference=row["preference"].strip(),
            text=row["text"],
            label=label,
            title=row.get("title") or "",
            pair=row.get("pair") or "",
        )


FORMS = {"hatecheck": hatecheck, "csv": table}


def _rows(path: Path, needed: tuple[str, ...]) -> Iterator[tuple[int, Mapping[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            lacking = [name for name in needed if name not in (reader.fieldnames or ())]
            if lacking:
                raise SampleError(f"{path}, line 1: the columns {', '.join(lacking)} are not there")
            for row in reader:
                yield reader.line_num, {str(name): value or "" for name, value in row.items() if name is not None}
    except OSError as error:
        raise SampleError(f"{path}: cannot be read ({error.strerror})") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise SampleError(f"{path}: is no CSV file in UTF-8 ({error})") from None


def _sample(
    name: str, *, category: str, preference: str, text: str, label: str, title: str = "", pair: str = ""
) -> dict[str, Any]:
    return {
        "id": name, "category": category, "pair": pair, "preference": preference,
        "item": {"source": "", "author": "", "title": title, "text": text, "image": None},
        "label": label, "because": [], "modality": "text",
    }  # fmt: skip

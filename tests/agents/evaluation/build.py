"""Samples for tests."""

from __future__ import annotations

from typing import Any

from agents.evaluation.samples import Sample


def sample(number: int = 1, **changes: Any) -> Sample:
    item = {"source": "Notes", "author": "", "title": "", "text": f"text number {number}", "image": None}
    raw = {
        "id": f"s{number}", "category": "use_mention", "pair": "p", "preference": "no spiders", "label": "show",
        "item": item | changes.pop("item", {}),
    }  # fmt: skip
    return Sample.model_validate(raw | changes)

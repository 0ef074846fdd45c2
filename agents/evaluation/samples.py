"""Samples in benchmark form: JSON Lines, one sample a line, read strictly."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from agents.types import Item, Media

DEFAULT_NOW = dt.datetime(2026, 1, 15, 12, tzinfo=dt.UTC)
"""When a sample is judged that does not say so."""


class SampleError(Exception):
    """A line that cannot be used: the message names file, line and field."""


class SampleItem(BaseModel):
    model_config = ConfigDict(extra="forbid")
    source: str = ""
    author: str = ""
    title: str = ""
    text: str = ""
    image: str | None = None
    alt: str = ""


class Adjustment(BaseModel):
    model_config = ConfigDict(extra="forbid")
    at: dt.datetime
    say: str


class Sample(BaseModel):
    """One sample; keys that the form does not know are ignored."""

    model_config = ConfigDict(extra="ignore")
    id: str
    category: str
    pair: str = ""
    preference: str
    adjustments: tuple[Adjustment, ...] = ()
    now: dt.datetime | None = None
    item: SampleItem
    label: Literal["hide", "show"]
    because: tuple[str, ...] = ()
    modality: Literal["text", "image_text", "image_visual"] = "text"
    printed: str = ""
    service: str = "web"
    surface: str = "feed"

    def as_item(self) -> Item:
        """The item in the form that the pipeline takes."""
        media = (Media(kind="image", alt=self.item.alt),) if self.item.image else ()
        return Item(
            id=self.id,
            content_hash=self.id,
            title=self.item.title,
            text=self.item.text,
            author=self.item.author,
            source=self.item.source,
            service=self.service,
            surface=self.surface,
            language="en",
            word_count=len(self.item.text.split()),
            published_at=self.now or DEFAULT_NOW,
            media=media,
        )


def read_samples(path: Path) -> Iterator[Sample]:
    """Samples of one file in order. Raises SampleError at the first line that cannot be used."""
    seen: set[str] = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            sample = Sample.model_validate(json.loads(line))
        except json.JSONDecodeError as error:
            raise SampleError(f"{path}, line {number}: not JSON ({error.msg})") from None
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            raise SampleError(f"{path}, line {number}, {field}: {first['msg']}") from None
        _check(path, number, sample, seen)
        yield sample


def _check(path: Path, number: int, sample: Sample, seen: set[str]) -> None:
    where = f"{path}, line {number}"
    if sample.id in seen:
        raise SampleError(f"{where}, id: {sample.id!r} stands there twice")
    seen.add(sample.id)
    if sample.item.image and not (path.parent / sample.item.image).is_file():
        raise SampleError(f"{where}, item.image: there is no picture {sample.item.image!r}")
    whole = "\n".join((sample.item.title, sample.item.text, sample.printed))
    for part in sample.because:
        if part not in whole:
            raise SampleError(f"{where}, because: {part!r} does not stand in the item")

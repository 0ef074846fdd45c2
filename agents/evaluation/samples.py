"""Samples in benchmark form: JSON Lines, one sample a line, read strictly."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

DEFAULT_NOW = dt.datetime(2026, 1, 15, 12, tzinfo=dt.UTC)
"""When a sample is judged that does not say so."""


class SampleError(Exception):
    """A line that cannot be used: the message names file, line and field."""


class SampleItem(BaseModel):
    """What the feed shows. `image` is a path relative to the file of samples."""

    model_config = ConfigDict(extra="forbid")
    source: str = ""
    author: str = ""
    title: str = ""
    text: str = ""
    image: str | None = None
    alt: str = ""


class Adjustment(BaseModel):
    """Later words of the same person, at their own time."""

    model_config = ConfigDict(extra="forbid")
    at: AwareDatetime
    say: Annotated[str, Field(min_length=1)]


class Sample(BaseModel):
    """One sample; keys that the form does not know are ignored."""

    model_config = ConfigDict(extra="ignore")
    id: Annotated[str, Field(min_length=1)]
    category: Annotated[str, Field(min_length=1)]
    pair: str = ""
    preference: Annotated[str, Field(min_length=1)]
    adjustments: tuple[Adjustment, ...] = ()
    now: AwareDatetime | None = None
    item: SampleItem
    label: Literal["hide", "show"]
    because: tuple[str, ...] = ()
    modality: Literal["text", "image_text", "image_visual"] = "text"
    printed: str = ""
    service: str = "web"
    surface: str = "feed"
    folder: Path = Path()
    """Where the file of samples lies; set by the reader."""

    @property
    def judged_at(self) -> dt.datetime:
        return self.now or DEFAULT_NOW

    @property
    def image_path(self) -> Path | None:
        return self.folder / self.item.image if self.item.image else None


def read_samples(paths: Iterable[Path], *, problems: list[SampleError] | None = None) -> Iterator[Sample]:
    """Samples of these files in order; an id may stand only once in all of them.

    Raises SampleError at the first line that cannot be used; where `problems` is given, it is noted there instead
    and the reading goes on.
    """
    seen: set[str] = set()
    for path in paths:
        for number, line in enumerate(_lines(path), start=1):
            if not line.strip():
                continue
            try:
                yield _sample(path, number, line, seen)
            except SampleError as error:
                if problems is None:
                    raise
                problems.append(error)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise SampleError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise SampleError(f"{path}: is not UTF-8 (byte {error.start})") from None


def _sample(path: Path, number: int, line: str, seen: set[str]) -> Sample:
    where = f"{path}, line {number}"
    try:
        raw: Any = json.loads(line)
        sample = Sample.model_validate({**raw, "folder": path.parent} if isinstance(raw, dict) else raw)
    except json.JSONDecodeError as error:
        raise SampleError(f"{where}: not JSON ({error.msg})") from None
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "sample"
        raise SampleError(f"{where}, {field}: {first['msg']}") from None
    _check(where, sample, seen)
    seen.add(sample.id)
    return sample


def _check(where: str, sample: Sample, seen: set[str]) -> None:
    if sample.id in seen:
        raise SampleError(f"{where}, id: {sample.id!r} stands there twice")
    if sample.image_path is not None and not sample.image_path.is_file():
        raise SampleError(f"{where}, item.image: there is no picture {sample.item.image!r}")
    if sample.modality != "text" and sample.image_path is None:
        raise SampleError(f"{where}, item.image: a sample of modality {sample.modality} needs a picture")
    whole = "\n".join((sample.item.title, sample.item.text, sample.printed))
    for part in sample.because:
        if part not in whole:
            raise SampleError(f"{where}, because: {part!r} does not stand in the item")

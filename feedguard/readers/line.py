"""One item of a filtered feed. Plain data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Line:
    """One item as it goes out. `id` is the original one; `iri` is the same where that is an IRI (RFC 3987)."""

    id: str
    iri: str
    permalink: bool
    url: str
    title: str
    author: str
    html: str
    published: dt.datetime
    updated: dt.datetime
    language: str
    duration_seconds: int | None
    categories: tuple[str, ...]
    enclosures: tuple[Mapping[str, str], ...]
    elements: tuple[Any, ...]
    external_url: str
    source_title: str
    source_url: str
    action: str
    heading: str
    reason: str

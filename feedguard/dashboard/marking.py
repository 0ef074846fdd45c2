"""Text with its evidence marked, safe to put into a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe


def marked(text: str, evidence: Iterable[Mapping[str, Any]], field: str) -> SafeString:
    """The text, escaped, with the spans of this field's evidence in <mark>; spans may overlap."""
    spans = sorted((e["start"], e["end"]) for e in evidence if e["field"] == field and e["end"] > e["start"])
    out, position = [], 0
    for start, end in spans:
        start = max(start, position)
        if start < end <= len(text):
            out += [escape(text[position:start]), "<mark>", escape(text[start:end]), "</mark>"]
            position = end
    out.append(escape(text[position:]))
    return mark_safe("".join(out))  # noqa: S308 – every part is escaped above

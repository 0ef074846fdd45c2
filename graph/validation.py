"""What pydantic found wrong, in one plain line that names the field and says what would be right."""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError

from graph.errors import InvalidDelta

_NAMED = re.compile(r"([a-z_]+): (.*)", re.DOTALL)
_MODELS = {"intent", "facet", "exception", "guard", "scope", "exemplar", "erased"}


def clear(error: ValidationError) -> InvalidDelta:
    """Our error for the first thing that was wrong. The value itself is not repeated: it may be huge."""
    first = error.errors(include_url=False)[0]
    parts = [str(part) for part in first["loc"] if part not in _MODELS]
    field = ".".join(parts) or str(first.get("ctx", {}).get("discriminator", "")).strip("'")
    what = _what(first["type"], first["msg"], first.get("ctx", {}), first.get("input"))
    if not field and (named := _NAMED.match(what)):
        field, what = named[1], named[2]  # a rule of the whole entity names its field itself
    return InvalidDelta(f"{field or 'value'}: {what}", field=field or "value")


def _what(kind: str, message: str, limits: dict[str, Any], given: object) -> str:
    if kind in {"string_too_long", "too_long"}:
        length = f", not {len(given):,}" if isinstance(given, str | list | tuple) else ""
        unit = "characters" if kind == "string_too_long" else "entries"
        return f"at most {limits['max_length']:,} {unit}{length}."
    if kind in {"greater_than_equal", "less_than_equal"}:
        bound = f"at least {limits['ge']:,}" if "ge" in limits else f"at most {limits['le']:,}"
        return f"{bound}, not {given}."
    plain = {
        "string_too_short": "must not be empty.",
        "missing": "is missing.",
        "extra_forbidden": "is not a field that is known.",
        "literal_error": f"must be one of {limits.get('expected', '')}.",
        "union_tag_invalid": f"must be one of {limits.get('expected_tags', '')}.",
        "union_tag_not_found": "is missing.",
        "string_pattern_mismatch": "is not a UUID of version 7 in its plain lower-case form.",
    }
    return plain.get(kind, message.removeprefix("Value error, "))

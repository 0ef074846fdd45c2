"""Canonical JSON (RFC 8785) and its hash.

`canonical` goes through the standard library's encoder, which is written in C: for values without floating-point
numbers and with field names in ASCII (all that a graph holds) its output with sorted keys is that of RFC 8785.
A test compares it with the package rfc8785, and `verify` recomputes a graph's hash with that package.
"""

from __future__ import annotations

import hashlib
import json

_encoder = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def canonical(value: object) -> str:
    """RFC 8785 text of objects, arrays, strings, integers below 2**53, truth values and null."""
    return _encoder.encode(value)


def sha256(text: str) -> str:
    """SHA-256 of the text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def digest(value: object) -> str:
    """SHA-256, in hexadecimal, of a value's canonical JSON."""
    return sha256(canonical(value))

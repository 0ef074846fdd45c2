"""The hash chain of a log. It runs over payload hashes, so that a payload can be erased with the chain valid."""

from __future__ import annotations

import hashlib
import json

from graph.deltas import Delta, upcast

START = "0" * 64


def payload_of(delta: Delta) -> str:
    """The stored form of a delta: JSON with sorted keys."""
    return json.dumps(delta.model_dump(mode="json"), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def delta_of(payload: str) -> Delta:
    """The delta of a stored payload of any schema."""
    return Delta.model_validate(upcast(json.loads(payload)))


def payload_hash(payload: str) -> str:
    return hashlib.sha256(payload.encode()).hexdigest()


def chained(previous: str, payload_digest: str) -> str:
    """The chain's next link."""
    return hashlib.sha256(f"{previous}{payload_digest}".encode()).hexdigest()

"""The hash chain of a log. It runs over payload hashes, so that a payload can be erased with the chain valid."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from graph.canonical import canonical, sha256
from graph.errors import Damaged
from graph.ops import Delta, upcast

START = "0" * 64


@dataclass(frozen=True)
class LogEntry:
    """One delta as it lies in a log.

    `chain` is SHA-256 of the previous `chain` and `payload_hash`, both in hexadecimal. `body` is the payload: the
    delta as it was stored, of whatever schema; where `erased`, it is what was left of the delta, and `payload_hash`
    is still that of what was there.
    """

    seq: int
    id: str
    payload_hash: str
    chain: str
    body: str
    erased: bool = False

    @property
    def delta(self) -> Delta:
        return delta_of(self.body)


def payload_of(delta: Delta) -> str:
    """The stored form of a delta: canonical JSON."""
    return canonical(delta.model_dump(mode="json", by_alias=True))


def delta_of(payload: str) -> Delta:
    """The delta of a stored payload of any schema."""
    return Delta.model_validate(upcast(json.loads(payload)))


def chained(previous: str, payload_digest: str) -> str:
    """The chain's next link."""
    return sha256(f"{previous}{payload_digest}")


def entry_of(delta: Delta, previous: str) -> LogEntry:
    """The log's entry for a committed delta, after an entry whose chain is `previous`."""
    if delta.seq is None:
        raise ValueError("only a committed delta has a place in the log")
    body = payload_of(delta)
    payload_digest = sha256(body)
    return LogEntry(delta.seq, delta.id, payload_digest, chained(previous, payload_digest), body)


def check_chain(entries: Iterable[LogEntry]) -> str:
    """Recompute every hash of a log from its first entry on; returns the last `chain`. Raises Damaged."""
    previous = START
    for position, entry in enumerate(entries, start=1):
        previous = chained(previous, entry.payload_hash)
        whole = entry.erased or sha256(entry.body) == entry.payload_hash
        if entry.seq != position or entry.chain != previous or not whole:
            raise Damaged(f"The log is broken at number {position}.")
        delta = entry.delta
        if (delta.seq, delta.id, bool(delta.erased)) != (entry.seq, entry.id, entry.erased):
            raise Damaged(f"The log holds another change than it names at number {position}.")
    return previous

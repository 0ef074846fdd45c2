"""Identifiers of rows."""

from __future__ import annotations

import uuid

import uuid_utils


def uuid7() -> uuid.UUID:
    """A UUIDv7 (RFC 9562): ordered by time, so that indexes stay compact."""
    return uuid.UUID(bytes=uuid_utils.uuid7().bytes)

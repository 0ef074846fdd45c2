"""What every operation may answer beside its own, for the schema."""

from __future__ import annotations

from feedguard.api.errors import ErrorOut

REFUSALS = {frozenset({400, 401, 403, 404, 409, 413, 422, 429, 503}): ErrorOut}

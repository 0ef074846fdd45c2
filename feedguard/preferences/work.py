"""Worker tasks of preferences."""

from __future__ import annotations

from collections.abc import Sequence

from feedguard.decisions.schedule import CATCH_UP, again
from feedguard.decisions.tasks import Failures
from feedguard.preferences import services


def catch_up(keys: Sequence[str]) -> Failures:
    """Bring every projection up to its graph (a crash may have come between the two)."""
    services.catch_up()
    again(CATCH_UP)
    return {}

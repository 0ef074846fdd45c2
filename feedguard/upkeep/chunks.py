"""Deleting many rows without holding the database for long."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

CHUNK = 500


def delete_in_chunks(rows: QuerySet[Any]) -> int:
    """Delete all rows of the query in short transactions; returns how many there were."""
    total = 0
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        with transaction.atomic():
            rows.model._default_manager.filter(pk__in=keys).delete()
        total += len(keys)
    return total

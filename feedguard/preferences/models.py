"""The projection of each person's preference graph that the deciding path reads."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class SnapshotHead(models.Model):
    """One person's compiled graph. The truth is the graph's log; this is caught up from it."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="snapshot_head"
    )
    seq = models.PositiveIntegerField(default=0)
    hash = models.CharField(max_length=64)
    data = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)

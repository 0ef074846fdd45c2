"""The projection of each person's preference graph that the deciding path reads, and what imports carried along."""

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
    data = models.TextField()
    """The snapshot as compact JSON, ready to be served."""
    updated_at = models.DateTimeField(auto_now=True)


class CarriedFields(models.Model):
    """Fields of an imported entity that this version does not know: kept, and written back on export."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="carried_fields")
    entity = models.CharField(max_length=36)
    data = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "entity"], name="one_carried_an_entity")]

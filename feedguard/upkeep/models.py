"""Signs of life."""

from __future__ import annotations

from django.db import models


class Heartbeat(models.Model):
    """When a part last did the work by which it shows that it lives."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()
    started_at = models.DateTimeField()

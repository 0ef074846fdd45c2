"""What goes to the feed reader that a person already has: filtered feeds."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from feedguard.feeds.models import Source
from feedguard.ids import uuid7


class FilteredFeed(models.Model):
    """One private address. The address itself is not stored (see addresses); `nonce` is what renewing changes."""

    class Kind(models.TextChoices):
        ALL = "all", "everything"
        FOLDER = "folder", "a folder"
        SOURCE = "source", "a source"

    class Hidden(models.TextChoices):
        REMOVE = "remove", "left out"
        TITLE = "title", "marked in the title"
        CATEGORY = "category", "marked by a category"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="filtered_feeds")
    kind = models.CharField(max_length=6, choices=Kind)
    source = models.ForeignKey(Source, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    folder = models.CharField(max_length=200, blank=True)
    hidden = models.CharField(max_length=8, choices=Hidden, default=Hidden.REMOVE)
    nonce = models.CharField(max_length=32, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    """When what it holds last changed, in whole seconds: its Last-Modified."""
    asked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "source"], condition=models.Q(source__isnull=False), name="one_address_a_source"
            ),
            models.UniqueConstraint(
                fields=["person", "kind", "folder"],
                condition=models.Q(source__isnull=True),
                name="one_address_a_folder",
            ),
        ]

"""What goes to the feed reader that a person already has: filtered feeds, keys, and marks in the reader itself."""

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


class ReaderKey(models.Model):
    """The key by which a person's reader asks for tags. Only its hash is stored."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True)
    key_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True, blank=True)


class ReaderAccount(models.Model):
    """The person's own reader, which speaks the Google Reader API."""

    class Kind(models.TextChoices):
        FRESHRSS = "freshrss", "FreshRSS"
        MINIFLUX = "miniflux", "Miniflux"
        OTHER = "other", "another with the Google Reader API"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reader_account")
    kind = models.CharField(max_length=8, choices=Kind)
    url = models.CharField(max_length=2000)
    user = models.CharField(max_length=200)
    sealed_password = models.TextField(blank=True)
    """Only from the form to the first sign-in; then the reader's token takes its place."""
    sealed_token = models.TextField(blank=True)
    enabled = models.BooleanField(default=False)
    previewed_at = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)


class ReaderItem(models.Model):
    """An item of the person's reader that was unread when it was seen, and what was done to it there."""

    account = models.ForeignKey(ReaderAccount, on_delete=models.CASCADE, related_name="items")
    reader_id = models.CharField(max_length=80)
    canonical = models.CharField(max_length=64, blank=True)
    title = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=300, blank=True)
    seen_at = models.DateTimeField()
    marked_at = models.DateTimeField(null=True, blank=True)
    doubtful = models.BooleanField(default=False)
    """Whether the reader has not confirmed the mark."""
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "reader_id"], name="one_reader_item")]
        indexes = [models.Index(fields=["account", "canonical"], name="reader_item_link")]

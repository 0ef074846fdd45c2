"""Where items come from, and who reads them."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.db import models

from feedguard.ids import uuid7

SENT = "sent:"
"""Scheme of the addresses of what programs send: `sent:SERVICE?person=ID`, one source a person and service."""


class Source(models.Model):
    """A feed. Global by its address; a person's folder and settings are in Subscription."""

    class State(models.TextChoices):
        NEW = "new", "not fetched yet"
        WELL = "well", "well"
        FAILING = "failing", "failing"
        GONE = "gone", "gone"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    url = models.CharField(max_length=2000, unique=True)
    title = models.CharField(max_length=300, blank=True)
    site_url = models.CharField(max_length=2000, blank=True)
    format = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=16, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    etag = models.CharField(max_length=500, blank=True)
    last_modified = models.CharField(max_length=100, blank=True)
    body_hash = models.CharField(max_length=64, blank=True)
    failures = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    warnings = models.JSONField(default=list, blank=True)
    extras = models.JSONField(default=dict, blank=True)
    """What a filtered feed carries on of the feed itself (see originals)."""
    body_at = models.DateTimeField(null=True, blank=True)
    """When its content was last read; items that were not in it are no longer in the feed."""
    fetched_at = models.DateTimeField(null=True, blank=True)
    succeeded_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.title or self.host

    @property
    def host(self) -> str:
        parts = urlsplit(self.url)
        return parts.path if self.sent else parts.hostname or self.url

    @property
    def demo(self) -> bool:
        return self.url.startswith("demo:")

    @property
    def sent(self) -> bool:
        """Whether its items come from a program of the person, through the API."""
        return self.url.startswith(SENT)

    @property
    def fetched(self) -> bool:
        """Whether it is asked for over the network."""
        return not (self.demo or self.sent)

    @property
    def private(self) -> bool:
        """Whether the address itself may be a secret (userinfo or a query): its items are never shared."""
        parts = urlsplit(self.url)
        return bool(parts.query or parts.username or parts.password)

    @property
    def service(self) -> str:
        """The name under which scopes know the site that this source comes from."""
        if self.sent:
            return self.host
        host = self.host.removeprefix("www.")
        known = {"youtube.com": "youtube", "reddit.com": "reddit", "bsky.app": "bluesky"}
        if host in known:
            return known[host]
        return "mastodon" if "/@" in self.url else "web"


class Subscription(models.Model):
    """One person's reading of one source."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="subscriptions")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="subscriptions")
    folder = models.CharField(max_length=200, blank=True)
    full_article = models.BooleanField(default=False)
    keep_days = models.PositiveIntegerField(null=True, blank=True)
    """How long its items are kept; empty: as the operator has set."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "source"], name="one_subscription")]
        ordering = ["folder", "source__title"]

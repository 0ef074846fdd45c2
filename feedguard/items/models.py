"""Items, what is perceived and ruled on them, and which of them stand in whose feed."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from feedguard.feeds.models import Source
from feedguard.ids import uuid7


class Item(models.Model):
    """One post, article, video card or ad, as its source gave it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="items")
    external_id = models.CharField(max_length=500)
    url = models.CharField(max_length=2000, blank=True)
    title = models.CharField(max_length=1000, blank=True)
    author = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    article_text = models.TextField(blank=True)
    article_html = models.TextField(blank=True)
    kind = models.CharField(max_length=12, default="post")
    thread = models.CharField(max_length=500, blank=True)
    language = models.CharField(max_length=16, blank=True)
    word_count = models.PositiveIntegerField(default=0)
    duration_seconds = models.PositiveIntegerField(null=True, blank=True)
    published_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    content_hash = models.CharField(max_length=64)
    extras = models.JSONField(default=dict, blank=True)
    """What a filtered feed carries on besides the text (see feeds/originals.py)."""
    seen_at = models.DateTimeField(null=True, blank=True)
    """When its source last had it in its feed."""
    emptied_at = models.DateTimeField(null=True, blank=True)
    """When its content was removed for its age; the row stays while decisions refer to it."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="one_item_an_id")]
        indexes = [models.Index(fields=["source", "content_hash"])]

    def __str__(self) -> str:
        return self.title or self.text[:80]


class Picture(models.Model):
    """Our own re-encoded copy of a picture, by its address. The file lies under the data folder."""

    class State(models.TextChoices):
        WAITING = "waiting"
        READY = "ready"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    url = models.CharField(max_length=2000, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    error = models.CharField(max_length=300, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    mime = models.CharField(max_length=40, blank=True)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)


class Media(models.Model):
    """A picture, sound or film of an item."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="media")
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=8)
    url = models.CharField(max_length=2000)
    mime = models.CharField(max_length=80, blank=True)
    alt = models.CharField(max_length=1000, blank=True)
    picture = models.ForeignKey(Picture, null=True, blank=True, on_delete=models.SET_NULL, related_name="media")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["item", "position"], name="one_media_a_position")]


class Entry(models.Model):
    """One item in one person's feed. The same article from a second source becomes AlsoIn, not an entry."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="entries")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="entries")
    canonical = models.CharField(max_length=64, blank=True)
    published_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(fields=["person", "item"], name="one_entry_an_item"),
            models.UniqueConstraint(
                fields=["person", "canonical"], condition=~models.Q(canonical=""), name="one_entry_a_link"
            ),
        ]
        indexes = [models.Index(fields=["person", "-published_at", "-id"], name="entry_feed")]


class AlsoIn(models.Model):
    """The same article as an entry's, found in another source."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="also_in")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "item"], name="one_also_in")]


class FactRow(models.Model):
    """Facts of one content, shared by everybody; private contents come under a salted hash."""

    content_hash = models.CharField(max_length=64)
    version = models.CharField(max_length=80)
    data = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["content_hash", "version"], name="one_fact_row")]


class RulingRow(models.Model):
    """A ruling by content, wish and judge version, kept without end."""

    content_hash = models.CharField(max_length=64)
    wish_hash = models.CharField(max_length=64)
    version = models.CharField(max_length=80)
    data = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["content_hash", "wish_hash", "version"], name="one_ruling")]

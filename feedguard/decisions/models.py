"""Decisions and the person's word on them; the outbox and the jobs that lead to them."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from feedguard.ids import uuid7
from feedguard.items.models import Item


class Decision(models.Model):
    """The outcome for one item and one person. Exactly one is current; superseded ones are kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="decisions")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="decisions")
    is_current = models.BooleanField(default=True)
    action = models.CharField(max_length=6)
    target = models.CharField(max_length=8, default="item")
    reason = models.TextField()
    wish = models.CharField(max_length=36, blank=True)
    stage = models.CharField(max_length=10)
    certainty = models.FloatField()
    score = models.FloatField()
    state = models.CharField(max_length=12)
    seq = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    valid_until = models.DateTimeField(null=True, blank=True)
    outcome = models.JSONField()
    """The whole Outcome of agents.types: evidence, rulings, what was left out, model versions."""
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "item"], condition=models.Q(is_current=True), name="one_current_decision"
            )
        ]
        indexes = [
            models.Index(fields=["person", "is_current", "action", "-made_at"], name="decision_log"),
            models.Index(fields=["valid_until"], name="decision_ends"),
        ]


class Override(models.Model):
    """The person's own word on one item; outlives every later judgement."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="overrides")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="overrides")
    action = models.CharField(max_length=4, choices=[("show", "show"), ("hide", "hide")])
    created_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "item"], name="one_override")]


class Appeal(models.Model):
    """The person says that a decision was wrong."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="appeals")
    decision = models.OneToOneField(Decision, on_delete=models.CASCADE)
    should_be = models.CharField(max_length=4, choices=[("show", "show"), ("hide", "hide")])
    text = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)


class Outbox(models.Model):
    """Work to be done, written in the transaction that makes it necessary. The only queue between processes.

    A worker leases a row, does the work, and deletes the row if nobody asked again meanwhile (`generation`).
    Recovery rests on the lease: what a dead worker held is due again when its lease has run out.
    """

    kind = models.CharField(max_length=30)
    key = models.CharField(max_length=120)
    person = models.UUIDField(null=True, blank=True)
    queue = models.CharField(max_length=16)
    priority = models.SmallIntegerField(default=5)
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True)
    lease = models.CharField(max_length=36, blank=True)
    generation = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    dead = models.BooleanField(default=False)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name_plural = "outbox"
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="one_row_a_key")]
        indexes = [models.Index(fields=["dead", "queue", "priority", "due_at"], name="outbox_due")]


class Job(models.Model):
    """Work that a person waits for: its state and progress are shown while a worker does it."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=30)
    input = models.JSONField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    progress = models.CharField(max_length=200, blank=True)
    result = models.JSONField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)
    error_field = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

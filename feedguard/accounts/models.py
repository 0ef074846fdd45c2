"""People who use this installation, and what lets them, their devices and those they invite in."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
import zoneinfo

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from feedguard.ids import uuid7

FOREVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
LINK_LIFETIME = dt.timedelta(hours=24)
INVITE_LIFETIME = dt.timedelta(days=7)
SCOPES = {
    "read": "read decisions, reasons, wishes, rules, sources and jobs",
    "decide": "send items to be decided",
    "write": "change wishes, rules, guards and sources, and say that a decision was wrong",
}
"""What a device's token may be allowed to do."""


def check_languages(value: str) -> None:
    for code in value.split():
        if not re.fullmatch(r"[a-z]{2,3}", code):
            raise ValidationError(f"“{code}” is not the code of a language, such as en or de.")


def check_time_zone(value: str) -> None:
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise ValidationError(f"“{value}” is not the name of a time zone, such as Europe/Berlin.") from None


class Person(AbstractUser):
    """The person whose feed it is."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[check_time_zone])
    languages = models.CharField(max_length=80, default="en", blank=True, validators=[check_languages])
    """Codes (ISO 639) of the languages that this person reads; items in others are tagged. Empty: any."""
    show_everything_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "people"

    @property
    def key(self) -> str:
        """The id under which the preference graph knows this person."""
        return str(self.id)

    @property
    def shows_everything(self) -> bool:
        return self.show_everything_until is not None and self.show_everything_until > timezone.now()

    def reads(self, language: str) -> bool:
        """Whether a text in this language (empty: not known) is in one that the person reads."""
        known = self.languages.split()
        return not known or not language or language.partition("-")[0].lower() in known


class SignInLink(models.Model):
    """A link that signs in once. Only the hash of its token is stored."""

    token_hash = models.CharField(max_length=64, primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    expires_at = models.DateTimeField()

    @classmethod
    def make(cls, person: Person) -> str:
        """Make a link for this person, in place of earlier ones, and return its token."""
        token = secrets.token_urlsafe(32)
        cls.objects.filter(person=person).delete()
        cls.objects.create(token_hash=hash_of(token), person=person, expires_at=timezone.now() + LINK_LIFETIME)
        return token

    @classmethod
    def redeem(cls, token: str) -> Person | None:
        """The person of an unused, unexpired token, which is used up by this call."""
        link = cls.objects.filter(token_hash=hash_of(token), expires_at__gt=timezone.now()).first()
        if link is None or not cls.objects.filter(pk=link.pk).delete()[0]:
            return None
        return link.person


class Invite(models.Model):
    """A link by which one person can make an account. Only the hash of its token is stored."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="invites")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()


class Device(models.Model):
    """A program or device that acts for a person through the API. Only the hash of its token is stored."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="devices")
    name = models.CharField(max_length=80)
    token_hash = models.CharField(max_length=64, unique=True)
    scopes = models.CharField(max_length=40)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    @property
    def scope_list(self) -> list[str]:
        return self.scopes.split()


class SignedIn(models.Model):
    """One browser in which a person is signed in, beside the session itself."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="signed_in")
    session_key = models.CharField(max_length=40, unique=True)
    browser = models.CharField(max_length=300, blank=True)
    address = models.CharField(max_length=45, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["-seen_at"]
        verbose_name_plural = "signed in"


class FailedSignIn(models.Model):
    """How often signing in failed for one account name or one address, both only as keyed hashes."""

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
    closed_until = models.DateTimeField(null=True, blank=True)


def hash_of(token: str) -> str:
    """The form in which a token is stored. A token is random and long, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()

"""People who use this installation, and the one-time links by which they sign in."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import zoneinfo

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from feedguard.ids import uuid7

FOREVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
LINK_LIFETIME = dt.timedelta(hours=24)


def check_time_zone(value: str) -> None:
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise ValidationError(f"“{value}” is not the name of a time zone, such as Europe/Berlin.") from None


class Person(AbstractUser):
    """The person whose feed it is."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[check_time_zone])
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
        cls.objects.create(token_hash=_hash(token), person=person, expires_at=timezone.now() + LINK_LIFETIME)
        return token

    @classmethod
    def redeem(cls, token: str) -> Person | None:
        """The person of an unused, unexpired token, which is used up by this call."""
        link = cls.objects.filter(token_hash=_hash(token), expires_at__gt=timezone.now()).first()
        if link is None or not cls.objects.filter(pk=link.pk).delete()[0]:
            return None
        return link.person


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

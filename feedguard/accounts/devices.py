"""Devices: making and revoking the tokens by which programs act for a person."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Collection

from django.utils import timezone

from feedguard.accounts.models import SCOPES, Device, Person, hash_of

PREFIX = "fg_"
"""What every token begins with, so that one that leaked into a text is recognised."""
USE_RECORDED_EVERY = dt.timedelta(minutes=5)


def add_device(person: Person, *, name: str, scopes: Collection[str]) -> tuple[Device, str]:
    """Make a device and its token. The token is returned only here."""
    token = PREFIX + secrets.token_urlsafe(32)
    kept = " ".join(scope for scope in SCOPES if scope in scopes)
    return Device.objects.create(person=person, name=name, scopes=kept, token_hash=hash_of(token)), token


def device_of(token: str) -> Device | None:
    """The device of a token, with its person; None for an unknown or revoked one. One read."""
    if not token.startswith(PREFIX):
        return None
    device = Device.objects.select_related("person").filter(token_hash=hash_of(token), person__is_active=True).first()
    if device is not None:
        _record_use(device)
    return device


def _record_use(device: Device) -> None:
    now = timezone.now()
    if device.last_used_at is None or now - device.last_used_at > USE_RECORDED_EVERY:
        Device.objects.filter(pk=device.pk).update(last_used_at=now)


def revoke(person: Person, device_id: uuid.UUID) -> bool:
    """End a device's token at once. Returns whether the person had such a device."""
    return bool(Device.objects.filter(person=person, pk=device_id).delete()[0])

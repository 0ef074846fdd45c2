"""Invites: the only way to a new account, made by staff."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from feedguard.accounts.models import INVITE_LIFETIME, Invite, Person, hash_of


def make_invite(staff: Person) -> str:
    """Make a link for one new person and return its token, which is returned only here."""
    token = secrets.token_urlsafe(32)
    Invite.objects.create(made_by=staff, token_hash=hash_of(token), expires_at=timezone.now() + INVITE_LIFETIME)
    return token


def open_invites() -> QuerySet[Invite]:
    """Invites that still can be used, newest first."""
    return Invite.objects.filter(expires_at__gt=timezone.now()).select_related("made_by").order_by("-id")


def invite_of(token: str) -> Invite | None:
    return open_invites().filter(token_hash=hash_of(token)).first()


def withdraw(invite_id: uuid.UUID) -> bool:
    return bool(Invite.objects.filter(pk=invite_id).delete()[0])


def join(invite: Invite, **person: Any) -> Person | None:
    """Make the account and use up the invite, in one transaction; None where another was quicker."""
    with transaction.atomic():
        if not Invite.objects.filter(pk=invite.pk).delete()[0]:
            return None
        made: Person = Person.objects.create_user(**person)
    return made

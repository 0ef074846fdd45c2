"""The browsers in which a person is signed in: noted, listed, ended."""

from __future__ import annotations

import datetime as dt
import uuid

from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from feedguard.accounts.models import Person, SignedIn

NOTED_EVERY = dt.timedelta(minutes=10)
NOTED = "noted_at"


def note(request: HttpRequest, person: Person) -> None:
    """Note the browser, and when it was seen, at most every ten minutes; that also prolongs the session."""
    now = timezone.now()
    if now.timestamp() - request.session.get(NOTED, 0) < NOTED_EVERY.total_seconds():
        return
    request.session[NOTED] = now.timestamp()
    if not request.session.session_key:
        request.session.save()
    seen = {
        "person": person,
        "browser": request.headers.get("User-Agent", "")[:300],
        "address": request.META.get("REMOTE_ADDR", "")[:45],
        "seen_at": now,
    }
    SignedIn.objects.update_or_create(session_key=request.session.session_key, defaults=seen)


def signed_in(person: Person) -> list[SignedIn]:
    """The person's browsers whose sessions still live; what is noted of ended ones is forgotten."""
    rows = list(SignedIn.objects.filter(person=person))
    keys = [row.session_key for row in rows]
    living = set(
        Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now()).values_list("pk", flat=True)
    )
    SignedIn.objects.filter(pk__in=[row.pk for row in rows if row.session_key not in living]).delete()
    return [row for row in rows if row.session_key in living]


def end(person: Person, signed_in_id: uuid.UUID) -> bool:
    """Sign one browser out. Returns whether it was the person's."""
    row = SignedIn.objects.filter(person=person, pk=signed_in_id).first()
    if row is None:
        return False
    Session.objects.filter(pk=row.session_key).delete()
    row.delete()
    return True


def end_others(person: Person, own_key: str | None) -> int:
    """Sign out every browser but the one with this session key. Returns how many."""
    others = SignedIn.objects.filter(person=person).exclude(session_key=own_key or "")
    keys = list(others.values_list("session_key", flat=True))
    Session.objects.filter(pk__in=keys).delete()
    others.delete()
    return len(keys)


def forget(request: HttpRequest) -> None:
    """To be called before a session gets another key or ends: what was noted under its key is forgotten."""
    SignedIn.objects.filter(session_key=request.session.session_key or "").delete()
    request.session.pop(NOTED, None)

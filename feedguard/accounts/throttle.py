"""Throttled sign-in: after some failures in a row, an account and an address are closed for longer and longer.

What is stored are counters under keyed hashes (HMAC-SHA-256 with the secret key), so that neither names nor
addresses lie in them. They are in the database, so that a restart does not open what was closed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from feedguard.accounts.models import FailedSignIn

FREE = {"account": 5, "address": 20}
"""Failures in a row before the first wait: people mistype, and many can share an address."""
FIRST_WAIT = dt.timedelta(seconds=30)
LONGEST_WAIT = dt.timedelta(minutes=15)
FORGOTTEN_AFTER = dt.timedelta(hours=24)


def closed_for(name: str, address: str) -> dt.timedelta:
    """How long signing in with this account from this address still has to wait."""
    now = timezone.now()
    keys = _keys(name, address).values()
    ends = FailedSignIn.objects.filter(key__in=keys, closed_until__gt=now).values_list("closed_until", flat=True)
    return max((end - now for end in ends if end), default=dt.timedelta())


def failed(name: str, address: str) -> None:
    """Count a failure; each one beyond the free ones doubles the wait."""
    now = timezone.now()
    with transaction.atomic():
        FailedSignIn.objects.filter(last_at__lt=now - FORGOTTEN_AFTER).delete()
        for kind, key in _keys(name, address).items():
            row, _ = FailedSignIn.objects.select_for_update().get_or_create(key=key, defaults={"last_at": now})
            row.failures += 1
            row.last_at = now
            over = row.failures - FREE[kind]
            row.closed_until = now + min(FIRST_WAIT * 2 ** min(over, 10), LONGEST_WAIT) if over >= 0 else None
            row.save()


def succeeded(name: str) -> None:
    """Forget the failures of an account; those of the address stay, or one account would open it for all."""
    FailedSignIn.objects.filter(key=_keys(name, "")["account"]).delete()


def _keys(name: str, address: str) -> dict[str, str]:
    keys = {"account": _keyed(f"account:{name.strip().casefold()}")}
    return keys | ({"address": _keyed(f"address:{address}")} if address else {})


def _keyed(value: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), value.encode(), hashlib.sha256).hexdigest()

"""Secrets of other services, encrypted under a key that is derived from the installation's secret key (Fernet)."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from django.utils.crypto import salted_hmac


def seal(secret: str) -> str:
    return _cipher().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """The secret; empty where it was sealed under another secret key, or never."""
    try:
        return _cipher().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return ""


def _cipher() -> Fernet:
    key = salted_hmac("feedguard.readers.sealing", "fernet", algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))

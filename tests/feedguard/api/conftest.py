from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from feedguard.accounts.models import Person
from tests.feedguard.api.caller import Caller, caller


@pytest.fixture(autouse=True)
def _fresh_counters() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def as_alice(alice: Person) -> Caller:
    return caller(alice)


@pytest.fixture
def as_bob(bob: Person) -> Caller:
    return caller(bob)

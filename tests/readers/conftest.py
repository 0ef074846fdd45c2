from collections.abc import Iterator

import pytest

from tests.feeds.wild import WildServer


@pytest.fixture
def wild() -> Iterator[WildServer]:
    with WildServer() as server:
        yield server

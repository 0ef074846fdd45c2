from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.feeds.wild import WildServer
from tests.parts import chromium
from tests.running import Running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield made
        made.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The product in its embedded form."""
    with Running(Path(tmp_path_factory.mktemp("e2e")) / "data") as product:
        yield product


@pytest.fixture(scope="module")
def wild() -> Iterator[WildServer]:
    with WildServer() as server:
        yield server


@pytest.fixture(scope="module")
def signed_in(running: Running, browser: Browser) -> dict[str, object]:
    page = browser.new_page()
    page.goto(running.sign_in_link())
    page.click("main button")
    page.wait_for_url(running.url + "/")
    state: dict[str, object] = page.context.storage_state()  # type: ignore[assignment]
    page.close()
    return state


@pytest.fixture
def page(running: Running, browser: Browser, signed_in: dict[str, object]) -> Iterator[Page]:
    context = browser.new_context(storage_state=signed_in, base_url=running.url)  # type: ignore[arg-type]
    made = context.new_page()
    errors: list[str] = []
    made.on("pageerror", lambda error: errors.append(str(error)))
    made.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    yield made
    context.close()
    assert [error for error in errors if "status of 409" not in error] == []  # a conflict is an answer, shown as such

"""Settings, devices, invites and the API's page in a real browser: narrow, dark, and for everybody."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.running import Running

pytestmark = pytest.mark.chromium


def fits(page: Page) -> None:
    """No barrier that axe knows of, and nothing that has to be scrolled sideways, narrow and dark."""
    page.set_viewport_size({"width": 360, "height": 800})
    page.emulate_media(color_scheme="dark")
    violations = Axe().run(page).response["violations"]
    assert [(v["id"], [n["html"][:100] for n in v["nodes"]]) for v in violations] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_device_is_made_shown_once_and_removed(page: Page, running: Running) -> None:
    page.goto("/settings")
    fits(page)
    page.get_by_label("Name of a new one").fill("my script")
    page.get_by_role("button", name="Make a token").click()
    token = page.get_by_label("Copy it now").input_value()
    fits(page)
    asked = page.request.get(f"{running.url}/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert asked.json()["device"] == "my script"
    page.get_by_role("link", name="Back to Settings").click()
    expect(page.get_by_text("my script")).to_be_visible()
    page.get_by_role("button", name="Remove my script").click()
    expect(page.get_by_text("Its token is refused from now on")).to_be_visible()
    assert page.request.get(asked.url, headers={"Authorization": f"Bearer {token}", "Cookie": ""}).status == 401


def test_an_invited_person_joins_and_sees_only_their_own(page: Page, browser: Browser, running: Running) -> None:
    page.goto("/settings")
    page.get_by_role("button", name="Make an invite link").click()
    link = page.get_by_label("Give this link").input_value()
    fits(page)
    context = browser.new_context(base_url=running.url)
    other = context.new_page()
    other.goto(link)
    fits(other)
    other.get_by_label("Username").fill("carol")
    other.get_by_label("Password", exact=True).fill("carol's own password")
    other.get_by_label("Password confirmation").fill("carol's own password")
    other.get_by_role("button", name="Make my account").click()
    other.wait_for_url(running.url + "/")
    expect(other.get_by_text("hidden: 1")).to_have_count(0)
    other.goto("/settings")
    expect(other.get_by_text("This browser")).to_be_visible()
    expect(other.get_by_role("heading", name="Invites")).to_have_count(0)
    context.close()


def test_the_description_of_the_api_is_for_everybody_and_without_scripts(browser: Browser, running: Running) -> None:
    outside: list[str] = []
    context = browser.new_context(base_url=running.url, java_script_enabled=False)
    page = context.new_page()
    page.on("request", lambda request: outside.append(request.url) if running.url not in request.url else None)
    page.goto("/api/v1/docs")
    page.get_by_text("/api/v1/decide").click()
    expect(page.get_by_text("Decide up to 50 items")).to_be_visible()
    context.close()
    assert outside == []
    page = browser.new_page(base_url=running.url)
    page.goto("/api/v1/docs")
    fits(page)
    page.close()

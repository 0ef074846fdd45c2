"""Every page on a phone, in the light and in the dark, for everybody; and by keys alone."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.chromium


@pytest.fixture(autouse=True)
def _demo_is_there(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_text("hidden: 1").first).to_be_visible(timeout=30_000)


def test_keys_move_and_act(page: Page) -> None:
    page.goto("/?source=")
    page.locator("[data-stop]").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.querySelectorAll('[data-stop]')[1].contains(document.activeElement)")
    page.keyboard.press("k")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["/", "/wishes", "/rules", "/sources", "/log", "/settings", "why"])
def test_pages_meet_wcag_aa_and_fit_a_phone(page: Page, scheme: str, address: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/" if address == "why" else address)
    if address == "why":
        page.locator("details.hidden-run summary").first.click()
        page.get_by_role("link", name="Why").first.click()
        page.wait_for_url("**/why/**")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    options = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
    found = Axe().run(page, options=options)
    assert found.violations_count == 0, found.generate_report()

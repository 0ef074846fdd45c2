"""“Your reader” in a real browser, and what a real reader would fetch and ask, with the real processes."""

from __future__ import annotations

import json
import time
import urllib.request
import zipfile
from typing import Any

import feedparser
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.feeds.wild import WildServer, rss, rss_item
from tests.readers.own_reader import PASSWORD, USER, OwnReader
from tests.running import Running, until

pytestmark = pytest.mark.chromium


def entries(address: str) -> dict[str, str]:
    with urllib.request.urlopen(address) as answer:
        return {found.id: found.title for found in feedparser.parse(answer.read()).entries}


def test_a_wish_and_its_undo_in_the_browser_show_in_the_reader(page: Page, wild: WildServer, running: Running) -> None:
    def decided(action: str) -> int:
        query = "SELECT 1 FROM decisions_decision JOIN items_item i ON i.id = item_id WHERE is_current AND action = '{}' AND external_id LIKE 'urn:q:%'"
        return len(running.query(query.format(action)))

    wild.put(
        "/quay.xml", rss(rss_item("urn:q:1", "Huge spider in a pantry") + rss_item("urn:q:2", "Bread"), title="Quay")
    )
    page.goto("/sources")
    page.get_by_label("A site, a channel, a profile or a feed").fill(f"{wild.url}/quay.xml")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="Added: 2 items.")).to_be_visible(timeout=15_000)
    page.goto("/reader")
    address = page.get_by_label("Address of Quay").input_value()
    until(lambda: decided("show") == 2, 60, "both items decided")
    assert set(entries(address)) == {"urn:q:1", "urn:q:2"}
    page.goto("/wishes")
    page.get_by_label("What would you rather not see?").fill("no spiders")
    page.get_by_role("button", name="Show me what that would do").click()
    page.get_by_role("button", name="Accept").click(timeout=10_000)
    until(lambda: decided("hide") == 1, 60, "one item hidden")
    assert set(entries(address)) == {"urn:q:2"}
    page.goto("/?q=spider")
    page.locator("details.hidden-run summary").click()
    page.get_by_role("button", name="Show it").click()
    expect(page.get_by_text("you chose to see this")).to_be_visible()
    assert entries(address) == {"urn:q:1": "Huge spider in a pantry", "urn:q:2": "Bread"}


def test_a_reader_asks_for_tags(page: Page) -> None:
    page.goto("/reader")
    page.get_by_role("button", name="Switch on: make a key").click()
    key = page.get_by_label("Key", exact=True).input_value()
    base = page.url.partition("/reader")[0]

    def ask(title: str) -> list[str]:
        content = f"Title: {title}\nURL: https://x.example/{time.time()}\nContent:\nIt waits."
        body: dict[str, Any] = {
            "messages": [{"role": "user", "content": content}],
            "response_format": {"type": "json_object"},
        }
        request = urllib.request.Request(
            f"{base}/v1/chat/completions", json.dumps(body).encode(),
            {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=25) as answer:
            found: list[str] = json.loads(json.loads(answer.read())["choices"][0]["message"]["content"])["tags"]
            return found

    assert ask("A spider in the bath") == ["feedguard:hide", "no spiders"]
    assert ask("Bread") == []


def test_marking_in_the_person_s_own_reader(page: Page, wild: WildServer, running: Running) -> None:
    wild.put("/shore.xml", rss(rss_item("s1", "Spider crabs", link="https://shore.example/1"), title="Shore"))
    page.goto("/sources")
    page.get_by_label("A site, a channel, a profile or a feed").fill(f"{wild.url}/shore.xml")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="Added: 1 item.")).to_be_visible(timeout=15_000)
    hidden = "SELECT 1 FROM decisions_decision JOIN items_item i ON i.id = item_id WHERE is_current AND action = 'hide' AND i.url LIKE '%shore%'"
    until(lambda: running.query(hidden), 10, "hidden")
    with OwnReader("miniflux") as own:
        own.put(1, "https://shore.example/1", "Spider crabs")
        page.goto("/reader")
        page.get_by_label("Reader", exact=True).select_option("miniflux")
        page.get_by_label("Its address").fill(own.url)
        page.get_by_label("User").fill(USER)
        page.get_by_label("API password").fill(PASSWORD)
        page.get_by_role("button", name="Dry run").click()
        expect(page.get_by_role("heading", name="1 unread item would be marked as read")).to_be_visible(timeout=10_000)
        assert own.unread_titles == {"Spider crabs"}
        page.get_by_role("button", name="Switch it on").click()
        until(lambda: not own.unread_titles, 15, "marked as read")
        page.goto("/?q=crabs")
        page.locator("details.hidden-run summary").click()
        page.get_by_role("button", name="Show it").click()
        until(lambda: own.unread_titles == {"Spider crabs"}, 15, "taken back")
        page.goto("/reader")
        page.get_by_role("button", name="Remove this reader").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["/reader", "/your-data", "/sources"])
def test_pages_meet_wcag_aa_and_fit_a_phone(page: Page, address: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    options = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
    found = Axe().run(page, options=options)
    assert found.violations_count == 0, found.generate_report()


def test_an_export_is_made_and_downloaded(page: Page) -> None:
    page.goto("/your-data")
    page.get_by_role("button", name="Make an export").click()
    link = page.get_by_role("link", name="Download the export")
    expect(link).to_be_visible(timeout=15_000)
    with page.expect_download() as waited:
        link.click()
    with zipfile.ZipFile(waited.value.path()) as archive:
        assert {"items.json", "preferences-log.json", "subscriptions.opml"} <= set(archive.namelist())

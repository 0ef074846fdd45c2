"""From a feed's address to a hidden item with its reason and back, in a real browser with the real processes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.feeds.wild import PAGE, PAGE_WITHOUT, WildServer, rss, rss_item
from tests.running import Running, until
from tests.servers import RedisServer, postgres

pytestmark = pytest.mark.chromium
ADDRESS = "A site, a channel, a profile or a feed"


@pytest.fixture(
    scope="module",
    params=["embedded", pytest.param("servers", marks=[pytest.mark.postgres, pytest.mark.redis])],
)
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The product in its embedded form, and with PostgreSQL and Redis."""
    folder = Path(tmp_path_factory.mktemp("e2e")) / "data"
    with ExitStack() as stack:
        environment = {}
        if request.param == "servers":
            database, broker = stack.enter_context(postgres()), stack.enter_context(RedisServer())
            environment = {"FEEDGUARD_DATABASE_URL": database, "FEEDGUARD_BROKER_URL": broker.url}
        yield stack.enter_context(Running(folder, environment=environment))


def test_the_demo_explains_itself(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_text("hidden: 1").first).to_be_visible(timeout=15_000)
    run = page.locator("details.hidden-run").first
    run.locator("summary").click()
    expect(run.get_by_text("Hidden by")).to_be_visible()
    run.get_by_role("link", name="Why").click()
    expect(page.get_by_role("heading", name="Why is this hidden?")).to_be_visible()
    assert page.locator("article mark").count() >= 2


def test_a_feed_and_a_wish_lead_to_a_hidden_item_within_ten_seconds_and_undo_stays(
    page: Page, wild: WildServer
) -> None:
    items = rss_item(1, "Huge spider found in a pantry", "It waits behind the flour.") + rss_item(
        2, "Bread with five seeds", "Dough rests overnight."
    )
    wild.put("/notes.xml", rss(items))
    wild.put("/", PAGE.replace("/feed.xml", "/notes.xml"), "text/html")
    page.goto("/sources")
    page.get_by_label(ADDRESS).fill(wild.url + "/")
    page.get_by_role("button", name="Add").click()
    page.locator("li", has_text="All").get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="Added: 2 items.")).to_be_visible(timeout=15_000)
    fetched = time.monotonic()
    page.goto("/wishes")
    page.get_by_label("What would you rather not see?").fill("no spiders")
    page.get_by_role("button", name="Show me what that would do").click()
    expect(page.get_by_text("It would catch 1 of your last")).to_be_visible(timeout=10_000)
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("1 hidden now")).to_be_visible(timeout=10_000)
    page.goto("/?q=spider")
    line = page.locator("details.hidden-run")
    expect(line).to_be_visible()
    assert time.monotonic() - fetched < 10
    line.locator("summary").click()
    expect(line.get_by_text("Hidden by “no spiders”: “spider” (spiders).")).to_be_visible()
    line.get_by_role("button", name="Show it").click()
    expect(page.get_by_text("you chose to see this")).to_be_visible()
    page.goto("/rules")
    page.get_by_label("What", exact=True).fill("pantry")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("It would catch 1 of your recent items.")).to_be_visible()
    page.get_by_role("button", name="Add the rule").click()
    page.wait_for_timeout(1500)
    page.goto("/?q=spider")
    expect(page.get_by_text("you chose to see this")).to_be_visible()


def test_new_items_of_a_fetched_source_are_judged(page: Page, wild: WildServer, running: Running) -> None:
    items = "".join(rss_item(i, f"Spider number {i}", f"text {i}") for i in range(3, 8))
    wild.put("/notes.xml", rss(items), ETag='"2"')
    page.goto("/sources")
    page.locator("li", has_text="Harbour Notes").get_by_role("button", name="Fetch now").click()
    until(lambda: running.query("SELECT 1 FROM items_item WHERE title = 'Spider number 7'"), 15, "fetched")
    page.wait_for_timeout(1000)
    page.goto("/?q=spider number")
    expect(page.get_by_text("hidden: 5")).to_be_visible(timeout=10_000)
    page.goto("/sources")
    page.locator("li", has_text="Harbour Notes").get_by_role("button", name="Fetch now").click()
    until(lambda: any(h.get("if-none-match") == '"2"' for _, h in wild.requests), 15, "conditional request")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/none", "There is no feed at this address"),
        ("/bomb", "document type"),
        ("/slow", "took too long"),
        ("/missing", "HTTP 404"),
    ],
)
def test_a_bad_address_ends_in_one_clear_error_that_keeps_what_was_typed(
    page: Page, wild: WildServer, path: str, message: str
) -> None:
    from tests.feeds.wild import ENTITY_BOMB

    wild.put("/none", PAGE_WITHOUT, "text/html")
    wild.put("/bomb", ENTITY_BOMB)
    wild.put("/slow", "x", delay=25)
    page.goto("/sources")
    page.get_by_label(ADDRESS).fill(wild.url + path)
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("alert")).to_contain_text(message, timeout=30_000)
    expect(page.get_by_label("Address")).to_have_value(wild.url + path)


def test_an_opml_with_a_broken_line_brings_the_others_and_names_it(
    page: Page, wild: WildServer, tmp_path: Path
) -> None:
    wild.put(
        "/five.xml",
        rss("".join(rss_item(f"five-{i}", f"Item {i} of many", f"t{i}") for i in range(5000)), title="Five thousand"),
    )
    wild.put("/wrong.xml", rss(rss_item("w", "Kötbüllar")).encode("windows-1252"))
    file = tmp_path / "mine.opml"
    file.write_text(
        f'<opml version="2.0"><body><outline text="Big"><outline text="Five" xmlUrl="{wild.url}/five.xml"/>\n'
        f'<outline text="Odd" xmlUrl="ftp://x"/>\n</outline><outline text="Wrong" xmlUrl="{wild.url}/wrong.xml"/></body></opml>'
    )
    page.goto("/sources")
    page.get_by_label("or an OPML file").set_input_files(file)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("heading", name="2 feeds added.")).to_be_visible(timeout=15_000)
    expect(page.get_by_text("Line 2: “Odd” has an address that is not http or https.")).to_be_visible()


def test_five_thousand_entries_end_in_one_decision_each(page: Page, running: Running) -> None:
    count = "SELECT count(*) FROM decisions_decision d JOIN items_item i ON d.item_id = i.id WHERE is_current AND title LIKE 'Item % of many'"
    until(lambda: running.query(count) == [(5000,)], 120, "5,000 decisions")
    assert (
        running.query(
            "SELECT count(*) FROM decisions_decision WHERE is_current GROUP BY person_id, item_id HAVING count(*) > 1"
        )
        == []
    )
    assert "database is locked" not in running.log()


def test_pages_work_without_scripts(running: Running, browser: object, signed_in: dict[str, object]) -> None:
    context = browser.new_context(storage_state=signed_in, java_script_enabled=False, base_url=running.url)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto("/wishes")
    page.get_by_label("What would you rather not see?").fill("no thunder")
    page.get_by_role("button", name="Show me what that would do").click()
    expect(page.get_by_text("“thunder” is found")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("Your wish holds from now on.")).to_be_visible()
    context.close()

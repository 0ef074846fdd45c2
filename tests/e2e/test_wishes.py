"""Wishes in a real browser: a question answered, a proposal changed, undo and redo, an import, an appeal."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.chromium
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}


def say(page: Page, sentence: str) -> None:
    page.goto("/wishes")
    page.get_by_label("What would you rather not see?").fill(sentence)
    page.get_by_role("button", name="Show me what that would do").click()
    page.wait_for_url("**/proposals/**", timeout=15_000)


def meets_wcag_on_a_phone_in_both_schemes(page: Page) -> None:
    size = page.viewport_size
    page.set_viewport_size({"width": 360, "height": 740})
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        found = Axe().run(page, options=WCAG)
        assert found.violations_count == 0, found.generate_report()
    page.emulate_media(color_scheme="light")
    if size:
        page.set_viewport_size(size)


def test_a_question_is_answered_by_a_button_and_the_proposal_changed_before_accepting(page: Page) -> None:
    page.goto("/")
    expect(page.locator("details.hidden-run").first).to_be_visible(timeout=20_000)
    say(page, "gambling")
    meets_wcag_on_a_phone_in_both_schemes(page)
    expect(page.get_by_role("button", name="Accept")).to_have_count(0)
    page.get_by_role("button", name="only what promotes it").click()
    expect(page.get_by_text("all of these are found: “ads” and “gambling”")).to_be_visible(timeout=15_000)
    page.get_by_text("Change what it goes by").click()
    page.get_by_label("“ads” act").select_option("implied")
    page.get_by_label("A further exception").fill("gambling laws")
    meets_wcag_on_a_phone_in_both_schemes(page)
    page.get_by_role("button", name="Show me what that would do").click()
    expect(page.get_by_text("Except where it is about “gambling laws”.")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("Your wish holds from now on.")).to_be_visible()


def test_later_words_undo_redo_and_a_conflict(page: Page) -> None:
    say(page, "blur instead of hiding the crypto ones")
    expect(page.get_by_text("covered instead of hidden")).to_be_visible()
    page.get_by_role("button", name="Accept").click()
    page.goto("/wishes")
    history = page.locator("h2#history + ul")
    history.locator("li").first.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    history.locator("li").nth(1).get_by_role("button", name="Redo").click()
    expect(page.get_by_text("Done again.")).to_be_visible()
    crypto = page.locator("section", has=page.get_by_role("heading", name="no crypto promotions"))
    crypto.get_by_label("What happens").select_option("label")
    expect(crypto.get_by_label("What happens")).to_have_value("label")
    page.locator("h2#history + ul li", has_text="taken back").first.wait_for()
    page.goto("/wishes")
    history.locator("li").nth(1).get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="This was changed meanwhile")).to_be_visible()
    for side in ("before", "yours", "theirs"):
        expect(page.get_by_role("rowheader", name=side, exact=True)).to_be_visible()
    meets_wcag_on_a_phone_in_both_schemes(page)
    page.get_by_role("button", name="Make it yours all the same").click()
    expect(page.get_by_text("Taken back.")).to_be_visible()


def test_a_wrong_decision_leads_to_a_proposal(page: Page) -> None:
    page.goto("/")
    page.locator("details.hidden-run summary").first.click()
    page.get_by_role("button", name="Wrong").first.click()
    page.get_by_role("link", name="Look at it").first.click(timeout=15_000)
    expect(page.get_by_role("heading", name="So that this does not happen again")).to_be_visible()
    meets_wcag_on_a_phone_in_both_schemes(page)


def test_filters_from_elsewhere_are_shown_first_and_then_accepted(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "muted.txt"
    file.write_text("# mine\nderby\noff side\n")
    page.goto("/preferences")
    meets_wcag_on_a_phone_in_both_schemes(page)
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Show me what would change").click()
    expect(page.get_by_text("the word “derby”")).to_be_visible(timeout=15_000)
    meets_wcag_on_a_phone_in_both_schemes(page)
    page.get_by_role("button", name="Propose this").click()
    page.get_by_role("link", name="Rules in a file of muted.txt").click(timeout=15_000)
    page.get_by_role("button", name="Accept").click()
    page.goto("/rules")
    expect(page.get_by_text("the phrase off side")).to_be_visible()
    with page.expect_download() as download:
        page.goto("/preferences")
        page.get_by_role("button", name="Download the bundle").click()
    page.get_by_label("File").set_input_files(download.value.path())
    page.get_by_role("button", name="Show me what would change").click()
    expect(page.get_by_text("nothing would change")).to_be_visible(timeout=15_000)


def test_a_broken_bundle_is_one_clear_error(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "broken.zip"
    file.write_bytes(b"PK\x03\x04 broken")
    page.goto("/preferences")
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Show me what would change").click()
    expect(page.get_by_role("alert")).to_contain_text("not a zip file", timeout=15_000)
    page.get_by_role("link", name="Choose another file").click()

"""Every page, for its owner, for another person, for nobody, and without scripts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from feedguard import runtime
from feedguard.accounts.models import Person, SignInLink
from feedguard.decisions.jobs import start_job
from feedguard.decisions.models import Decision
from feedguard.feeds.demo_feeds import remove, samples
from feedguard.items.models import Entry, Item, Picture
from feedguard.preferences.selectors import state_of
from tests.feedguard.build import actions, do_job, entry, reads, wishes, work

pytestmark = pytest.mark.django_db
PAGES = ["feed", "wishes", "rules", "sources", "log", "settings", "portability", "snapshot", "export_preferences"]


@pytest.fixture
def client(alice: Person) -> Client:
    made = Client()
    made.force_login(alice)
    return made


@pytest.fixture
def filled(alice: Person) -> dict[str, Any]:
    """Alice's feed with a hidden item, a wish, a proposal, a job; the ids of all."""
    subscription = reads(alice, entry(1, "<b>A</b> spider <script>x()</script>", "in the & bath"), entry(2, "Bread"))
    wishes(alice, "no spiders")
    job = do_job(alice, "say", {"sentence": "no bread", "replaces": ""})
    hidden = Decision.objects.get(is_current=True, action="hide")
    graph = state_of(alice)[0]
    return {
        "item_id": hidden.item_id, "subscription_id": subscription.id, "job_id": job.id, "proposal_id": job.result["proposal"],
        "entity_id": next(iter(graph.entities)), "delta_id": runtime.graph_store().log(alice.key)[0].id,
    }  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_pages_open_empty_and_filled(client: Client, name: str, request: pytest.FixtureRequest) -> None:
    assert client.get(reverse(name)).status_code == 200
    request.getfixturevalue("filled")
    assert client.get(reverse(name)).status_code == 200


def test_hidden_items_stand_as_one_line_with_reason_and_escape_what_they_hold(
    client: Client, filled: dict[str, Any]
) -> None:
    page = client.get("/").content.decode()
    assert "hidden: 1" in page
    assert "<script>x()" not in page
    assert "&lt;script&gt;x()" in page
    why = client.get(reverse("why", args=[filled["item_id"]])).content.decode()
    assert "<mark>spider</mark>" in why
    assert "&lt;b&gt;A&lt;/b&gt; <mark>spider</mark>" in why
    assert "not certified" in why


def test_undo_and_wrong_work_without_scripts_and_return_to_the_page(
    client: Client, filled: dict[str, Any], alice: Person
) -> None:
    answer = client.post(reverse("undo_decision", args=[filled["item_id"]]), {"action": "show", "next": "/log"})
    assert (answer.status_code, answer["Location"]) == (302, "/log")
    assert "hide" not in actions(alice).values()
    answer = client.post(reverse("appeal", args=[filled["item_id"]]), {"next": "https://evil.example/"})
    assert answer["Location"] == "/"


def test_a_script_gets_the_card_alone(client: Client, filled: dict[str, Any]) -> None:
    answer = client.post(
        reverse("undo_decision", args=[filled["item_id"]]), {"action": "show"}, headers={"HX-Request": "true"}
    )
    text = answer.content.decode()
    assert f'id="i{filled["item_id"]}"' in text
    assert "<html" not in text


def test_showing_everything_is_a_switch_that_changes_no_decision(
    client: Client, filled: dict[str, Any], alice: Person
) -> None:
    before = actions(alice)
    client.post(reverse("show_everything"), {"for": "hour"})
    page = client.get("/").content.decode()
    assert "would be hidden" in page
    assert "hidden: 1" not in page
    assert actions(alice) == before
    client.post(reverse("show_everything"), {"for": "off"})
    assert "hidden: 1" in client.get("/").content.decode()


def test_the_whole_way_of_a_wish_by_forms_alone(client: Client, alice: Person) -> None:
    reads(alice, entry(1, "A spider"), entry(2, "Bread"))
    answer = client.post(reverse("say"), {"sentence": "no spiders"})
    job = answer["Location"]
    assert "Waiting" in client.get(job).content.decode()
    work()
    proposal = client.get(job)["Location"]
    page = client.get(proposal).content.decode()
    assert "would catch 1 of your last 2 items" in page
    client.post(proposal + "/accept", {})
    work()
    assert actions(alice) == {"A spider": "hide", "Bread": "show"}
    assert "1</b> hidden now" in client.get("/").content.decode()
    delta = runtime.graph_store().log(alice.key)[0]
    client.post(reverse("undo", args=[delta.id]))
    work()
    assert actions(alice) == {"A spider": "show", "Bread": "show"}


def test_forms_say_what_is_wrong_beside_the_field(client: Client) -> None:
    answer = client.post(reverse("rules"), {"kind": "regex", "value": "(?<=a)b", "action": "hide", "do": "add"})
    assert answer.status_code == 422
    assert "refused" in answer.content.decode()
    page = client.post(reverse("say"), {"sentence": ""}, follow=True).content.decode()
    assert "Say what you would rather not see." in page
    page = client.post(reverse("add_source"), {"url": ""}, follow=True).content.decode()
    assert "Give the address" in page
    answer = client.post(reverse("settings"), {"do": "settings", "time_zone": "Mars/Base"})
    assert "Mars/Base" in answer.content.decode()
    assert answer.status_code == 422


def test_search_filters_and_paging(client: Client, alice: Person) -> None:
    reads(alice, *(entry(i, f"Story number {i}", f"text {i}") for i in range(60)))
    work()
    first = client.get("/").content.decode()
    older = re.search(r'href="(\?before=[^"]+)"', first)
    assert older
    second = client.get("/" + older[1].replace("&amp;", "&")).content.decode()
    titles = re.findall(r"Story number \d+", first + second)
    assert len(set(titles)) == 60
    assert "Story number 7<" in client.get("/?q=number 7").content.decode()
    assert "Nothing here fits" in client.get("/?q=zebra").content.decode()
    assert client.get("/?before=x~y&source=nonsense").status_code == 200


def test_security_headers_and_no_inline_code(client: Client, filled: dict[str, Any]) -> None:
    for name in PAGES:
        answer = client.get(reverse(name))
        policy = answer["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer["X-Content-Type-Options"] == "nosniff"
        text = answer.content.decode("utf-8", "replace")
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|javascript:", text)


def test_pictures_only_to_those_in_whose_feed_they_stand(client: Client, alice: Person, bob: Person) -> None:
    job = do_job(alice, "demo", {})
    assert job.state == "done", job.error
    picture = Picture.objects.filter(state="ready").first()
    assert picture is not None
    answer = client.get(reverse("picture", args=[picture.id]))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    other = Client()
    other.force_login(bob)
    assert other.get(reverse("picture", args=[picture.id])).status_code == 404


def test_the_demo_comes_whole_and_goes_whole(client: Client, alice: Person) -> None:
    reads(alice, entry(1, "My own"))
    do_job(alice, "demo", {})
    again = do_job(alice, "demo", {})
    assert again.state == "done"
    work()
    assert Entry.objects.filter(person=alice).count() == len(samples()) + 1
    assert len(samples()) >= 60
    assert sum(bool(s["item"]["image"]) for s in samples()) >= 15
    assert Picture.objects.filter(state="ready").count() == 15
    assert len([e for e in state_of(alice)[0].entities.values() if e.kind == "intent"]) == 4
    assert "hide" in actions(alice).values()
    remove(alice)
    assert list(Item.objects.filter(entries__person=alice).values_list("title", flat=True)) == ["My own"]
    assert {e.status for e in state_of(alice)[0].entities.values() if e.kind == "intent"} == {"retired"}


def test_a_sign_in_link_works_once_and_not_by_looking_at_it(alice: Person) -> None:
    address = reverse("sign_in_link", args=[SignInLink.make(alice)])
    visitor = Client()
    assert visitor.get(address).status_code == 200
    assert visitor.get("/").status_code == 302
    assert visitor.post(address)["Location"] == "/"
    assert visitor.get("/").status_code == 200
    assert Client().post(address).status_code == 410


def test_a_wrong_password_is_refused_with_what_to_do(alice: Person) -> None:
    page = Client().post("/sign-in", {"username": "alice", "password": "no"}).content.decode()
    assert "reset-password" in page


def test_a_failed_job_keeps_what_was_typed(client: Client, alice: Person) -> None:
    job = start_job(alice, "say", {"sentence": "free lessons are fine", "replaces": ""})
    work()
    page = client.get(reverse("job", args=[job.id])).content.decode()
    assert "exception to" in page
    assert "free lessons are fine</textarea>" in page


def test_the_admin_shows_what_the_operator_allows(client: Client, settings: Any) -> None:
    settings.ALLOWED_NETWORKS = ("10.9.0.0/16",)
    page = client.get("/admin/feeds/source/").content.decode()
    assert "10.9.0.0/16" in page

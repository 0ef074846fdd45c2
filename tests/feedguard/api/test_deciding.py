"""A batch of items: decided or pending each, with one clear error for what is broken."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedguard.accounts.models import Person
from feedguard.items.models import Item
from tests.feedguard.api.caller import Caller, error_of
from tests.feedguard.build import entry, reads, wishes, work

pytestmark = pytest.mark.django_db
SPIDER = {"id": "1", "service": "youtube", "title": "A spider", "text": "in the bath"}
BREAD = {"id": "2", "service": "youtube", "title": "Bread"}


def statuses(answer: dict[str, Any]) -> list[str]:
    return [result["status"] for result in answer["results"]]


def test_fifty_items_are_decided_or_pending_and_the_pending_end_in_decisions(as_alice: Caller, alice: Person) -> None:
    wishes(alice, "no spiders")
    batch = [{"id": str(n), "title": "A spider" if n % 3 == 0 else "Bread", "text": f"number {n}"} for n in range(50)]
    first = as_alice.decide(*batch)
    assert statuses(first).count("pending") == 17
    assert statuses(first).count("decided") == 33
    work()
    followed = as_alice.ask("get", first["follow"]).json()
    assert len(followed["decisions"]) == 17
    assert (followed["pending"], followed["follow"]) == ([], None)
    second = as_alice.decide(*batch)
    assert {result["decision"]["action"] for result in second["results"]} == {"hide", "show"}
    assert second["follow"] is None
    assert [result["id"] for result in second["results"]] == [str(n) for n in range(50)]


def test_a_decision_says_what_and_why(as_alice: Caller, alice: Person) -> None:
    wishes(alice, "no spiders")
    as_alice.decide(SPIDER)
    work()
    decision = as_alice.decide(SPIDER)["results"][0]["decision"]
    assert (decision["action"], decision["state"], decision["target"]) == ("hide", "final", "item")
    assert "“spider”" in decision["reason"]


@pytest.mark.parametrize(
    ("broken", "field", "code"),
    [
        ({"id": ""}, "items.1.id", "invalid"),
        ({"title": "no id"}, "items.1.id", "invalid"),
        ("a text", "items.1", "invalid"),
        (None, "items.1", "invalid"),
        ({"id": "x", "text": "a" * 65_537}, "items.1.text", "too_large"),
        ({"id": "x", "text": "ä" * 32_769}, "items.1.text", "too_large"),
        ({"id": "x", "text": 7}, "items.1.text", "invalid"),
        ({"id": "x", "text": "\ud800"}, "items.1.text", "invalid"),
        ({"id": "x", "title": "\udfff", "text": "t"}, "items.1.title", "invalid"),
        ({"id": "x", "text": "\u200b\u202e \x00"}, "items.1.text", "invalid"),
        ({"id": "x\x00", "text": "t"}, "items.1.id", "invalid"),
        ({"id": "x", "text": "t", "texxt": "t"}, "items.1.texxt", "invalid"),
        ({"id": "x", "text": "t", "url": "javascript:alert(1)"}, "items.1.url", "invalid"),
        ({"id": "x", "text": "t", "service": "You Tube"}, "items.1.service", "invalid"),
        ({"id": "x", "text": "t", "published_at": "2026-05-04T10:00:00"}, "items.1.published_at", "invalid"),
        ({"id": "x", "text": "t", "published_at": "0001-01-01T00:00:00+14:00"}, "items.1.published_at", "invalid"),
        ({"id": "x", "text": "t", "media": [{"kind": "smell"}]}, "items.1.media.0.kind", "invalid"),
        ({"id": "x", "text": "t", "media": [{"kind": "image"}] * 5}, "items.1.media", "invalid"),
        (BREAD, "items.1.id", "duplicate"),
    ],
)
def test_one_broken_item_is_named_and_the_rest_is_judged(as_alice: Caller, broken: Any, field: str, code: str) -> None:
    answer = as_alice.decide(BREAD, broken, SPIDER)
    assert statuses(answer) == ["decided", "error", "decided"]
    error = answer["results"][1]["error"]
    assert (error["field"], error["code"]) == (field, code)
    assert error["message"]
    assert Item.objects.count() == 2


def test_an_error_repeats_nothing_that_cannot_be_seen(as_alice: Caller) -> None:
    broken = [{"id": "a\x00b", "text": 7}, {"id": "c", "text": "t", "x\x00y": 1}, {"id": "d\u202e", "text": 7}]
    answer = as_alice.ask("post", "/decide", {"items": broken}, Idempotency_Key="k")
    results = answer.json()["results"]
    assert [result["id"] for result in results] == [None, "c", None]
    assert results[1]["error"]["field"] == "items.1.x?y"
    assert as_alice.ask("post", "/decide", {"items": broken}, Idempotency_Key="k").json() == answer.json()


def test_sixty_four_kilobytes_of_text_are_taken(as_alice: Caller) -> None:
    assert statuses(as_alice.decide({"id": "1", "text": "a" * 65_536})) == ["decided"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"items": [BREAD] * 51}, "items"),
        ({"items": []}, "items"),
        ({"items": {}}, "items"),
        ({}, "items"),
        ({"items": [BREAD], "more": 1}, "more"),
        ([], ""),
    ],
)
def test_a_batch_that_is_none_gets_one_clear_error_and_stores_nothing(as_alice: Caller, body: Any, field: str) -> None:
    error = error_of(as_alice.ask("post", "/decide", body), 422)
    assert error.get("field", "") == field
    assert not Item.objects.exists()


def test_fifty_one_items_are_told_the_limit(as_alice: Caller) -> None:
    batch = [{"id": str(n), "text": "t"} for n in range(51)]
    assert "50" in error_of(as_alice.ask("post", "/decide", {"items": batch}), 422)["message"]


@pytest.mark.parametrize(
    "body", [b"{", b"\xff\xfe", b'{"items": NaN', b"[" * 100_000, b'{"items": ' + b"9" * 5_000 + b"}"]
)
def test_a_body_that_is_no_json(as_alice: Caller, body: bytes) -> None:
    answer = as_alice.post("/api/v1/decide", body, content_type="application/json")
    error_of(answer, 400)


def test_a_body_beyond_all_limits(as_alice: Caller, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = as_alice.ask("post", "/decide", {"items": [{"id": "1", "text": "a" * 2000}]})
    assert error_of(answer, 413)["code"] == "too_large"


def test_text_that_misleads_is_taken_without_what_cannot_be_seen(as_alice: Caller, alice: Person) -> None:
    wishes(alice, "no spiders")
    as_alice.decide({"id": "1", "text": "a sp\u200bid\u202eer in the bath", "title": "two\nlines"})
    work()
    assert as_alice.decide({"id": "1", "text": "a spider in the bath", "title": "two lines"})["results"][0]["decision"]
    assert Item.objects.get().title == "two lines"


def test_thirty_known_items_take_three_reads_with_signing_in(as_alice: Caller, alice: Person) -> None:
    wishes(alice, "no spiders")
    batch = [{"id": str(n), "text": f"bread {n}"} for n in range(30)]
    as_alice.decide(*batch)
    with CaptureQueriesContext(connection) as captured:
        as_alice.decide(*batch)
    assert len(captured.captured_queries) == 3, [q["sql"][:80] for q in captured.captured_queries]


def test_the_text_of_a_feed_is_not_answered_by_its_address(as_bob: Caller, alice: Person) -> None:
    reads(alice, entry(1, "A spider"))
    assert statuses(as_bob.decide({"id": "1", "title": "Bread", "url": "https://harbour.example/1"})) == ["decided"]


# Following


def test_following_answers_when_the_worker_has_decided(as_alice: Caller, alice: Person) -> None:
    wishes(alice, "no spiders")
    follow = as_alice.decide(SPIDER)["follow"]
    before = as_alice.ask("get", f"{follow}&wait=0").json()
    assert (before["decisions"], len(before["pending"])) == ([], 1)
    assert before["follow"] == follow
    work()
    after = as_alice.ask("get", follow).json()
    assert [one["action"] for one in after["decisions"]] == ["hide"]


def test_following_waits_no_longer_than_asked(as_alice: Caller, alice: Person) -> None:
    wishes(alice, "no spiders")
    follow = as_alice.decide(SPIDER)["follow"]
    started = time.monotonic()
    assert as_alice.ask("get", f"{follow}&wait=1").json()["decisions"] == []
    assert time.monotonic() - started < 20
    error_of(as_alice.ask("get", f"{follow}&wait=31"), 422)


@pytest.mark.django_db(transaction=True)
def test_what_is_decided_while_one_waits_ends_the_waiting(as_alice: Caller, alice: Person) -> None:
    wishes(alice, "no spiders")
    follow = as_alice.decide(SPIDER)["follow"]

    def later() -> None:
        time.sleep(0.5)
        work()
        connection.close()

    worker = threading.Thread(target=later)
    worker.start()
    answer = as_alice.ask("get", f"{follow}&wait=30").json()
    worker.join()
    assert [one["action"] for one in answer["decisions"]] == ["hide"]


def test_items_of_another_person_cannot_be_followed(as_alice: Caller, as_bob: Caller, alice: Person) -> None:
    wishes(alice, "no spiders")
    follow = as_alice.decide(SPIDER)["follow"]
    error_of(as_bob.ask("get", follow), 404)
    error_of(as_alice.ask("get", "/decisions/follow"), 422)
    error_of(as_alice.ask("get", "/decisions/follow?item=x"), 422)

"""Wishes, proposals, rules, guards, sources, decisions and jobs through the API."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.utils import timezone

from feedguard.accounts.models import Person
from feedguard.decisions.models import Appeal, Outbox, Override
from feedguard.feeds.models import Subscription
from feedguard.preferences.selectors import state_of
from tests.feedguard.api.caller import Caller, error_of
from tests.feedguard.build import actions, entry, reads, wishes, work

pytestmark = pytest.mark.django_db
SPIDER = "A spider in the bath"


def test_the_whole_way_of_a_wish(as_alice: Caller, alice: Person) -> None:
    reads(alice, entry(1, SPIDER), entry(2, "Bread"))
    job = as_alice.ask("post", "/wishes", {"sentence": "no spiders, but toys are fine"}).json()
    assert (job["state"], job["kind"]) == ("waiting", "say")
    work()
    done = as_alice.ask("get", job["href"]).json()
    assert done["state"] == "done"
    proposal = as_alice.ask("get", f"/proposals/{done['result']['proposal']}").json()
    assert [row["title"] for row in proposal["hits"]] == [SPIDER]
    assert proposal["state"] == "open"
    assert proposal["lines"]
    assert [p["id"] for p in as_alice.ask("get", "/proposals").json()["proposals"]] == [proposal["id"]]
    change = as_alice.ask("post", f"/proposals/{proposal['id']}/accept", {}).json()
    assert change["job"]["kind"] == "rejudge"
    work()
    assert actions(alice) == {SPIDER: "hide", "Bread": "show"}
    wish = as_alice.ask("get", "/wishes").json()["wishes"][0]
    assert (wish["status"], wish["action"], wish["caught"]) == ("active", "hide", 1)
    assert wish["exceptions"]
    assert as_alice.ask("get", "/proposals").json()["proposals"] == []
    error_of(as_alice.ask("post", f"/proposals/{proposal['id']}/accept", {}), 409)


def test_a_question_is_answered_by_one_of_its_choices(as_alice: Caller, alice: Person) -> None:
    as_alice.ask("post", "/wishes", {"sentence": "gambling"})
    work()
    asked = as_alice.ask("get", "/proposals").json()["proposals"][0]
    assert [choice["label"] for choice in asked["choices"]] == ["everything about it", "only what promotes it"]
    assert asked["question"]
    error_of(as_alice.ask("post", f"/proposals/{asked['id']}/accept", {}), 422)
    job = as_alice.ask("post", f"/proposals/{asked['id']}/choose", {"choice": 1}).json()
    work()
    chosen = as_alice.ask("get", job["href"]).json()["result"]["proposal"]
    answered = as_alice.ask("get", f"/proposals/{chosen}").json()
    assert (answered["question"], answered["choices"]) == ("", [])
    assert as_alice.ask("post", f"/proposals/{chosen}/accept", {}).status_code == 200


def test_tapped_items_of_a_preview_are_obeyed(as_alice: Caller, alice: Person) -> None:
    reads(alice, entry(1, SPIDER), entry(2, "Spider web"))
    work()
    as_alice.ask("post", "/wishes", {"sentence": "no spiders"})
    work()
    proposal = as_alice.ask("get", "/proposals").json()["proposals"][0]
    wrong = next(row["item"] for row in proposal["hits"] if row["title"] == SPIDER)
    as_alice.ask("post", f"/proposals/{proposal['id']}/accept", {"verdicts": {wrong: "wrong"}})
    work()
    assert actions(alice) == {SPIDER: "show", "Spider web": "hide"}


def test_a_rejected_proposal_changes_nothing(as_alice: Caller, alice: Person) -> None:
    as_alice.ask("post", "/wishes", {"sentence": "no spiders"})
    work()
    proposal = as_alice.ask("get", "/proposals").json()["proposals"][0]["id"]
    assert as_alice.ask("post", f"/proposals/{proposal}/reject").json() == {"state": "rejected"}
    assert state_of(alice)[1] == 0
    error_of(as_alice.ask("post", f"/proposals/{proposal}/reject"), 409)


def test_a_sentence_that_is_no_wish_fails_as_a_job_with_its_field(as_alice: Caller) -> None:
    job = as_alice.ask("post", "/wishes", {"sentence": "free lessons are fine"}).json()
    work()
    failed = as_alice.ask("get", job["href"]).json()
    assert failed["state"] == "failed"
    assert failed["error"]["message"]
    assert error_of(as_alice.ask("post", "/wishes", {"sentence": ""}), 422)["field"] == "sentence"
    assert error_of(as_alice.ask("post", "/wishes", {"sentence": "no \x00"}), 422)["field"] == "sentence"


def test_pausing_resuming_changing_removing_and_undoing(as_alice: Caller, alice: Person) -> None:
    reads(alice, entry(1, SPIDER))
    wishes(alice, "no spiders")
    wish = as_alice.ask("get", "/wishes").json()["wishes"][0]["id"]

    def after(answer: Any) -> str:
        assert answer.status_code == 200, answer.content
        work()
        return actions(alice)[SPIDER]

    assert after(as_alice.ask("put", f"/wishes/{wish}/status", {"status": "paused"})) == "show"
    assert after(as_alice.ask("put", f"/wishes/{wish}/status", {"status": "active"})) == "hide"
    removed = as_alice.ask("put", f"/wishes/{wish}/status", {"status": "retired"})
    assert after(removed) == "show"
    assert as_alice.ask("get", "/wishes").json()["wishes"] == []
    error_of(as_alice.ask("put", f"/wishes/{wish}/status", {"status": "active"}), 404)
    assert after(as_alice.ask("post", f"/changes/{removed.json()['change']}/undo")) == "hide"
    changes = as_alice.ask("get", "/changes").json()["changes"]
    assert [c["undone"] for c in changes] == [False, True, False, False, False]
    error_of(as_alice.ask("post", f"/changes/{uuid.uuid4()}/undo"), 404)
    error_of(as_alice.ask("post", f"/changes/{removed.json()['change']}/undo"), 409)


def test_a_wish_that_ended_is_named_and_renewed(
    as_alice: Caller, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    wishes(alice, "no spiders today")
    wishes(alice, "no wasps")
    now = timezone.now() + dt.timedelta(days=2)
    monkeypatch.setattr(timezone, "now", lambda: now)
    endless, ended = as_alice.ask("get", "/wishes").json()["wishes"]
    assert (endless["status"], ended["status"]) == ("active", "ended")
    path = f"/wishes/{ended['id']}/renew"
    for bad in ("2020-01-01", "9999-12-31", "0001-01-01", "soon"):
        assert error_of(as_alice.ask("post", path, {"until": bad}), 422)["field"] == "until"
    assert error_of(as_alice.ask("post", f"/wishes/{endless['id']}/renew", {}), 422)["field"] == "until"
    assert as_alice.ask("post", path, {}).status_code == 200
    again = as_alice.ask("get", "/wishes").json()["wishes"][1]
    assert again["status"] == "active"
    assert dt.datetime.fromisoformat(again["until"]) > now


def test_rules_are_tried_added_listed_paused_and_changed(as_alice: Caller, alice: Person) -> None:
    reads(alice, entry(1, SPIDER), entry(2, "Bread"))
    rule = {"kind": "word", "value": "spider"}
    assert [row["title"] for row in as_alice.ask("post", "/rules/try", rule).json()["hits"]] == [SPIDER]
    assert as_alice.ask("get", "/rules").json()["rules"] == []
    assert as_alice.ask("post", "/rules", {**rule, "action": "blur"}).status_code == 201
    work()
    assert actions(alice)[SPIDER] == "blur"
    listed = as_alice.ask("get", "/rules").json()["rules"][0]
    assert (listed["kind"], listed["value"], listed["action"], listed["caught"]) == ("word", "spider", "blur", 1)
    as_alice.ask("put", f"/rules/{listed['id']}/action", {"action": "hide"})
    work()
    assert actions(alice)[SPIDER] == "hide"
    as_alice.ask("put", f"/rules/{listed['id']}/status", {"status": "retired"})
    work()
    assert actions(alice)[SPIDER] == "show"
    refused = as_alice.ask("post", "/rules", {"kind": "regex", "value": "(?<=a)b"})
    assert error_of(refused, 422)["field"] == "value"


def test_guards_are_added_listed_and_removed(as_alice: Caller, alice: Person) -> None:
    reads(alice, entry(1, SPIDER))
    wishes(alice, "no spiders")
    assert as_alice.ask("post", "/guards", {"guards": "author", "value": "Ida"}).status_code == 201
    work()
    assert actions(alice) == {SPIDER: "show"}
    guard = as_alice.ask("get", "/guards").json()["guards"][0]
    as_alice.ask("put", f"/guards/{guard['id']}/status", {"status": "retired"})
    work()
    assert actions(alice) == {SPIDER: "hide"}
    assert error_of(as_alice.ask("post", "/guards", {"guards": "author", "value": "  "}), 422)["field"] == "value"


def test_an_id_of_another_kind_is_none(as_alice: Caller, alice: Person) -> None:
    wishes(alice, "no spiders")
    wish = as_alice.ask("get", "/wishes").json()["wishes"][0]["id"]
    error_of(as_alice.ask("put", f"/rules/{wish}/status", {"status": "paused"}), 404)
    error_of(as_alice.ask("put", f"/guards/{wish}/status", {"status": "paused"}), 404)


# Decisions


def test_why_tells_the_words_and_the_wishes_left_out(as_alice: Caller, alice: Person) -> None:
    reads(alice, entry(1, SPIDER))
    wishes(alice, "no spiders")
    wishes(alice, "no beetles")
    decision = as_alice.ask("get", "/decisions?action=hide").json()["decisions"][0]
    assert (decision["title"], decision["source"]) == (SPIDER, "Harbour Notes")
    why = as_alice.ask("get", f"/items/{decision['item']}/why").json()
    quote = why["evidence"][0]
    assert (quote["quote"], why["title"][quote["start"] : quote["end"]]) == ("spider", "spider")
    assert why["rulings"][0]["verdict"] == "violated"
    assert [left["why"] for left in why["left_out"]] == ["Nothing of “beetles” occurs."]
    assert why["override"] is None
    assert why["models"]


def test_the_persons_own_word_is_set_and_withdrawn(as_alice: Caller, alice: Person) -> None:
    reads(alice, entry(1, SPIDER))
    wishes(alice, "no spiders")
    item = as_alice.ask("get", "/decisions").json()["decisions"][0]["item"]
    shown = as_alice.ask("put", f"/items/{item}/override", {"action": "show"}).json()
    assert (shown["action"], shown["stage"]) == ("show", "override")
    assert as_alice.ask("get", f"/items/{item}/why").json()["override"] == "show"
    withdrawn = as_alice.ask("delete", f"/items/{item}/override")
    assert withdrawn.status_code == 202
    work()
    followed = as_alice.ask("get", withdrawn.json()["follow"]).json()
    assert followed["decisions"][0]["action"] == "hide"
    assert not Override.objects.exists()
    assert error_of(as_alice.ask("put", f"/items/{item}/override", {"action": "blur"}), 422)["field"] == "action"


def test_an_appeal_is_obeyed_and_kept_once_for_one_key(as_alice: Caller, alice: Person) -> None:
    reads(alice, entry(1, SPIDER))
    wishes(alice, "no spiders")
    item = as_alice.ask("get", "/decisions").json()["decisions"][0]["item"]
    for _ in range(2):
        answer = as_alice.ask("post", f"/items/{item}/appeal", {"text": "a toy"}, Idempotency_Key="once")
        assert answer.json()["action"] == "show"
    assert (Appeal.objects.get().text, Appeal.objects.get().should_be) == ("a toy", "show")


def test_decisions_of_chosen_items(as_alice: Caller, alice: Person) -> None:
    reads(alice, *(entry(n, f"Bread {n}") for n in range(3)))
    work()
    listed = as_alice.ask("get", "/decisions").json()["decisions"]
    wanted = [listed[0]["item"], listed[2]["item"]]
    found = as_alice.ask("get", "/decisions?" + "&".join(f"item={i}" for i in wanted)).json()["decisions"]
    assert [one["item"] for one in found] == wanted


# Sources and jobs


def test_sources_are_added_by_a_job_listed_fetched_and_removed(as_alice: Caller, alice: Person) -> None:
    reads(alice, entry(1, "Bread"))
    added = as_alice.ask("post", "/sources", {"url": "not a host", "folder": "x"})
    assert added.status_code == 202
    work("job")
    failed = as_alice.ask("get", added.json()["href"]).json()
    assert (failed["state"], failed["error"]["field"]) == ("failed", "url")
    source = as_alice.ask("get", "/sources").json()["sources"][0]
    assert (source["title"], source["url"]) == ("Harbour Notes", "https://harbour.example/feed")
    Outbox.objects.filter(kind="fetch").delete()
    assert as_alice.ask("post", f"/sources/{source['id']}/fetch").status_code == 202
    assert Outbox.objects.filter(kind="fetch").exists()
    removed = as_alice.ask("delete", f"/sources/{source['id']}")
    assert (removed.status_code, removed.content) == (204, b"")
    error_of(as_alice.ask("get", f"/sources/{source['id']}"), 404)
    assert not Subscription.objects.exists()


def test_what_devices_send_is_a_source_that_cannot_be_fetched(as_alice: Caller) -> None:
    as_alice.decide({"id": "1", "service": "youtube", "title": "Bread"})
    source = as_alice.ask("get", "/sources").json()["sources"][0]
    assert (source["title"], source["service"]) == ("youtube", "youtube")
    assert "devices" in error_of(as_alice.ask("post", f"/sources/{source['id']}/fetch"), 409)["message"]


def test_jobs_are_listed_newest_first_without_what_was_typed(as_alice: Caller) -> None:
    for sentence in ("no spiders", "no beetles"):
        as_alice.ask("post", "/wishes", {"sentence": sentence})
    listed = as_alice.ask("get", "/jobs").json()["jobs"]
    assert listed[0]["id"] > listed[1]["id"]
    assert "spiders" not in str(listed)

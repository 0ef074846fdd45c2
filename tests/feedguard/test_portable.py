"""Preferences go out and come in: a dry run first, then proposals; twice changes nothing; bad files change nothing."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.decisions.models import Decision, Job
from feedguard.preferences import accepting, editing, exporting, services
from feedguard.preferences.importing import SHOWN_LINES
from feedguard.preferences.models import CarriedFields
from feedguard.preferences.selectors import state_of
from graph.bundle import MAX_BYTES
from graph.bundle_reading import read_bundle
from graph.types import Facet, Scope
from tests.feedguard.build import actions, do_job, entry, reads, wishes, work
from tests.graph.test_bundle import edited, files, packed

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(alice: Person) -> Client:
    made = Client()
    made.force_login(alice)
    return made


def dry_run(person: Person, body: bytes | str | object, kind: str = "auto") -> Job:
    raw = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    return do_job(
        person, "import_preferences", {"body": base64.b64encode(raw).decode(), "format": kind, "name": "mine"}
    )


def taken_in(person: Person, body: bytes | str | object, kind: str = "auto") -> dict[str, Any]:
    """The person takes a file in and accepts all of it; returns the dry run's result."""
    job = dry_run(person, body, kind)
    assert job.state == "done", job.error
    proposed = do_job(person, "propose_import", {"job": str(job.id), "name": "mine"})
    assert proposed.state == "done", proposed.error
    for key in proposed.result["proposals"]:
        accepting.accept(person, key, {})
    work()
    result: dict[str, Any] = job.result
    return result


def rules(person: Person) -> dict[str, str]:
    """Active rules: condition and action."""
    return {
        f"{e.rule.kind} {e.rule.value}": e.action
        for e in state_of(person)[0].entities.values()
        if isinstance(e, Facet) and e.rule and e.status == "active"
    }


def filled(person: Person) -> None:
    reads(person, entry(1, "A spider"), entry(2, "Bread"))
    wishes(person, "no spiders, but toys are fine")
    wishes(person, "no bread until the end of 2031")
    editing.add_rule(person, "word", "derby", "blur")
    editing.add_guard(person, "author", "Ida")


def test_a_bundle_moves_everything_to_another_account_as_imported_and_twice_changes_nothing(
    alice: Person, bob: Person
) -> None:
    filled(alice)
    body = exporting.export_bundle(alice, exemplars=True)
    run = taken_in(bob, body)
    assert run["foreign"]
    mine, theirs = state_of(alice)[0], state_of(bob)[0]
    assert mine.links == theirs.links
    assert mine.entities.keys() == theirs.entities.keys()
    assert {e.origin for e in theirs.entities.values()} == {"imported"}  # type: ignore[union-attr]
    assert all(e.model_copy(update={"origin": "stated"}) == mine.entities[k] for k, e in theirs.entities.items())
    before = state_of(bob)
    again = dry_run(bob, body)
    assert (again.result["groups"], again.result["already"]) == ([], len(mine.entities))
    assert state_of(bob) == before
    assert runtime.graph_store().log(bob.key)[0].actor == "import"


def test_nothing_is_changed_before_a_proposal_is_accepted_and_none_is_made_twice(alice: Person, bob: Person) -> None:
    filled(alice)
    job = dry_run(bob, exporting.export_bundle(alice, exemplars=True))
    first = do_job(bob, "propose_import", {"job": str(job.id)})
    second = do_job(bob, "propose_import", {"job": str(job.id)})
    assert first.result == second.result
    assert len(runtime.graph_store().proposals(bob.key)) == 1
    assert state_of(bob)[1] == 0
    foreign = do_job(alice, "propose_import", {"job": str(job.id)})
    assert (foreign.state, foreign.error_field) == ("failed", "job")


def test_an_own_older_bundle_brings_back_what_is_different_group_by_group(alice: Person) -> None:
    filled(alice)
    body = exporting.export_bundle(alice, exemplars=True)
    old = state_of(alice)[0]
    rule = next(k for k, e in old.entities.items() if isinstance(e, Facet) and e.rule)
    guard = next(k for k, e in old.entities.items() if e.kind == "guard")
    editing.set_action(alice, rule, "hide")
    editing.set_status(alice, guard, "retired")
    run = dry_run(alice, body).result
    assert [g["title"] for g in run["groups"]] == ["What is new", "What is different"]
    assert "Bring back the guard “Ida”." in run["groups"][0]["lines"]
    assert run["groups"][1]["lines"] == ["“the word derby”: what it catches is now covered instead of hidden."]
    taken_in(alice, body)
    assert state_of(alice)[0].hash == old.hash


def test_what_was_removed_there_is_proposed_to_go_here(alice: Person, bob: Person) -> None:
    filled(alice)
    taken_in(bob, exporting.export_bundle(alice, exemplars=False))
    intent = next(k for k, e in state_of(alice)[0].entities.items() if e.kind == "intent")
    editing.set_status(alice, intent, "retired")
    run = taken_in(bob, exporting.export_bundle(alice, exemplars=False))
    assert [g["title"] for g in run["groups"]] == ["What was removed there"]
    assert state_of(bob)[0].entities[intent].status == "retired"


def test_fields_of_a_newer_version_survive_the_way_through(alice: Person, bob: Person) -> None:
    filled(alice)
    body = edited(
        exporting.export_bundle(alice, exemplars=True),
        "profile.json",
        lambda p: p["entities"][0].update(colour="green"),
    )
    taken_in(bob, body)
    assert CarriedFields.objects.filter(person=bob).count() == 1
    out = json.loads(files(exporting.export_bundle(bob, exemplars=True))["profile.json"])
    assert [e["colour"] for e in out["entities"] if "colour" in e] == ["green"]
    assert dry_run(bob, body).result["groups"] == []


def test_an_ended_wish_is_passed_over_and_says_so(alice: Person, bob: Person) -> None:
    filled(alice)

    def past(profile: Any) -> None:
        scope = next(e for e in profile["entities"] if e["kind"] == "scope")
        scope["until"] = "2020-01-01T00:00:00Z"

    run = taken_in(bob, edited(exporting.export_bundle(alice, exemplars=True), "profile.json", past))
    assert any("its time is over" in line for line in run["passed_over"])
    assert not [e for e in state_of(bob)[0].entities.values() if isinstance(e, Scope)]
    assert "bread" not in str(state_of(bob)[0].entities.values())


def test_what_was_erased_here_does_not_come_back_by_an_old_bundle(alice: Person) -> None:
    filled(alice)
    body = exporting.export_bundle(alice, exemplars=True)
    first = runtime.graph_store().log(alice.key)[0]
    intent = next(op.target for op in first.ops if op.after and op.after.get("kind") == "intent")
    for op in first.ops:
        if op.field == "" and state_of(alice)[0].entities[op.target].status != "retired":
            editing.set_status(alice, op.target, "retired")
    for delta in runtime.graph_store().log(alice.key):
        if any(op.target == intent for op in delta.ops):
            runtime.graph_store().erase_payload(alice.key, delta.id)
    run = taken_in(alice, body)
    assert any("erased" in line for line in run["passed_over"])
    assert state_of(alice)[0].entities[intent].status == "retired"


MASTODON = [
    {"id": "1", "title": "Sports", "context": ["home", "public", "thread"], "expires_at": None, "filter_action": "hide",
     "keywords": [{"id": "1", "keyword": "derby", "whole_word": True}, {"id": "2", "keyword": "off side", "whole_word": True},
                  {"id": "3", "keyword": "#golf", "whole_word": False}, {"id": "4", "keyword": "cri", "whole_word": False}],
     "statuses": [{"id": "9", "status_id": "99"}]},
    {"id": "2", "title": "Replies", "context": ["thread"], "expires_at": "2031-01-01T00:00:00Z", "filter_action": "warn",
     "keywords": [{"keyword": "spoiler", "whole_word": True}]},
    {"id": "3", "title": "Old", "context": ["home"], "expires_at": "2020-01-01T00:00:00Z", "filter_action": "hide",
     "keywords": [{"keyword": "gone", "whole_word": True}]},
    {"id": "4", "title": "Bell", "context": ["notifications"], "expires_at": None, "filter_action": "hide",
     "keywords": [{"keyword": "bell", "whole_word": True}]},
]  # fmt: skip
BLUESKY = {
    "preferences": [
        {"$type": "app.bsky.actor.defs#adultContentPref", "enabled": False},
        {"$type": "app.bsky.actor.defs#mutedWordsPref", "items": [
            {"id": "3k", "value": "derby", "targets": ["content", "tag"], "actorTarget": "all"},
            {"value": "golf", "targets": ["tag"]},
            {"value": "off side", "targets": ["content"], "actorTarget": "exclude-following"},
            {"value": "bread", "targets": ["content"], "expiresAt": "2031-01-01T00:00:00.000Z"},
        ]},
    ]
}  # fmt: skip
BLOCKTUBE = {
    "filterData": {
        "videoId": ["abc"], "channelId": ["// Someone", "UC123"], "channelName": ["Derby Channel", "/^News .*/i"],
        "title": ["// words", "derby", "", "/(spoiler|leak)s?/i", "/(?<=a)b/"], "comment": ["first"], "vidLength": [None, None],
        "javascript": "(video) => true",
    },
    "options": {"shorts": True},
}  # fmt: skip
UBLOCK = """! Title: My list
||ads.example^
||news.example/sport/*
||cdn.example^$script,third-party
0.0.0.0 tracker.example
@@||good.example^
youtube.com##ytd-rich-item-renderer:has-text(/derby|golf/i)
youtube.com,reddit.com##.post:has-text(off side)
shop.example##.card:has-text(sale)
example.com##.sidebar
/banner/*/img^
"""
WORDS = "# my words\nderby\n\noff side\n#golf\n// note\n🙂\n"


@pytest.mark.parametrize(
    ("body", "found", "passed_over"),
    [
        (MASTODON, {"word derby": "hide", "phrase off side": "hide", r"regex (?:^|[^\w&])#golf\b": "hide", "regex cri": "hide", "word spoiler": "blur"},
         ["status 99", "“Old”: it has expired", "“Bell”"]),
        (BLUESKY, {"word derby": "hide", r"regex (?:^|[^\w&])#golf\b": "hide", "word bread": "hide"}, ["follow"]),
        (BLOCKTUBE, {"author Derby Channel": "hide", "regex ^News .*": "hide", "word derby": "hide", "regex (spoiler|leak)s?": "hide", "word first": "hide"},
         ["videoId", "channelId", "look-around", "javascript"]),
        (UBLOCK, {"link_host ads.example": "hide", "link_path news.example/sport/": "hide", "link_host tracker.example": "hide", "regex derby|golf": "hide", r"regex off\ side": "hide"},
         ["||cdn.example", "@@||good.example", "shop.example only", "example.com##.sidebar", "/banner/"]),
        (WORDS, {"word derby": "hide", "phrase off side": "hide", r"regex (?:^|[^\w&])#golf\b": "hide", "regex 🙂": "hide"}, []),
    ],
    ids=["mastodon", "bluesky", "blocktube", "ublock", "words"],
)  # fmt: skip
def test_filters_of_other_programs_become_rules_and_what_is_lost_is_said(
    alice: Person, body: object, found: dict[str, str], passed_over: list[str]
) -> None:
    run = taken_in(alice, body)
    assert rules(alice) == found
    lines = "\n".join(run["passed_over"]).casefold()
    for part in passed_over:
        assert part.casefold() in lines
    assert {e.origin for e in state_of(alice)[0].entities.values()} == {"imported"}  # type: ignore[union-attr]
    before = state_of(alice)
    again = dry_run(alice, body)
    assert (again.result["groups"], again.result["already"]) == ([], len(found))
    assert state_of(alice) == before


def test_limits_of_other_programs_are_kept(alice: Person) -> None:
    taken_in(alice, MASTODON)
    taken_in(alice, BLOCKTUBE)
    scopes = {
        (s.services, s.surfaces, bool(s.until)) for s in state_of(alice)[0].entities.values() if isinstance(s, Scope)
    }
    assert scopes == {((), ("replies",), True), (("youtube",), (), False), (("youtube",), ("replies",), False)}


def test_imported_rules_take_effect(alice: Person) -> None:
    reads(
        alice, entry(1, "The derby tonight"), entry(2, "We like #golf here"), entry(3, "Golfing"), entry(4, "A cricket")
    )
    job = dry_run(alice, MASTODON)
    proposed = do_job(alice, "propose_import", {"job": str(job.id)})
    shown = runtime.graph_store().proposal(alice.key, proposed.result["proposals"][0])
    assert shown is not None
    assert shown.detail["preview"]["summary"] == "Hides 3 more."
    accepting.accept(alice, shown.id, {})
    work()
    assert actions(alice) == {
        "The derby tonight": "hide",
        "We like #golf here": "hide",
        "Golfing": "show",
        "A cricket": "hide",
    }


def _bundle(alice: Person) -> bytes:
    editing.add_rule(alice, "word", "derby", "hide")
    return exporting.export_bundle(alice, exemplars=False)


BAD: dict[str, Any] = {
    "broken checksum": lambda b: packed({**files(b), "profile.json": b"{}"}, sums=False),
    "bomb": lambda b: packed({**files(b), "exemplars.jsonl": b" " * (60 * 1024 * 1024)}),
    "climbs out": lambda b: packed({**files(b), "../evil": b"x"}),
    "too large": lambda b: b + b"\0" * MAX_BYTES,
    "another person": lambda b: edited(b, "manifest.json", lambda m: m.update(person="0190aaaa-0000-7000-8000-000000000000")),
    "newer version": lambda b: edited(b, "manifest.json", lambda m: m.update(version=9)),
    "long text": lambda b: edited(b, "profile.json", lambda p: p["entities"][0].update(text="x" * 5001)),
    "other kind": lambda b: edited(
        b, "profile.json", lambda p: p["entities"].__setitem__(0, {"kind": "guard", "id": p["entities"][0]["id"], "guards": "own", "value": "x"})
    ),
    "not text": lambda b: b"\xff\xfe\x00binary",
    "NUL": lambda b: b"word\x00list",
    "empty list": lambda b: b"# nothing\n",
    "other JSON": lambda b: b'{"a": 1}',
    "wrong type": lambda b: b'[{"keywords": "derby"}]',
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_clear_error_and_changes_nothing(alice: Person, client: Client, name: str) -> None:
    body = BAD[name](_bundle(alice))
    before = state_of(alice)
    job = dry_run(alice, body)
    assert job.state == "failed"
    assert job.error
    assert "Something went wrong" not in job.error
    assert job.error_field
    assert state_of(alice) == before
    assert runtime.graph_store().proposals(alice.key) == ()
    page = client.get(reverse("job", args=[job.id])).content.decode()
    assert "Choose another file" in page


def test_a_sentence_of_5001_characters_is_refused_at_the_door(alice: Person, client: Client) -> None:
    page = client.post(reverse("say"), {"sentence": "x" * 5001}, follow=True).content.decode()
    assert "5001 characters" in page
    assert not Job.objects.exists()


def test_a_list_of_thousands_is_shown_cut_and_taken_whole(alice: Person) -> None:
    words = "\n".join(f"word{i}x" for i in range(1500))
    job = dry_run(alice, words)
    assert len(job.result["groups"][0]["lines"]) == SHOWN_LINES
    assert job.result["groups"][0]["more"] == 1500 - SHOWN_LINES
    over = dry_run(alice, "\n".join(f"word{i}x" for i in range(2001)))
    assert over.result["passed_over_count"] == 1


def test_exports_for_mastodon_and_bluesky_carry_exact_words_and_say_what_is_lost(alice: Person) -> None:
    wishes(alice, "no spiders")
    editing.add_rule(alice, "word", "derby", "hide")
    editing.add_rule(alice, "phrase", "off side", "label")
    editing.add_rule(alice, "author", "Ida", "hide")
    editing.add_guard(alice, "source", "Harbour Notes")
    mastodon, bluesky = exporting.export_mastodon(alice), exporting.export_bluesky(alice)
    filters = json.loads(mastodon.body)
    assert [(f["keywords"][0], f["filter_action"]) for f in filters] == [
        ({"keyword": "derby", "whole_word": True}, "hide"), ({"keyword": "off side", "whole_word": True}, "warn"),
    ]  # fmt: skip
    assert [i["value"] for i in json.loads(bluesky.body)["items"]] == ["derby", "off side"]
    for report in (mastodon.report, bluesky.report):
        text = "\n".join(report)
        assert all(part in text for part in ("spiders", "author Ida", "Harbour Notes", "off side"))
    before = rules(alice)
    again = dry_run(alice, filters)
    assert again.result["groups"] == []
    assert again.result["passed_over"] == ["“off side”: is here already, and what it catches is marked."]
    assert rules(alice) == before


def test_pages_lead_through_it_by_forms_alone(alice: Person, client: Client) -> None:
    reads(alice, entry(1, "The derby tonight"))
    editing.add_rule(alice, "word", "bread", "hide")
    page = client.get(reverse("portability")).content.decode()
    assert "Mastodon filters: 1 can be carried" in page
    bundle = client.get(reverse("export_preferences") + "?as=bundle&exemplars=1")
    assert bundle["Content-Disposition"] == 'attachment; filename="feedguard-preferences.zip"'
    assert zipfile.is_zipfile(io.BytesIO(bundle.content))
    assert read_bundle(bundle.content).person == alice.key
    assert client.get(reverse("export_preferences") + "?as=nonsense").status_code == 404
    answer = client.post(
        reverse("import_preferences"), {"file": SimpleUploadedFile("words.txt", b"derby\nbread\n"), "format": "auto"}
    )
    job = answer["Location"]
    work()
    page = client.get(job).content.decode()
    assert "the word “derby”" in page
    assert "1 is here already." in page
    job_id = job.rstrip("/").split("/")[-1]
    answer = client.post(reverse("propose_import", args=[job_id]))
    work()
    assert client.get(answer["Location"])["Location"] == reverse("wishes")
    proposal = runtime.graph_store().proposals(alice.key)[0]
    assert "Take this over?" in client.get(reverse("proposal", args=[proposal.id])).content.decode()
    client.post(reverse("accept", args=[proposal.id]))
    work()
    assert actions(alice) == {"The derby tonight": "hide"}
    for data in ({}, {"file": SimpleUploadedFile("big.txt", b"x" * (MAX_BYTES + 1))}):
        page = client.post(reverse("import_preferences"), data, follow=True).content.decode()
        assert "Choose a file." in page or "larger than 5 MB" in page


def test_schemas_are_served_to_everybody() -> None:
    answer = Client().get(reverse("schema", args=["profile"]))
    assert (answer.status_code, json.loads(answer.content)["$schema"]) == (
        200,
        "https://json-schema.org/draft/2020-12/schema",
    )
    assert Client().get(reverse("schema", args=["nonsense"])).status_code == 404


def test_an_import_can_be_undone_as_one_change(alice: Person) -> None:
    taken_in(alice, WORDS)
    services.undo(alice, runtime.graph_store().log(alice.key)[-1].id)
    assert rules(alice) == {}
    assert not Decision.objects.filter(person=alice, action="hide").exists()

"""The API's frame: who may, in what shape errors come, keys, cursors, throttle, the docs page."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from feedguard.accounts.models import Device, Person
from feedguard.api.models import Answer
from feedguard.api.routers import deciding
from feedguard.decisions.models import Job
from feedguard.items.models import Item
from tests.feedguard.api.caller import Caller, caller, error_of

pytestmark = pytest.mark.django_db
BREAD = {"id": "1", "title": "Bread"}


# Who may


def test_without_a_token_or_with_a_wrong_one_nothing_is_answered(alice: Person) -> None:
    for headers in ({}, {"Authorization": "Bearer fg_wrong"}, {"Authorization": "Basic YTpi"}, {"Authorization": "x"}):
        answer = Client(headers=headers).get("/api/v1/me")
        assert error_of(answer, 401)["code"] == "not_authenticated"
        assert answer["WWW-Authenticate"] == "Bearer"


def test_a_token_tells_whom_it_stands_for_and_is_refused_once_removed(alice: Person) -> None:
    device = caller(alice, "read")
    told = device.ask("get", "/me").json()
    assert told["user"] == "alice"
    assert (told["device"], told["scopes"], told["time_zone"]) == ("script", ["read"], "Europe/Berlin")
    Device.objects.all().delete()
    error_of(device.ask("get", "/me"), 401)


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [("read", {"/me"}), ("decide", {"/decide"}), ("write", {"/guards"})],
)
def test_a_token_may_do_only_what_its_scopes_say(alice: Person, scope: str, allowed: set[str]) -> None:
    device = caller(alice, scope)
    asked = {
        "/me": ("get", None),
        "/decide": ("post", {"items": [BREAD]}),
        "/guards": ("post", {"guards": "author", "value": "Ida"}),
    }
    for path, (method, body) in asked.items():
        answer = device.ask(method, path, body)
        if path in allowed:
            assert answer.status_code in {200, 201}
        else:
            assert "scope" in error_of(answer, 403)["message"]


def test_our_own_pages_use_the_session_and_need_the_csrf_token_to_write(alice: Person) -> None:
    page = Client(enforce_csrf_checks=True)
    page.force_login(alice)
    assert page.get("/api/v1/me").json()["device"] is None
    body = {"data": {"items": [BREAD]}, "content_type": "application/json"}
    assert "X-CSRFToken" in error_of(page.post("/api/v1/decide", **body), 403)["message"]
    token = re.search(r'X-CSRFToken": "(\w+)"', page.get("/settings").content.decode())
    assert token
    answer = page.post("/api/v1/decide", **body, headers={"X-CSRFToken": token[1]})
    assert answer.status_code == 200


def test_a_token_of_another_person_opens_only_their_own(as_alice: Caller, as_bob: Caller) -> None:
    item = as_alice.decide(BREAD)["results"][0]["item"]
    error_of(as_bob.ask("get", f"/items/{item}/why"), 404)
    assert as_bob.ask("get", "/decisions").json()["decisions"] == []


# Errors


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v2/me", "/api/", "/api/v1/", "/api/v1/items/x/why"])
def test_an_unknown_address_is_answered_in_the_one_shape(as_alice: Caller, path: str) -> None:
    assert error_of(as_alice.get(path), 404)["code"] == "not_found"


def test_a_wrong_method_names_the_right_ones(as_alice: Caller) -> None:
    answer = as_alice.ask("delete", "/decide")
    assert error_of(answer, 405)["code"] == "method_not_allowed"
    assert answer["Allow"] == "POST"


def test_a_crash_is_answered_in_the_one_shape_and_logged(
    as_alice: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(*_: Any) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(deciding, "receive", crash)
    error = error_of(as_alice.ask("post", "/decide", {"items": [BREAD]}), 500)
    assert "secret" not in error["message"]
    assert "secret of the house" in caplog.text


def test_a_busy_database_asks_for_patience(as_alice: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(deciding, "receive", locked)
    assert error_of(as_alice.ask("post", "/decide", {"items": [BREAD]}), 503)["code"] == "unavailable"


def test_pages_keep_their_own_errors(alice: Person) -> None:
    page = Client()
    page.force_login(alice)
    answer = page.get("/nothing")
    assert answer.status_code == 404
    assert "json" not in answer["Content-Type"]


# Throttle


def test_a_person_has_so_many_requests_a_minute_with_all_devices_together(
    alice: Person, bob: Person, settings: Any
) -> None:
    settings.API_PER_MINUTE = 3
    first, second = caller(alice), caller(alice)
    answers = [device.ask("get", "/me") for device in (first, second, first, second)]
    if [a.status_code for a in answers] == [200] * 4:  # the minute turned over in between
        answers = [device.ask("get", "/me") for device in (first, second, first, second)]
    assert error_of(answers[-1], 429)["code"] == "too_many_requests"
    assert 0 < int(answers[-1]["Retry-After"]) <= 60
    assert caller(bob).ask("get", "/me").status_code == 200


# Idempotency keys


def test_the_same_key_gives_the_first_answer_again(as_alice: Caller) -> None:
    say = {"sentence": "no spiders"}
    first = as_alice.ask("post", "/wishes", say, Idempotency_Key="k1")
    again = as_alice.ask("post", "/wishes", say, Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert Job.objects.count() == 1
    assert as_alice.ask("post", "/wishes", say, Idempotency_Key="k2").json() != first.json()
    assert Job.objects.count() == 2


def test_a_key_belongs_to_one_request_and_one_person(as_alice: Caller, as_bob: Caller) -> None:
    as_alice.ask("post", "/wishes", {"sentence": "no spiders"}, Idempotency_Key="k1")
    for path, body in (("/wishes", {"sentence": "no bread"}), ("/sources", {"url": "harbour.example"})):
        error = error_of(as_alice.ask("post", path, body, Idempotency_Key="k1"), 409)
        assert (error["code"], error["field"]) == ("key_reused", "Idempotency-Key")
    assert Job.objects.count() == 1
    assert as_bob.ask("post", "/wishes", {"sentence": "no bread"}, Idempotency_Key="k1").status_code == 202


def test_a_refused_request_leaves_its_key_free(as_alice: Caller) -> None:
    rule = {"kind": "regex", "value": "(?<=a)b"}
    assert error_of(as_alice.ask("post", "/rules", rule, Idempotency_Key="k1"), 422)["field"] == "value"
    rule["value"] = "ab+"
    assert as_alice.ask("post", "/rules", rule, Idempotency_Key="k1").status_code == 201


@pytest.mark.parametrize("key", ["", "with space", "ä", "k" * 256])
def test_a_key_that_is_none(as_alice: Caller, key: str) -> None:
    error = error_of(as_alice.ask("post", "/wishes", {"sentence": "no spiders"}, Idempotency_Key=key), 422)
    assert error["field"] == "Idempotency-Key"


def test_a_key_is_kept_for_a_day_and_one_in_work_says_so(as_alice: Caller, alice: Person) -> None:
    say = {"sentence": "no spiders"}
    as_alice.ask("post", "/wishes", say, Idempotency_Key="k1")
    Answer.objects.update(status=0)
    assert error_of(as_alice.ask("post", "/wishes", say, Idempotency_Key="k1"), 409)["code"] == "in_work"
    Answer.objects.update(made_at=timezone.now() - dt.timedelta(minutes=2))
    assert as_alice.ask("post", "/wishes", say, Idempotency_Key="k1").status_code == 202
    Answer.objects.update(made_at=timezone.now() - dt.timedelta(hours=25))
    as_alice.ask("post", "/wishes", say, Idempotency_Key="k2")
    assert list(Answer.objects.values_list("key", flat=True)) == ["k2"]


# Pages of a list


def test_a_cursor_leads_through_everything_once(as_alice: Caller) -> None:
    as_alice.decide(*({"id": str(n), "title": f"Bread {n}"} for n in range(25)))
    titles, cursor, pages = [], "", 0
    while cursor is not None:
        page = as_alice.ask("get", f"/decisions?limit=10&cursor={cursor}").json()
        titles += [one["title"] for one in page["decisions"]]
        cursor, pages = page["next"], pages + 1
    assert pages == 3
    assert len(titles) == len(set(titles)) == Item.objects.count() == 25


def test_a_cursor_of_another_query_or_person_is_refused(as_alice: Caller, as_bob: Caller) -> None:
    for device in (as_alice, as_bob):
        device.decide(*({"id": str(n), "title": f"Bread {n}"} for n in range(5)))
    cursor = as_alice.ask("get", "/decisions?limit=2").json()["next"]
    assert as_alice.ask("get", f"/decisions?limit=3&cursor={cursor}").status_code == 200
    for device, query in (
        (as_alice, f"/decisions?action=hide&cursor={cursor}"),
        (as_alice, f"/jobs?cursor={cursor}"),
        (as_bob, f"/decisions?limit=2&cursor={cursor}"),
        (as_alice, f"/decisions?cursor={cursor[:-2]}"),
        (as_alice, "/decisions?cursor=nonsense"),
        (as_alice, "/decisions?cursor=%00%ff"),
    ):
        error = error_of(device.ask("get", query), 422)
        assert (error["code"], error["field"]) == ("bad_cursor", "cursor")


def test_a_limit_that_is_none(as_alice: Caller) -> None:
    for limit in ("0", "101", "x"):
        assert error_of(as_alice.ask("get", f"/decisions?limit={limit}"), 422)["field"] == "limit"


# The docs page


def test_the_docs_page_loads_nothing_from_outside_and_runs_no_inline_code(client: Client) -> None:
    answer = client.get("/api/v1/docs")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
    assert not re.search(r'<script(?![^>]*(?:\bsrc=|type="application/json"))|\son\w+=|\sstyle=|<style', page)
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "Needs the scope <b>decide</b>" in page
    assert 'href="#schema-BatchIn"' in page
    assert "list of ItemIn (1 to 50)" in page


def test_the_schema_names_every_operation_with_its_scope(client: Client) -> None:
    schema = client.get("/api/v1/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    assert len(schema["paths"]) >= 27
    operations = [op for path in schema["paths"].values() for op in path.values()]
    names = [op["operationId"] for op in operations]
    assert len(set(names)) == len(names)
    assert "decide" in names
    assert {next(iter(op["security"][0])) for op in operations} == {"ReadToken", "DecideToken", "WriteToken"}
    assert next(iter(schema["paths"]["/api/v1/decide"]["post"]["security"][0])) == "DecideToken"
    assert "scope “write”" in schema["components"]["securitySchemes"]["WriteToken"]["description"]
    assert all(op["description"] for op in operations)
    assert all("429" in op["responses"] for op in operations)
    item = schema["paths"]["/api/v1/decide"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert item["$ref"].endswith("BatchIn")
    assert schema["components"]["schemas"]["BatchIn"]["properties"]["items"]["items"]["$ref"].endswith("ItemIn")

"""Hidden items are marked as read in the person's own reader, after a dry run, and taken back on undo."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.decisions import services as decisions
from feedguard.decisions.models import Decision, Job, Outbox
from feedguard.feeds.safe_fetch import FetchFailed, FetchPolicy, RefusedAddress, safe_fetch
from feedguard.items.models import Entry
from feedguard.readers import services
from feedguard.readers.google_reader import GoogleReader, NotUnderstood, SignInRefused, long_id
from feedguard.readers.models import ReaderAccount, ReaderItem
from feedguard.readers.sealing import seal, unseal
from tests.feedguard.build import entry, reads, wishes, work
from tests.feeds.wild import WildServer
from tests.readers.own_reader import PASSWORD, USER, OwnReader

pytestmark = pytest.mark.django_db
OPEN = FetchPolicy.parse(["127.0.0.0/8"], [])
SPIDER, BREAD = "A spider in the bath", "Bread"


@pytest.fixture(params=["freshrss", "miniflux"])
def own(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnReader]:
    monkeypatch.setattr(runtime, "fetch_policy", lambda: OPEN)
    with OwnReader(request.param) as server:
        yield server


@pytest.fixture
def hidden(alice: Person) -> None:
    reads(alice, entry(1, SPIDER), entry(2, BREAD))
    wishes(alice, "no spiders")


def connect(person: Person, own: OwnReader, password: str = PASSWORD) -> Job:
    kind = "miniflux" if own.miniflux else "freshrss"
    job = services.connect(person, kind=kind, url=own.url + own.base, user=USER, password=password)
    work("job")
    job.refresh_from_db()
    return job


def filled(own: OwnReader) -> None:
    own.put(1, "https://harbour.example/1?utm_source=rss", SPIDER)
    own.put(2, "http://www.harbour.example/2", BREAD)
    for number in range(3, 9):
        own.put(number, f"https://elsewhere.example/{number}", f"Other {number}")


def turn(person: Person) -> ReaderAccount:
    Outbox.objects.filter(kind="reader").update(due_at=timezone.now())
    work("reader")
    return ReaderAccount.objects.get(person=person)


def test_the_dry_run_lists_what_would_be_marked_and_marks_nothing(alice: Person, hidden: None, own: OwnReader) -> None:
    filled(own)
    job = connect(alice, own)
    assert job.state == "done", job.error
    assert [(m["title"], m["source"]) for m in job.result["marks"]] == [(SPIDER, "Harbour Notes")]
    assert "no spiders" in job.result["marks"][0]["reason"]
    assert own.read == set()
    assert not any(path == "/reader/api/0/edit-tag" for _, path, _ in own.requests)
    turn(alice)
    assert own.read == set()


def test_switched_on_it_marks_what_is_hidden_and_takes_it_back_on_undo(
    alice: Person, hidden: None, own: OwnReader
) -> None:
    filled(own)
    connect(alice, own)
    services.switch_on(ReaderAccount.objects.get(person=alice))
    assert turn(alice).error == ""
    assert SPIDER not in own.unread_titles
    assert len(own.unread_titles) == 7
    asked = len(own.requests)
    turn(alice)
    assert not any(path.endswith("edit-tag") for _, path, _ in own.requests[asked:])
    decision = Decision.objects.get(person=alice, item__title=SPIDER, is_current=True)
    decisions.override(alice, decision, "show")
    assert Outbox.objects.get(kind="reader").due_at <= timezone.now()
    work("reader")
    assert len(own.unread_titles) == 8
    decisions.override(alice, Decision.objects.get(person=alice, item__title=SPIDER, is_current=True), "hide")
    turn(alice)
    assert SPIDER not in own.unread_titles


def test_it_cannot_be_switched_on_before_a_dry_run(alice: Person, hidden: None, own: OwnReader) -> None:
    connect(alice, own, password="wrong")
    account = ReaderAccount.objects.get(person=alice)
    with pytest.raises(services.NotPreviewed):
        services.switch_on(account)
    client = Client()
    client.force_login(alice)
    answer = client.post(reverse("reader_account"), {"do": "on"}, follow=True)
    assert "Look first at what would be marked." in answer.content.decode()
    assert not ReaderAccount.objects.get(person=alice).enabled


def test_what_the_person_made_unread_again_is_left_alone(alice: Person, hidden: None, own: OwnReader) -> None:
    filled(own)
    connect(alice, own)
    services.switch_on(ReaderAccount.objects.get(person=alice))
    turn(alice)
    own.read.clear()
    turn(alice)
    assert SPIDER in own.unread_titles


def test_what_the_person_had_read_is_not_made_unread(alice: Person, hidden: None, own: OwnReader) -> None:
    filled(own)
    own.read = {key for key, item in own.items.items() if item["title"] == SPIDER}
    connect(alice, own)
    services.switch_on(ReaderAccount.objects.get(person=alice))
    turn(alice)
    decisions.override(alice, Decision.objects.get(person=alice, item__title=SPIDER, is_current=True), "show")
    turn(alice)
    assert SPIDER not in own.unread_titles


def test_an_item_that_left_the_feed_for_its_age_is_not_taken_back(alice: Person, hidden: None, own: OwnReader) -> None:
    filled(own)
    connect(alice, own)
    services.switch_on(ReaderAccount.objects.get(person=alice))
    turn(alice)
    Entry.objects.filter(person=alice).delete()
    turn(alice)
    assert SPIDER not in own.unread_titles


def test_all_marks_can_be_taken_back_at_once(alice: Person, hidden: None, own: OwnReader) -> None:
    filled(own)
    connect(alice, own)
    account = ReaderAccount.objects.get(person=alice)
    services.switch_on(account)
    turn(alice)
    services.take_back(account)
    work("job")
    assert SPIDER in own.unread_titles
    turn(alice)
    assert SPIDER in own.unread_titles


def test_a_failing_reader_is_asked_less_often_and_what_was_doubtful_is_made_good(
    alice: Person, hidden: None, own: OwnReader
) -> None:
    filled(own)
    connect(alice, own)
    services.switch_on(ReaderAccount.objects.get(person=alice))
    own.fail_next = 100
    assert "HTTP 500" in turn(alice).error
    assert turn(alice).failures == 2
    turn(alice)
    assert Outbox.objects.get(kind="reader").due_at > timezone.now() + dt.timedelta(minutes=15)
    own.fail_next = 0
    item = ReaderItem.objects.get(title=SPIDER)
    ReaderItem.objects.filter(pk=item.pk).update(marked_at=timezone.now(), doubtful=True)  # died while marking
    assert turn(alice).failures == 0
    assert SPIDER not in own.unread_titles


def test_a_wrong_password_says_so_and_a_spent_token_switches_off(alice: Person, hidden: None, own: OwnReader) -> None:
    filled(own)
    job = connect(alice, own, password="wrong")
    assert (job.state, job.error_field) == ("failed", "password")
    connect(alice, own)
    services.switch_on(ReaderAccount.objects.get(person=alice))
    own.token = own.action_token = f"{USER}/other"
    account = turn(alice)
    assert not account.enabled
    assert "password again" in account.error


def test_secrets_are_encrypted_and_never_shown(alice: Person, hidden: None, own: OwnReader) -> None:
    client = Client()
    client.force_login(alice)
    kind = "miniflux" if own.miniflux else "freshrss"
    data = {"do": "connect", "kind": kind, "url": own.url, "user": USER, "password": PASSWORD}
    answer = client.post(reverse("reader_account"), data)
    job = Job.objects.get(kind="reader_preview")
    assert answer["Location"] == reverse("job", args=[job.id])
    account = ReaderAccount.objects.get(person=alice)
    assert PASSWORD not in str(vars(account)) + str(job.input)
    work("job")
    account.refresh_from_db()
    assert account.sealed_password == ""
    assert own.token not in str(vars(account))
    assert unseal(account.sealed_token) == own.token
    page = client.get(reverse("reader")).content.decode()
    assert USER in page
    for secret in (PASSWORD, own.token, account.sealed_token):
        assert secret not in page


def test_a_secret_sealed_under_another_key_opens_nothing(settings: Any) -> None:
    sealed = seal("s3cret")
    assert unseal(sealed) == "s3cret"
    settings.SECRET_KEY = "another"
    assert unseal(sealed) == ""
    assert unseal("") == ""


def test_each_page_of_unread_items_is_followed(own: OwnReader) -> None:
    filled(own)
    reader = GoogleReader(own.url + own.base, OPEN)
    reader.sign_in(USER, PASSWORD)
    ids = reader.unread_ids()
    assert len(ids) == 8
    assert {item.title for item in reader.items(ids)} == own.unread_titles


def test_answers_that_are_none_of_the_api_are_refused(wild: WildServer) -> None:
    reader = GoogleReader(wild.url, OPEN, "token")
    wild.put("/reader/api/0/stream/items/ids", "<html>", "text/html")
    with pytest.raises(FetchFailed, match="404"):
        reader.unread_ids()
    query = "?output=json&s=user%2F-%2Fstate%2Fcom.google%2Freading-list&xt=user%2F-%2Fstate%2Fcom.google%2Fread&n=1000"
    wild.put(f"/reader/api/0/stream/items/ids{query}", "<html>", "text/html")
    with pytest.raises(NotUnderstood):
        reader.unread_ids()
    with pytest.raises(NotUnderstood):
        long_id("seven")
    assert long_id("-1") == "tag:google.com,2005:reader/item/ffffffffffffffff"


def test_a_form_goes_only_to_allowed_addresses_and_is_never_sent_on(wild: WildServer) -> None:
    form = [("Passwd", "s3cret")]
    with pytest.raises(RefusedAddress):
        safe_fetch(
            f"{wild.url}/x", policy=FetchPolicy(), accept=(), max_bytes=10, timeout_seconds=2.0, form=form
        )  # fmt: skip
    assert wild.requests == []
    with OwnReader() as own:
        wild.put("/moved", "", status=307, Location=f"{own.url}/api/greader.php/accounts/ClientLogin")
        with pytest.raises(FetchFailed, match="sends the request on"):
            safe_fetch(
                f"{wild.url}/moved", policy=OPEN, accept=(), max_bytes=10, timeout_seconds=2.0,
                headers={"Authorization": "GoogleLogin auth=s3cret"},
            )  # fmt: skip
        assert own.requests == []
        with pytest.raises(SignInRefused):
            GoogleReader(own.url + own.base, OPEN).sign_in(USER, "wrong")


def test_another_person_sees_neither_reader_nor_dry_run(
    alice: Person, bob: Person, hidden: None, own: OwnReader
) -> None:
    filled(own)
    job = connect(alice, own)
    other = Client()
    other.force_login(bob)
    assert other.get(reverse("reader_preview", args=[job.id])).status_code == 404
    for asked in ("on", "off", "preview", "take_back", "forget"):
        assert other.post(reverse("reader_account"), {"do": asked}).status_code == 404
    assert own.url not in other.get(reverse("reader")).content.decode()
    assert ReaderAccount.objects.filter(person=alice).exists()


@pytest.mark.parametrize(
    ("url", "message"),
    [("", "Give the address"), ("ftp://x", "begins with http"), ("https://u:p@x.example", "user name or password")],
)
def test_a_bad_address_is_named_and_nothing_is_kept(alice: Person, url: str, message: str) -> None:
    client = Client()
    client.force_login(alice)
    answer = client.post(
        reverse("reader_account"), {"do": "connect", "kind": "miniflux", "url": url, "user": "a", "password": "b"}
    )
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not ReaderAccount.objects.exists()

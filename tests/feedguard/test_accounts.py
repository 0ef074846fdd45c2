"""Getting in and staying in: throttled sign-in, invites, sessions, devices, settings."""

from __future__ import annotations

import datetime as dt
import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from feedguard.accounts import throttle
from feedguard.accounts.devices import add_device, device_of
from feedguard.accounts.models import Device, FailedSignIn, Invite, Person, SignedIn
from tests.feedguard.build import entry, reads, work

pytestmark = pytest.mark.django_db
PASSWORD = "alice's own password"


@pytest.fixture
def client(alice: Person) -> Client:
    return signed_in("alice", PASSWORD)


def signed_in(name: str, password: str, browser: str = "Kestrel 1") -> Client:
    made = Client(headers={"User-Agent": browser})
    assert try_in(made, name, password).status_code == 302
    assert made.get("/settings").status_code == 200
    return made


def try_in(client: Client, name: str, password: str, address: str = "192.0.2.7") -> Any:
    return client.post("/sign-in", {"username": name, "password": password}, REMOTE_ADDR=address)


def invite_link(staff: Client) -> str:
    page = staff.post("/settings/invites/add").content.decode()
    found = re.search(r"http://testserver(/join/[\w-]+)", page)
    assert found
    return found[1]


def join(link: str, name: str = "carol", password: str = "carol's own password") -> Any:
    visitor = Client()
    form = {"username": name, "password1": password, "password2": password, "time_zone": "Europe/Rome"}
    return visitor, visitor.post(link, form)


# Throttled sign-in


def test_after_five_failures_the_account_waits_even_with_the_right_password(alice: Person) -> None:
    visitor = Client()
    for _ in range(5):
        assert try_in(visitor, "alice", "guess").status_code == 200
    answer = try_in(visitor, "Alice ", PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 30
    assert "Wait 1 minute" in answer.content.decode()


def test_the_wait_is_in_the_database_ends_by_itself_and_grows(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    start = timezone.now()
    waits = []
    now = start
    monkeypatch.setattr(timezone, "now", lambda: now)
    for _ in range(12):
        throttle.failed("alice", "")
        wait = throttle.closed_for("alice", "")
        waits.append(wait)
        now += wait
        assert not throttle.closed_for("alice", "")
    assert waits[:5] == [dt.timedelta()] * 4 + [throttle.FIRST_WAIT]
    assert waits[5] == 2 * throttle.FIRST_WAIT
    assert waits[-1] == throttle.LONGEST_WAIT
    assert FailedSignIn.objects.count() == 1


def test_one_address_that_tries_many_accounts_waits_and_others_do_not(alice: Person) -> None:
    for number in range(20):
        throttle.failed(f"name{number}", "192.0.2.66")
    assert try_in(Client(), "alice", PASSWORD, address="192.0.2.66").status_code == 429
    assert try_in(Client(), "alice", PASSWORD, address="192.0.2.1").status_code == 302


def test_signing_in_forgets_the_failures_of_the_account(alice: Person) -> None:
    for _ in range(3):
        for _ in range(4):
            throttle.failed("alice", "192.0.2.7")
        assert try_in(Client(), "alice", PASSWORD).status_code == 302


def test_neither_name_nor_address_lies_in_the_counters(alice: Person) -> None:
    try_in(Client(), "alice", "guess", address="192.0.2.99")
    stored = str(list(FailedSignIn.objects.values_list()))
    assert FailedSignIn.objects.count() == 2
    assert "alice" not in stored
    assert "192.0.2.99" not in stored


def test_the_operator_opens_a_closed_account_by_a_new_password(alice: Person) -> None:
    for _ in range(6):
        throttle.failed("alice", "192.0.2.7")
    assert try_in(Client(), "alice", PASSWORD).status_code == 429
    out = StringIO()
    call_command("reset-password", "alice", stdout=out)
    password = out.getvalue().split()[-1]
    assert try_in(Client(), "alice", password).status_code == 302


def test_the_admin_has_no_way_in_of_its_own(alice: Person) -> None:
    answer = Client().post("/admin/login/?next=/admin/", {"username": "alice", "password": PASSWORD})
    assert answer["Location"].startswith("/sign-in")
    assert Client().get("/admin/", follow=True).redirect_chain[-1][0].startswith("/sign-in?next=%2Fadmin%2F")


# Invites


def test_nobody_joins_without_an_invite_and_only_staff_makes_one(alice: Person, bob: Person) -> None:
    assert Client().get("/join/some-token").status_code == 410
    other = Client()
    other.force_login(bob)
    assert other.post("/settings/invites/add").status_code == 404
    assert "Invite" not in other.get("/settings").content.decode()


def test_an_invite_makes_one_account_that_is_no_staff(client: Client, alice: Person) -> None:
    link = invite_link(client)
    assert "alice invited you" in Client().get(link).content.decode()
    visitor, answer = join(link)
    assert answer["Location"] == "/"
    assert visitor.get("/").status_code == 200
    carol = Person.objects.get(username="carol")
    assert (carol.is_staff, carol.is_superuser, carol.time_zone) == (False, False, "Europe/Rome")
    assert join(link, "dave")[1].status_code == 410
    assert not Person.objects.filter(username="dave").exists()


def test_a_refused_form_leaves_the_invite_and_says_what_is_wrong(client: Client, alice: Person) -> None:
    link = invite_link(client)
    for name, password, message in (
        ("ALICE", "carol's own password", "already exists"),
        ("carol", "short", "too short"),
        ("carol", "password1234", "too common"),
    ):
        answer = join(link, name, password)[1]
        assert answer.status_code == 422
        assert message in answer.content.decode()
    assert join(link)[1].status_code == 302


def test_an_invite_ends_with_its_time_and_can_be_withdrawn(client: Client, alice: Person) -> None:
    old, withdrawn = invite_link(client), invite_link(client)
    Invite.objects.order_by("id").update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert Client().get(old).status_code == 410
    Invite.objects.update(expires_at=timezone.now() + dt.timedelta(days=1))
    client.post(f"/settings/invites/{Invite.objects.order_by('id').last().id}/withdraw")
    assert Client().get(withdrawn).status_code == 410
    assert Client().get(old).status_code == 200


# Sessions


def test_browsers_are_listed_and_ended_one_by_one(client: Client, alice: Person) -> None:
    other = signed_in("alice", PASSWORD, "Osprey 2")
    page = client.get("/settings").content.decode()
    assert "This browser" in page
    assert "Osprey 2" in page
    there = SignedIn.objects.get(browser="Osprey 2")
    client.post(f"/settings/sessions/{there.id}/end")
    assert other.get("/").status_code == 302
    assert client.get("/").status_code == 200
    assert "Osprey 2" not in client.get("/settings").content.decode()


def test_signing_out_everywhere_else(client: Client, alice: Person) -> None:
    others = [signed_in("alice", PASSWORD) for _ in range(2)]
    client.post("/settings/sessions/end-others")
    assert [other.get("/").status_code for other in others] == [302, 302]
    assert client.get("/").status_code == 200


def test_a_new_password_signs_out_other_browsers_and_keeps_this_one(client: Client, alice: Person) -> None:
    other = signed_in("alice", PASSWORD)
    new = "another long password"
    form = {"do": "password", "old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/settings", form).status_code == 302
    assert other.get("/").status_code == 302
    page = client.get("/settings").content.decode()
    assert page.count("seen") == 1
    assert "This browser" in page


def test_another_persons_session_device_or_invite_cannot_be_ended(client: Client, alice: Person, bob: Person) -> None:
    device, _ = add_device(alice, name="laptop", scopes={"read"})
    invite_link(client)
    other = Client()
    other.force_login(bob)
    for address in (
        f"/settings/sessions/{SignedIn.objects.get(person=alice).id}/end",
        f"/settings/devices/{device.id}/revoke",
        f"/settings/invites/{Invite.objects.get().id}/withdraw",
    ):
        assert other.post(address).status_code == 404
    assert client.get("/").status_code == 200
    assert Device.objects.filter(pk=device.pk).exists()


# Devices


def test_a_token_is_shown_once_and_stored_only_as_a_hash(client: Client, alice: Person) -> None:
    answer = client.post("/settings/devices/add", {"name": "laptop", "scopes": ["read", "write"]})
    token = re.search(r'value="(fg_[\w-]+)"', answer.content.decode())
    assert token
    assert "no-store" in answer["Cache-Control"]
    assert token[1] not in client.get("/settings").content.decode()
    assert token[1] not in str(list(Device.objects.values_list()))
    device = device_of(token[1])
    assert device is not None
    assert (device.person, device.scope_list) == (alice, ["read", "write"])
    assert "last used" in client.get("/settings").content.decode()


def test_a_removed_device_is_refused_at_once(client: Client, alice: Person) -> None:
    device, token = add_device(alice, name="laptop", scopes={"read"})
    client.post(f"/settings/devices/{device.id}/revoke")
    assert device_of(token) is None


def test_the_devices_of_an_inactive_person_are_refused(alice: Person) -> None:
    _, token = add_device(alice, name="laptop", scopes={"read"})
    Person.objects.update(is_active=False)
    assert device_of(token) is None


def test_a_device_needs_a_name_and_something_that_it_may_do(client: Client) -> None:
    answer = client.post("/settings/devices/add", {"name": "", "scopes": ["fly"]})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Give the device a name." in page
    assert "fly" in page
    assert not Device.objects.exists()


def test_a_token_by_command(alice: Person) -> None:
    out = StringIO()
    call_command("device-token", "alice", "--scopes", "read,decide", stdout=out)
    device = device_of(out.getvalue().strip())
    assert device is not None
    assert device.scope_list == ["read", "decide"]
    with pytest.raises(CommandError, match="--scopes"):
        call_command("device-token", "alice", "--scopes", "fly")
    with pytest.raises(CommandError, match="no user"):
        call_command("device-token", "nobody")


# Languages


def test_items_in_a_language_that_is_not_read_are_tagged(client: Client, alice: Person) -> None:
    reads(alice, entry(1, "Brot", language="de"), entry(2, "Bread", language="en"))
    work()
    assert "in another language: de" in client.get("/").content.decode()
    form = {"do": "settings", "time_zone": "Europe/Berlin", "languages": "EN, de"}
    assert client.post("/settings", form).status_code == 302
    alice.refresh_from_db()
    assert alice.languages == "en de"
    assert "in another language" not in client.get("/").content.decode()
    refused = client.post("/settings", {**form, "languages": "german"})
    assert refused.status_code == 422
    assert "german" in refused.content.decode()

"""Undo, redo and conflicts; ended wishes; the projection; erasing."""

from __future__ import annotations

import datetime as dt
import json
import zoneinfo

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.decisions.models import Decision, Job
from feedguard.items.models import FactRow, RulingRow
from feedguard.preferences import editing, history, renewing, services
from feedguard.preferences.erasing import erase_preferences
from feedguard.preferences.models import SnapshotHead
from feedguard.preferences.selectors import snapshot_of, state_of
from graph.errors import Conflict, InvalidDelta
from tests.feedguard.build import actions, do_job, entry, reads, wishes, work

pytestmark = pytest.mark.django_db
SPIDER = "A spider in the bath"


def ids(person: Person, kind: str) -> list[str]:
    return [key for key, e in state_of(person)[0].entities.items() if e.kind == kind]


@pytest.fixture
def client(alice: Person) -> Client:
    made = Client()
    made.force_login(alice)
    return made


def test_redo_does_a_change_again_and_any_change_can_be_undone(alice: Person) -> None:
    reads(alice, entry(1, SPIDER))
    wishes(alice, "no spiders")
    facet = ids(alice, "facet")[0]
    editing.set_action(alice, facet, "blur")
    start = state_of(alice)[0].hash
    lines, _ = history.history(alice)
    services.undo(alice, lines[0].id)
    services.undo(alice, lines[1].id)
    work()
    assert actions(alice) == {SPIDER: "show"}
    now, _ = history.history(alice)
    undone = {line.id: line for line in now if line.undone}
    assert undone.keys() == {lines[0].id, lines[1].id}
    for line in (lines[1], lines[0]):
        services.undo(alice, undone[line.id].again)
    work()
    assert actions(alice) == {SPIDER: "blur"}
    assert state_of(alice)[0].hash == start
    assert not any(line.undone for line in history.history(alice)[0] if line.id in undone)


def test_the_history_has_pages(alice: Person, client: Client) -> None:
    for number in range(history.PAGE + 1):
        editing.add_guard(alice, "author", f"Ida {number}")
    assert len(history.history(alice)[0]) == history.PAGE
    assert history.history(alice, page=2) == ([history.history(alice, page=2)[0][0]], False)
    assert "Ida 0" in client.get(reverse("wishes") + "?page=2").content.decode()


def test_a_conflict_is_shown_with_its_three_sides_and_changes_nothing(alice: Person, client: Client) -> None:
    wishes(alice, "no spiders")
    facet = ids(alice, "facet")[0]
    first, _ = editing.set_action(alice, facet, "blur")
    editing.set_action(alice, facet, "label")
    before = state_of(alice)
    with pytest.raises(Conflict):
        services.undo(alice, first.id)
    found = history.conflicts(alice, history.undo_ops(alice, first.id))
    assert [(c.before, c.yours, c.theirs) for c in found] == [("covered", "hidden", "marked")]
    answer = client.post(reverse("undo", args=[first.id]))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert all(word in page for word in ("covered", "hidden", "marked", "Take the later change back first"))
    assert state_of(alice) == before
    client.post(reverse("undo", args=[first.id]), {"insist": "1"})
    assert state_of(alice)[0].entities[facet].action == "hide"  # type: ignore[union-attr]
    services.undo(alice, history.history(alice)[0][0].id)
    assert state_of(alice)[0].hash == before[0].hash


def test_insisting_on_what_is_so_already_is_refused(alice: Person) -> None:
    wishes(alice, "no spiders")
    facet = ids(alice, "facet")[0]
    delta, _ = editing.set_action(alice, facet, "blur")
    editing.set_action(alice, facet, "hide")
    with pytest.raises(InvalidDelta, match="already"):
        history.insist(alice, history.undo_ops(alice, delta.id), "again")


def test_a_proposal_made_on_an_older_graph_conflicts_and_can_be_insisted_on(alice: Person, client: Client) -> None:
    wishes(alice, "no spiders")
    job = do_job(alice, "say", {"sentence": "blur them instead", "replaces": ""})
    facet = ids(alice, "facet")[0]
    editing.set_action(alice, facet, "label")
    address = reverse("accept", args=[job.result["proposal"]])
    answer = client.post(address)
    assert answer.status_code == 409
    assert "marked" in answer.content.decode()
    assert client.post(address, {"insist": "1"}).status_code == 302
    assert state_of(alice)[0].entities[facet].action == "blur"  # type: ignore[union-attr]


def ended(alice: Person, monkeypatch: pytest.MonkeyPatch, sentence: str) -> dt.datetime:
    """Alice's wish has ended a minute ago; the time that it is now."""
    wishes(alice, sentence)
    until = snapshot_of(alice).wishes[0].scopes[0].until
    assert until is not None
    now = until + dt.timedelta(minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: now)
    return now


def test_an_ended_wish_is_announced_and_holds_again_after_one_click(
    alice: Person, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    reads(alice, entry(1, SPIDER))
    assert renewing.ended_wishes(alice) == []
    now = ended(alice, monkeypatch, "no spiders for the next 3 days")
    one = renewing.ended_wishes(alice, lately=True)[0]
    assert one.text == "no spiders for the next 3 days"
    assert dt.timedelta(days=3) <= one.again_until - now < dt.timedelta(days=5)
    for name in ("feed", "wishes"):
        assert "Shall it hold again?" in client.get(reverse(name)).content.decode()
    client.post(reverse("renew", args=[one.scope]))
    work()
    assert renewing.ended_wishes(alice) == []
    assert actions(alice) == {SPIDER: "hide"}
    assert state_of(alice)[0].entities[one.scope].until == one.again_until  # type: ignore[union-attr]


def test_a_renewal_until_a_day_ends_with_that_day_and_a_past_one_is_refused(
    alice: Person, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    now = ended(alice, monkeypatch, "no spiders today")
    scope = renewing.ended_wishes(alice)[0].scope
    for day in ("2020-01-01", "9999-12-31", "0001-01-01"):
        page = client.post(reverse("renew", args=[scope]), {"until": day}, follow=True).content.decode()
        assert "still to come" in page
    page = client.post(reverse("renew", args=[scope]), {"until": "soon"}, follow=True).content.decode()
    assert "Give a day such as" in page
    last = (now + dt.timedelta(days=10)).date()
    renewing.renew(alice, scope, last)
    until = snapshot_of(alice).wishes[0].scopes[0].until
    assert until is not None
    assert (
        until.isoformat()
        == dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), tzinfo=_berlin()).astimezone(dt.UTC).isoformat()
    )


def _berlin() -> dt.tzinfo:
    return zoneinfo.ZoneInfo("Europe/Berlin")


def test_nobody_renews_or_undoes_for_another(alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    ended(alice, monkeypatch, "no spiders today")
    scope, delta = renewing.ended_wishes(alice)[0].scope, runtime.graph_store().log(alice.key)[0].id
    other = Client()
    other.force_login(bob)
    assert other.post(reverse("renew", args=[scope])).status_code == 404
    assert other.post(reverse("undo", args=[delta])).status_code == 404
    assert state_of(alice)[1] == 1


def test_the_snapshot_is_compact_and_comes_only_when_it_changed(alice: Person, client: Client) -> None:
    address = reverse("snapshot")
    empty = client.get(address)
    assert json.loads(empty.content)["wishes"] == []
    wishes(alice, "no spiders")
    answer = client.get(address)
    head = SnapshotHead.objects.get(person=alice)
    assert answer["ETag"].strip('W/"') == head.hash == state_of(alice)[0].hash
    assert answer.content.decode() == head.data
    assert ": " not in head.data.replace("no spiders", "")
    for known in (answer["ETag"], f'"{head.hash}"', f'"other", {answer["ETag"]}', "*"):
        again = client.get(address, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
    editing.add_guard(alice, "author", "Ida")
    changed = client.get(address, headers={"If-None-Match": answer["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != answer["ETag"]
    assert "private" in changed["Cache-Control"]


def test_the_projection_never_goes_back(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    wishes(alice, "no spiders")
    old = state_of(alice)
    editing.add_guard(alice, "author", "Ida")
    monkeypatch.setattr(services, "state_of", lambda person: old)
    assert services.project(alice) is None
    assert SnapshotHead.objects.get(person=alice).seq == 2


def test_a_crash_before_the_projection_is_caught_up_and_rejudged(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads(alice, entry(1, SPIDER))
    wishes(alice, "no baths")

    def crash(person: Person) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patched:
        patched.setattr(services, "project", crash)
        with pytest.raises(RuntimeError):
            editing.add_guard(alice, "author", "Ida")
    assert snapshot_of(alice).guards == ()
    assert services.catch_up() == 1
    work()
    assert SnapshotHead.objects.get(person=alice).hash == state_of(alice)[0].hash
    assert actions(alice) == {SPIDER: "show"}


def test_erasing_leaves_no_word_of_a_wish_in_any_store_or_cache(alice: Person, bob: Person) -> None:
    marker = "zorbaflex"
    reads(alice, entry(1, f"A {marker} at home"), entry(2, "Bread"))
    reads(bob)
    for person in (alice, bob):
        wishes(person, f"no {marker}" if person == alice else "no bread")
    do_job(alice, "say", {"sentence": f"{marker} pictures are fine", "replaces": ""})
    facts = FactRow.objects.count()
    theirs = (
        state_of(bob),
        actions(bob),
        [row for row in RulingRow.objects.values_list("data") if "bread" in str(row)],
    )
    erase_preferences(alice)
    erase_preferences(alice)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table in {"items_item", "items_factrow"}:
                continue  # the item is somebody else's words and stays in the feed
            cursor.execute(f"SELECT * FROM {table}")
            assert not any(marker in str(row) for row in cursor.fetchall()), table
    assert state_of(alice)[1] == 0
    assert runtime.graph_store().proposals(alice.key) == ()
    assert not Job.objects.filter(person=alice).exists()
    assert FactRow.objects.count() == facts
    assert theirs[2]
    assert theirs == (
        state_of(bob), actions(bob), [row for row in RulingRow.objects.values_list("data") if "bread" in str(row)]
    )  # fmt: skip
    work()
    assert set(actions(alice).values()) == {"show"}
    wishes(alice, f"no {marker}")
    assert "hide" in actions(alice).values()
    assert Decision.objects.filter(person=alice, is_current=True).count() == 2


def test_the_page_erases_only_what_one_is_sure_of(alice: Person, client: Client) -> None:
    wishes(alice, "no spiders")
    page = client.post(reverse("erase_preferences"), follow=True).content.decode()
    assert "Tick that you are sure" in page
    assert state_of(alice)[1] == 1
    client.post(reverse("erase_preferences"), {"sure": "1"})
    assert state_of(alice)[1] == 0

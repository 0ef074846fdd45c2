"""Items that a person's programs send: stored as theirs alone, decided at once or queued, in few statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from feedguard.accounts.models import Person
from feedguard.decisions import services
from feedguard.decisions.models import Decision, Outbox
from feedguard.feeds import sent
from feedguard.feeds.models import Subscription
from feedguard.feeds.parsed import ParsedMedia
from feedguard.feeds.sent import SentItem, Standing, receive
from feedguard.feeds.services import fetch_now, unsubscribe
from feedguard.items.models import Entry, FactRow, Item, Media
from feedguard.preferences import editing
from feedguard.preferences.selectors import snapshot_of
from tests.feedguard.build import entry, reads, wishes, work

pytestmark = pytest.mark.django_db
SPIDER = SentItem(id="1", service="youtube", title="A spider", text="in the bath")
BREAD = SentItem(id="2", service="youtube", title="Bread", text="for the week")


def actions(standings: list[Standing]) -> list[str]:
    return [found.decision.action if found.decision else "pending" for found in standings]


@contextmanager
def statements() -> Iterator[dict[str, list[str]]]:
    """Reads and writes inside, without the marks of transactions."""
    found: dict[str, list[str]] = {"reads": [], "writes": []}
    with CaptureQueriesContext(connection) as captured:
        yield found
    for query in captured.captured_queries:
        sql = query["sql"]
        if sql.startswith("SELECT"):
            found["reads"].append(sql)
        elif sql.startswith(("INSERT", "UPDATE", "DELETE")):
            found["writes"].append(sql)


def many(count: int, word: str = "garden") -> list[SentItem]:
    return [SentItem(id=f"{word}{n}", service="youtube", title=f"{word} {n}", text=f"about {n}") for n in range(count)]


def test_what_no_wish_names_is_decided_at_once_and_the_rest_by_a_worker(alice: Person) -> None:
    wishes(alice, "no spiders")
    assert actions(receive(alice, [SPIDER, BREAD])) == ["pending", "show"]
    assert Outbox.objects.get(kind="decide").priority < services.DECIDE.priority
    work()
    assert actions(receive(alice, [SPIDER, BREAD])) == ["hide", "show"]


def test_an_exact_rule_needs_no_worker(alice: Person) -> None:
    editing.add_rule(alice, "word", "spider", "blur")
    work()
    found = receive(alice, [SPIDER])
    assert actions(found) == ["blur"]
    assert found[0].decision
    assert Decision.objects.get(person=alice).outcome["evidence"][0]["quote"] == "spider"


def test_what_the_worker_decides_afterwards_is_the_same(alice: Person) -> None:
    editing.add_rule(alice, "word", "spider", "blur")
    wishes(alice, "no beetles")
    items = [SPIDER, BREAD]
    at_once = receive(alice, items)
    services.decide_items(alice, [found.item_id for found in at_once])
    assert actions(receive(alice, items)) == actions(at_once) == ["blur", "show"]


def test_known_items_take_two_reads_and_no_write(alice: Person) -> None:
    wishes(alice, "no spiders")
    receive(alice, many(30))
    for count in (3, 30):
        with statements() as done:
            assert set(actions(receive(alice, many(count)))) == {"show"}
        assert (len(done["reads"]), len(done["writes"])) == (2, 0)


def test_new_items_take_three_reads_and_one_transaction_of_four_bulk_writes(alice: Person) -> None:
    wishes(alice, "no spiders")
    receive(alice, [BREAD])
    picture = ParsedMedia(url="https://harbour.example/p.png", kind="image")
    for word, media in (("garden", ()), ("shed", (picture,))):
        mixed = [*many(20, word), *many(20, f"spider {word}")]
        with statements() as done:
            receive(alice, [replace(one, media=media) for one in mixed])
        assert len(done["reads"]) <= 3
        assert len(done["writes"]) <= 4, done["writes"]
    work()
    assert set(actions(receive(alice, many(20, "spider garden")))) == {"hide"}


def test_every_pending_item_ends_in_one_decision(alice: Person) -> None:
    wishes(alice, "no spiders")
    batch = many(25, "spider") + many(25)
    receive(alice, batch)
    work()
    assert sorted(set(actions(receive(alice, batch)))) == ["hide", "show"]
    assert Decision.objects.filter(person=alice, is_current=True).count() == 50
    assert not Outbox.objects.filter(kind="decide").exists()


def test_a_changed_text_is_judged_again(alice: Person) -> None:
    wishes(alice, "no spiders")
    receive(alice, [BREAD])
    changed = replace(BREAD, text="a spider in the loaf", media=(ParsedMedia(url="", kind="image", alt="a web"),))
    assert actions(receive(alice, [changed])) == ["pending"]
    assert actions(receive(alice, [changed])) == ["pending"]
    work()
    assert actions(receive(alice, [changed])) == ["hide"]
    assert (Item.objects.count(), Media.objects.get().alt) == (1, "a web")


def test_a_changed_wish_makes_known_items_pending_once_more(alice: Person) -> None:
    receive(alice, [SPIDER])
    assert snapshot_of(alice).seq == 0
    wishes(alice, "no spiders")
    assert actions(receive(alice, [SPIDER])) == ["pending"]
    work()
    assert actions(receive(alice, [SPIDER])) == ["hide"]


def test_a_decision_whose_time_has_come_is_pending(alice: Person) -> None:
    wishes(alice, "no spiders today")
    receive(alice, [SPIDER])
    work()
    assert actions(receive(alice, [SPIDER])) == ["hide"]
    Decision.objects.update(valid_until=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    assert actions(receive(alice, [SPIDER])) == ["pending"]


def test_the_persons_own_word_outlives_a_changed_wish(alice: Person) -> None:
    receive(alice, [SPIDER])
    services.override(alice, Decision.objects.get(), "hide")
    wishes(alice, "no beetles")
    assert actions(receive(alice, [SPIDER])) == ["hide"]


def test_work_that_had_died_is_asked_for_again(alice: Person) -> None:
    wishes(alice, "no spiders")
    receive(alice, [SPIDER])
    Outbox.objects.update(dead=True)
    assert actions(receive(alice, [SPIDER])) == ["pending"]
    work()
    assert actions(receive(alice, [SPIDER])) == ["hide"]


def test_the_same_item_from_two_devices_at_one_moment_is_one_item(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = receive(alice, [BREAD])
    looked = []

    def blind_at_first(*args: Any) -> Any:
        looked.append(True)
        return {} if len(looked) == 1 else known(*args)

    known = sent._known
    monkeypatch.setattr(sent, "_known", blind_at_first)
    again = receive(alice, [BREAD, SPIDER])
    assert len(looked) == 2
    assert again[0].item_id == first[0].item_id
    assert Item.objects.count() == 2


def test_two_people_who_send_the_same_share_nothing(alice: Person, bob: Person) -> None:
    wishes(alice, "no spiders")
    receive(alice, [SPIDER])
    assert actions(receive(bob, [SPIDER])) == ["show"]
    wishes(bob, "no spiders")
    receive(bob, [SPIDER])
    work()
    assert Item.objects.count() == 2
    hashes = set(FactRow.objects.values_list("content_hash", flat=True))
    assert len(hashes) == 2, "facts are salted per person"


def test_what_was_sent_stands_in_log_and_source_but_does_not_flood_the_feed(alice: Person) -> None:
    editing.add_rule(alice, "word", "spider", "hide")
    receive(alice, [SPIDER, BREAD])
    reads(alice, entry(1, "From a feed"))
    client = Client()
    client.force_login(alice)
    page = client.get("/").content.decode()
    assert "From a feed" in page
    assert "Bread" not in page
    source = Subscription.objects.get(source__title="youtube").source
    assert "Bread" in client.get(f"/?source={source.id}").content.decode()
    assert "A spider" in client.get("/log").content.decode()
    sources = client.get("/sources").content.decode()
    assert "sent by your devices" in sources
    assert "sent:" not in client.get("/sources/opml").content.decode()


def test_such_a_source_is_never_fetched_goes_whole_and_comes_back(alice: Person) -> None:
    receive(alice, [BREAD])
    subscription = Subscription.objects.get()
    fetch_now(subscription.source)
    assert not Outbox.objects.filter(kind="fetch").exists()
    unsubscribe(subscription)
    assert not Item.objects.exists()
    assert not Decision.objects.exists()
    assert actions(receive(alice, [BREAD, SPIDER])) == ["show", "show"]
    assert Entry.objects.count() == 2
    assert Subscription.objects.count() == 1


def test_a_link_that_a_feed_has_too_stays_two_items(alice: Person) -> None:
    reads(alice, entry(1, "Bread", url="https://harbour.example/1"))
    found = receive(alice, [replace(BREAD, url="https://harbour.example/1")])
    assert Entry.objects.filter(item=found[0].item_id).exists()
    assert Entry.objects.count() == 2

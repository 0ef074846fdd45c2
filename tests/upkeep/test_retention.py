"""What is removed for its age, and what stays."""

from __future__ import annotations

import datetime as dt
import os
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from feedguard.accounts.models import Person
from feedguard.decisions.models import Decision, Job, Outbox
from feedguard.decisions.schedule import start_schedule
from feedguard.decisions.services import ask_for_expired
from feedguard.feeds.ingest import ingest
from feedguard.feeds.models import Source, Subscription
from feedguard.feeds.parsed import ParsedMedia
from feedguard.feeds.services import subscribe
from feedguard.items.models import Entry, FactRow, Item, Media, Picture, RulingRow
from feedguard.preferences.selectors import state_of
from feedguard.upkeep.models import Heartbeat
from feedguard.upkeep.retention import tidy
from tests.feedguard.build import actions, entry, reads, wishes, work

pytestmark = pytest.mark.django_db
SPIDER = "A spider in the bath"
NOW = timezone.now()


@pytest.fixture(autouse=True)
def _exports(settings: Any, tmp_path: Any) -> None:
    settings.EXPORTS = tmp_path / "exports"


def older(days: int, **where: Any) -> None:
    """Let items, with their entries, have come in this many days ago."""
    when = NOW - dt.timedelta(days=days)
    items = Item.objects.filter(**where)
    Entry.objects.filter(item__in=items).update(created_at=when)
    items.update(created_at=when)


def test_items_lose_their_content_after_thirty_days_and_the_log_still_says_what_was_hidden(alice: Person) -> None:
    reads(alice, entry(1, SPIDER, "It waits."), entry(2, "Bread"))
    wishes(alice, "no spiders")
    older(31, title=SPIDER)
    removed = tidy(NOW)
    assert (removed.entries, removed.items_emptied, removed.decisions) == (1, 1, 0)
    item = Item.objects.get(title=SPIDER)
    assert (item.text, item.html, item.author) == ("", "", "")
    assert item.emptied_at is not None
    assert [e.item.title for e in Entry.objects.filter(person=alice)] == ["Bread"]
    client = Client()
    client.force_login(alice)
    log = client.get(reverse("log")).content.decode()
    assert SPIDER in log
    assert "removed for its age" in log
    assert client.get(reverse("why", args=[item.id])).status_code == 404
    assert tidy(NOW) == type(removed)()


def test_an_item_that_its_feed_still_lists_does_not_come_back_as_new(alice: Person) -> None:
    subscription = reads(alice, entry(1, SPIDER, "It waits."))
    work()
    older(120)
    Decision.objects.update(made_at=NOW - dt.timedelta(days=120))
    Source.objects.update(body_at=Item.objects.get().seen_at)
    tidy(NOW)
    assert ingest(subscription.source, [entry(1, SPIDER, "It waits, changed.")], NOW) == 0
    assert Item.objects.get().text == ""
    assert not Entry.objects.exists()
    Source.objects.update(body_at=timezone.now() + dt.timedelta(minutes=1))
    assert tidy(NOW).items == 1
    assert not Item.objects.exists()


def test_decisions_go_after_ninety_days_with_their_facts_and_rulings(alice: Person) -> None:
    reads(alice, entry(1, SPIDER), entry(2, "Spider crabs"))
    wishes(alice, "no spiders")
    assert RulingRow.objects.count() >= 2
    older(91, title=SPIDER)
    gone = Decision.objects.filter(item__title=SPIDER)
    hashes = set(gone.values_list("content_hash", flat=True))
    gone.update(made_at=NOW - dt.timedelta(days=91))
    Decision.objects.filter(item__title="Spider crabs").update(made_at=NOW - dt.timedelta(days=91))
    tidy(NOW)
    assert actions(alice) == {"Spider crabs": "hide"}, "what still stands in the feed keeps its decision"
    assert not FactRow.objects.filter(content_hash__in=hashes).exists()
    assert not RulingRow.objects.filter(content_hash__in=hashes).exists()
    assert FactRow.objects.exists()


def test_a_person_can_keep_a_source_longer_or_shorter(alice: Person, bob: Person) -> None:
    short = reads(alice, entry(1, SPIDER))
    long = reads(alice, entry(2, "Roses", url="https://garden.example/2"), url="https://garden.example/feed")
    subscribe(bob, "https://harbour.example/feed")
    client = Client()
    client.force_login(alice)
    for subscription, days in ((short, "7"), (long, "365")):
        client.post(reverse("change_source", args=[subscription.id]), {"do": "keep", "keep_days": days})
    older(10)
    tidy(NOW)
    assert [e.item.title for e in Entry.objects.filter(person=alice)] == ["Roses"]
    assert [e.item.title for e in Entry.objects.filter(person=bob)] == [SPIDER]
    assert Item.objects.get(title=SPIDER).emptied_at is None
    older(100)
    tidy(NOW)
    assert not Entry.objects.filter(person=bob).exists()
    assert Item.objects.get(title=SPIDER).emptied_at is not None
    assert [e.item.title for e in Entry.objects.filter(person=alice)] == ["Roses"]
    answer = client.post(reverse("change_source", args=[long.id]), {"do": "keep", "keep_days": "-1"}, follow=True)
    assert "Choose for how many days" in answer.content.decode()
    assert Subscription.objects.get(pk=long.pk).keep_days == 365


def test_pictures_go_with_their_items_and_a_file_stays_while_another_picture_has_it(
    alice: Person, settings: Any
) -> None:
    def picture(name: str) -> tuple[ParsedMedia, ...]:
        return (ParsedMedia(f"https://harbour.example/{name}", "image"),)

    reads(
        alice,
        entry(1, SPIDER, media=picture("a")),
        entry(2, "B", media=picture("b")),
        entry(3, "C", media=picture("c")),
    )
    work()
    for name, digest in (("a", "1" * 64), ("b", "1" * 64), ("c", "2" * 64)):
        Picture.objects.filter(url__endswith=f"/{name}").update(state="ready", sha256=digest)
        (settings.PICTURES / digest).write_bytes(b"x")
    orphan, fresh = settings.PICTURES / ("3" * 64), settings.PICTURES / ("4" * 64)
    for path in (orphan, fresh):
        path.write_bytes(b"x")
    os.utime(orphan, (NOW.timestamp() - 90_000,) * 2)
    older(31, title__in=[SPIDER, "C"])
    assert tidy(NOW).pictures == 2
    assert sorted(p.name[0] for p in settings.PICTURES.iterdir()) == ["1", "4"]
    assert list(Media.objects.values_list("item__title", flat=True)) == ["B"]


def test_exemplars_outlive_everything_until_the_person_removes_them(alice: Person) -> None:
    from feedguard.preferences import accepting
    from tests.feedguard.build import do_job

    reads(alice, entry(1, SPIDER))
    work()
    job = do_job(alice, "say", {"sentence": "no spiders", "replaces": ""})
    accepting.accept(alice, job.result["proposal"], {str(Item.objects.get().id): "right"})
    work()
    older(400)
    Decision.objects.update(made_at=NOW - dt.timedelta(days=400))
    Source.objects.update(body_at=timezone.now() + dt.timedelta(minutes=1))
    tidy(NOW)
    assert not Item.objects.exists()
    (exemplar,) = (e for e in state_of(alice)[0].entities.values() if e.kind == "exemplar")
    assert exemplar.excerpt.startswith(SPIDER)


def test_what_left_the_feed_is_not_asked_for_again_and_again_when_its_time_ends(alice: Person) -> None:
    reads(alice, entry(1, SPIDER), entry(2, "Bread"))
    work()
    Decision.objects.update(valid_until=NOW)
    older(31, title=SPIDER)
    tidy(NOW)
    ask_for_expired()
    bread = Item.objects.get(title="Bread")
    assert list(Outbox.objects.filter(kind="decide").values_list("key", flat=True)) == [f"{alice.id}:{bread.id}"]


def test_old_jobs_go(alice: Person) -> None:
    old = Job.objects.create(person=alice, kind="say", input={}, state="done")
    asked = Job.objects.create(person=alice, kind="classify", input={}, state="waiting")
    kept = Job.objects.create(person=alice, kind="say", input={}, state="done")
    Job.objects.filter(pk=old.pk).update(created_at=NOW - dt.timedelta(days=31))
    Job.objects.filter(pk=asked.pk).update(created_at=NOW - dt.timedelta(hours=2))
    tidy(NOW)
    assert list(Job.objects.values_list("pk", flat=True)) == [kept.pk]


def test_it_comes_by_itself_and_the_worker_shows_that_it_lives(db: None, own_graph: None) -> None:
    start_schedule()
    work("tidy", "heartbeat")
    assert Heartbeat.objects.get(name="worker").at >= NOW
    due = dict(Outbox.objects.filter(kind__in=["tidy", "heartbeat"]).values_list("kind", "due_at"))
    assert due["tidy"] > timezone.now() + dt.timedelta(hours=5)
    assert due["heartbeat"] < timezone.now() + dt.timedelta(minutes=1)

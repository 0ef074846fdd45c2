"""From an item in a feed to one current decision that the person can contest."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.decisions import outbox, services, tasks
from feedguard.decisions.models import Appeal, Decision, Outbox, Override
from feedguard.decisions.outbox import Work
from feedguard.feeds.ingest import canonical_key, ingest
from feedguard.feeds.models import Source
from feedguard.feeds.services import subscribe, unsubscribe
from feedguard.items.models import AlsoIn, Entry, FactRow, Item
from feedguard.preferences import accepting, editing
from feedguard.preferences import services as preferences
from feedguard.preferences.history import history
from feedguard.preferences.models import SnapshotHead
from feedguard.preferences.selectors import snapshot_of, state_of
from graph.errors import Conflict, InvalidDelta
from tests.feedguard.build import actions, do_job, entry, reads, wishes, work

pytestmark = pytest.mark.django_db
SPIDER = "A spider in the bath"


def test_a_new_item_is_decided_by_the_wishes_that_hold(alice: Person) -> None:
    wishes(alice, "no spiders")
    reads(alice, entry(1, SPIDER), entry(2, "Bread"))
    work()
    assert actions(alice) == {SPIDER: "hide", "Bread": "show"}


def test_accepting_a_wish_judges_the_unread_again_and_says_how_many_changed(alice: Person) -> None:
    reads(alice, entry(1, SPIDER), entry(2, "Bread"), entry(3, "Old spider"))
    work()
    Entry.objects.filter(item__title="Old spider").update(read_at=timezone.now())
    job = do_job(alice, "say", {"sentence": "no spiders", "replaces": ""})
    _, rejudge = accepting.accept(alice, job.result["proposal"], {})
    work()
    rejudge.refresh_from_db()
    assert rejudge.result == {"judged": 2, "newly_hidden": 1, "newly_shown": 0}
    assert actions(alice) == {SPIDER: "hide", "Bread": "show", "Old spider": "show"}


def test_nothing_counts_before_it_is_accepted(alice: Person) -> None:
    reads(alice, entry(1, SPIDER))
    job = do_job(alice, "say", {"sentence": "no spiders", "replaces": ""})
    work()
    preview = runtime.graph_store().proposal(alice.key, job.result["proposal"]).detail["preview"]
    assert [row["title"] for row in preview["hits"]] == [SPIDER]
    assert actions(alice) == {SPIDER: "show"}
    accepting.reject(alice, job.result["proposal"])
    assert state_of(alice)[1] == 0
    with pytest.raises(Conflict):
        accepting.accept(alice, job.result["proposal"], {})


def test_what_was_tapped_as_wrong_stays_as_the_person_said(alice: Person) -> None:
    reads(alice, entry(1, SPIDER), entry(2, "Spider web"))
    work()
    item = Item.objects.get(title=SPIDER)
    job = do_job(alice, "say", {"sentence": "no spiders", "replaces": ""})
    accepting.accept(alice, job.result["proposal"], {str(item.id): "wrong"})
    work()
    assert actions(alice) == {SPIDER: "show", "Spider web": "hide"}
    assert [e.caught for e in state_of(alice)[0].entities.values() if e.kind == "exemplar"] == [False]


def test_saying_a_wish_otherwise_replaces_it_and_undo_brings_it_back(alice: Person) -> None:
    reads(alice, entry(1, SPIDER, "a toy spider"), entry(2, "Spider web"))
    wishes(alice, "no spiders")
    old = next(e for e in state_of(alice)[0].entities.values() if e.kind == "intent")
    job = do_job(alice, "say", {"sentence": "no spiders, but toys are fine", "replaces": old.id})
    delta, _ = accepting.accept(alice, job.result["proposal"], {})
    work()
    assert actions(alice) == {SPIDER: "show", "Spider web": "hide"}
    preferences.undo(alice, delta.id)
    work()
    assert actions(alice) == {SPIDER: "hide", "Spider web": "hide"}


def test_pausing_resuming_and_undoing_a_wish(alice: Person) -> None:
    reads(alice, entry(1, SPIDER))
    wishes(alice, "no spiders")
    intent = next(e.id for e in state_of(alice)[0].entities.values() if e.kind == "intent")
    paused, _ = editing.set_status(alice, intent, "paused")
    work()
    assert actions(alice) == {SPIDER: "show"}
    preferences.undo(alice, paused.id)
    work()
    assert actions(alice) == {SPIDER: "hide"}
    assert [line.undone for line in history(alice)[0]] == [False, True, False]


def test_a_wish_ends_by_the_clock_alone(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    reads(alice, entry(1, SPIDER))
    wishes(alice, "no spiders today")
    decision = Decision.objects.get(person=alice, is_current=True)
    assert decision.action == "hide"
    later = decision.valid_until + dt.timedelta(seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    services.ask_for_expired()
    work()
    assert actions(alice) == {SPIDER: "show"}


def test_undo_is_at_once_and_outlives_later_judgements(alice: Person) -> None:
    reads(alice, entry(1, SPIDER))
    wishes(alice, "no spiders")
    services.override(alice, Decision.objects.get(person=alice, is_current=True), "show")
    assert actions(alice) == {SPIDER: "show"}
    wishes(alice, "no baths")
    assert actions(alice) == {SPIDER: "show"}
    services.withdraw_override(alice, Item.objects.get().id)
    work()
    assert actions(alice) == {SPIDER: "hide"}


def test_an_appeal_is_obeyed_and_kept(alice: Person) -> None:
    reads(alice, entry(1, SPIDER))
    wishes(alice, "no spiders")
    services.appeal(alice, Decision.objects.get(person=alice, is_current=True), "it is a toy")
    assert actions(alice) == {SPIDER: "show"}
    assert Appeal.objects.get().text == "it is a toy"
    assert Override.objects.get().action == "show"


def test_the_same_item_and_the_same_task_twice_leave_one_current_decision(alice: Person) -> None:
    wishes(alice, "no spiders")
    subscription = reads(alice, entry(1, SPIDER))
    ingest(subscription.source, [entry(1, SPIDER)], timezone.now())
    claims = outbox.claim(("text",), 10)
    tasks.work(tasks.as_message(claims))
    tasks.work(tasks.as_message(claims))
    services.decide_items(alice, [Item.objects.get().id])
    assert Decision.objects.filter(person=alice).count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.bulk_create(
            [
                Decision(
                    **{f.name: getattr(Decision.objects.get(), f.name) for f in Decision._meta.fields if f.name != "id"}
                )
            ]
        )


def test_a_graph_that_changes_while_judging_is_never_decided_by_stale(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads(alice, entry(1, SPIDER))
    real = services.judge
    calls = []

    def slow(person: Person, items: object, snapshot: object) -> object:
        outcomes = real(person, items, snapshot)  # type: ignore[arg-type]
        if not calls:
            calls.append(1)
            editing.add_rule(person, "word", "spider", "hide")
        return outcomes

    monkeypatch.setattr(services, "judge", slow)
    services.decide_items(alice, [Item.objects.get().id])
    assert actions(alice) == {SPIDER: "hide"}
    assert Decision.objects.get(is_current=True).seq == 1


def test_a_changed_text_under_a_known_id_is_judged_again(alice: Person) -> None:
    wishes(alice, "no spiders")
    subscription = reads(alice, entry(1, "Bread"))
    work()
    ingest(subscription.source, [entry(1, SPIDER)], timezone.now())
    work()
    assert actions(alice) == {SPIDER: "hide"}
    assert Decision.objects.count() == 2


def test_doubles_by_content_within_a_source_are_passed_over(alice: Person) -> None:
    reads(alice, entry(1), entry(2))
    assert Item.objects.count() == 1


def test_one_article_in_two_sources_is_one_entry(alice: Person) -> None:
    reads(alice, entry(1, url="https://www.harbour.example/a?utm_source=x#top"))
    reads(alice, entry(9, url="http://harbour.example/a/", text="Other words"), url="https://planet.example/feed")
    assert Entry.objects.filter(person=alice).count() == 1
    assert AlsoIn.objects.count() == 1
    assert canonical_key("https://a.example/x?b=1&a=2") == canonical_key("http://www.a.example/x/?a=2&b=1&utm_medium=y")
    assert canonical_key("https://a.example/x?a=1") != canonical_key("https://a.example/x?a=2")
    assert canonical_key("") == ""


def test_people_share_sources_and_facts_but_nothing_else(alice: Person, bob: Person) -> None:
    wishes(alice, "no spiders")
    reads(alice, entry(1, SPIDER))
    reads(bob)
    work()
    assert (actions(alice), actions(bob)) == ({SPIDER: "hide"}, {SPIDER: "show"})
    assert Source.objects.count() == Item.objects.count() == FactRow.objects.count() == 1
    assert snapshot_of(bob).seq == 0


def test_facts_of_a_private_address_are_salted_for_each_person(alice: Person, bob: Person) -> None:
    for person in (alice, bob):
        reads(person, entry(1, SPIDER), url="https://harbour.example/feed?key=secret")
    work()
    assert FactRow.objects.count() == 2


def test_unsubscribing_takes_the_entries_and_leaves_others_theirs(alice: Person, bob: Person) -> None:
    mine = reads(alice, entry(1))
    reads(bob)
    unsubscribe(mine)
    assert (Entry.objects.filter(person=alice).count(), Entry.objects.filter(person=bob).count()) == (0, 1)
    subscribe(alice, "https://harbour.example/feed")
    assert Entry.objects.filter(person=alice).count() == 1


def test_a_crash_between_graph_and_projection_is_caught_up(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    reads(alice, entry(1, SPIDER))

    def crash(person: Person) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patched:
        patched.setattr(preferences, "project", crash)
        with pytest.raises(RuntimeError):
            editing.add_rule(alice, "word", "spider", "hide")
    assert not SnapshotHead.objects.exists()
    assert preferences.catch_up() == 1
    assert preferences.catch_up() == 0
    work()
    assert actions(alice) == {SPIDER: "hide"}


def test_rules_guards_and_their_errors(alice: Person) -> None:
    reads(alice, entry(1, SPIDER), entry(2, "Bread"))
    assert [row["title"] for row in editing.try_rule(alice, "word", "spider")] == [SPIDER]
    editing.add_rule(alice, "word", "spider", "blur")
    work()
    assert actions(alice) == {SPIDER: "blur", "Bread": "show"}
    editing.add_guard(alice, "author", "ida")
    work()
    assert actions(alice) == {SPIDER: "show", "Bread": "show"}
    with pytest.raises(InvalidDelta):
        editing.set_status(alice, "0190aaaa-0000-7000-8000-000000000000", "paused")
    with pytest.raises(InvalidDelta):
        editing.set_action(alice, next(iter(state_of(alice)[0].entities)), "explode")


WORK = Work("decide", "text")


def test_a_lease_holds_others_off_until_it_ends(alice: Person) -> None:
    outbox.enqueue(WORK, ["a"])
    first = outbox.claim(("text",), 5)
    assert outbox.claim(("text",), 5) == []
    Outbox.objects.update(leased_until=timezone.now() - dt.timedelta(seconds=1))
    second = outbox.claim(("text",), 5)
    assert second[0].attempts == 2
    outbox.finish(first)
    assert outbox.held(first) == []
    assert Outbox.objects.exists()
    outbox.finish(second)
    assert not Outbox.objects.exists()


def test_work_asked_for_again_while_in_work_is_done_once_more(alice: Person) -> None:
    outbox.enqueue(WORK, ["a"])
    claims = outbox.claim(("text",), 5)
    outbox.enqueue(WORK, ["a", "a"])
    outbox.finish(claims)
    assert len(outbox.claim(("text",), 5)) == 1


def test_failures_wait_longer_each_time_and_end_dead(alice: Person) -> None:
    outbox.enqueue(WORK, ["a", "b"])
    a, b = outbox.claim(("text",), 5)
    assert outbox.fail(a, "no", permanent=True)
    assert not outbox.fail(b, "later", permanent=False)
    rows = {row.key: row for row in Outbox.objects.all()}
    assert rows[a.key].dead
    assert rows[b.key].due_at > timezone.now()
    assert outbox.claim(("text",), 5) == []


@pytest.mark.parametrize(
    ("data", "field"),
    [({"sentence": "x" * 3000}, "sentence"), ({"sentence": "  "}, "sentence"), ({"sentence": "no spiders", "replaces": "gone"}, "replaces")],
)  # fmt: skip
def test_a_sentence_that_cannot_be_a_wish_ends_in_one_clear_error(
    alice: Person, data: dict[str, str], field: str
) -> None:
    job = do_job(alice, "say", data)
    assert (job.state, job.error_field) == ("failed", field)
    assert job.error
    assert runtime.graph_store().proposals(alice.key) == ()

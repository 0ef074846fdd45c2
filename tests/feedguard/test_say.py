"""A sentence becomes a proposal with a preview; a question waits for its answer; an appeal proposes and never applies."""

from __future__ import annotations

from typing import Any

import pytest

from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.decisions import services
from feedguard.decisions.models import Decision, Job, Override
from feedguard.items.models import Item
from feedguard.preferences import accepting, editing
from feedguard.preferences.revising import parts
from feedguard.preferences.selectors import state_of
from graph.errors import Conflict, InvalidDelta
from graph.proposals import Proposal
from graph.types import Exception_, Exemplar, Facet
from tests.feedguard.build import actions, do_job, entry, reads, wishes, work

pytestmark = pytest.mark.django_db
SPIDER = "A spider in the bath"


def said(person: Person, sentence: str) -> Proposal:
    return proposal(person, do_job(person, "say", {"sentence": sentence, "replaces": ""}))


def proposal(person: Person, job: Job) -> Proposal:
    assert job.state == "done", job.error
    found = runtime.graph_store().proposal(person.key, job.result["proposal"])
    assert found is not None
    return found


def accepted(person: Person, found: Proposal, **verdicts: str) -> None:
    accepting.accept(person, found.id, {key.replace("_", "-"): value for key, value in verdicts.items()})
    work()


def titles(found: Proposal, name: str) -> list[str]:
    return [row["title"] for row in found.detail["preview"][name]]


def alive(person: Person, kind: type) -> list[Any]:
    return [e for e in state_of(person)[0].entities.values() if isinstance(e, kind) and e.status == "active"]


def test_later_words_propose_a_change_of_the_wish_with_what_it_shows_again(alice: Person) -> None:
    reads(alice, entry(1, SPIDER), entry(2, "A toy spider"), entry(3, "Bread"))
    wishes(alice, "no spiders")
    found = said(alice, "toy spiders are fine though")
    assert found.detail["lines"] == ["Except where it is about “toy spiders” (for “no spiders”)."]
    assert found.detail["preview"]["summary"] == "Shows 1 more."
    assert titles(found, "newly_shown") == ["A toy spider"]
    assert actions(alice) == {SPIDER: "hide", "A toy spider": "hide", "Bread": "show"}
    accepted(alice, found)
    assert actions(alice) == {SPIDER: "hide", "A toy spider": "show", "Bread": "show"}
    assert [e.text for e in alive(alice, Facet)] == ["spiders"]


def test_a_question_waits_and_each_answer_is_a_proposal_of_its_own(alice: Person) -> None:
    reads(alice, entry(1, "Gambling and the law"), entry(2, "Bread"))
    found = said(alice, "gambling")
    assert [c["label"] for c in found.detail["question"]["choices"]] == ["everything about it", "only what promotes it"]
    with pytest.raises(InvalidDelta, match="question"):
        accepting.accept(alice, found.id, {})
    chosen = proposal(alice, do_job(alice, "choose", {"proposal": found.id, "choice": 1}))
    assert chosen.detail["question"] is None
    assert titles(chosen, "hits") == []
    assert runtime.graph_store().proposal(alice.key, found.id).state == "rejected"  # type: ignore[union-attr]
    again = do_job(alice, "choose", {"proposal": found.id, "choice": 0})
    assert (again.state, again.error_field) == ("failed", "proposal")
    accepted(alice, chosen)
    assert [[e.value for e in f.elements] for f in alive(alice, Facet)] == [["ads", "gambling"]]


def test_an_answer_that_was_not_offered_is_refused(alice: Person) -> None:
    found = said(alice, "gambling")
    job = do_job(alice, "choose", {"proposal": found.id, "choice": 7})
    assert (job.state, job.error_field) == ("failed", "choice")


def test_elements_and_exceptions_can_be_changed_before_accepting(alice: Person) -> None:
    reads(alice, entry(1, "Tutoring for parents"), entry(2, "Parents"), entry(3, "Tutoring for parents, free"))
    found = said(alice, "no tutoring for parents that scares worried teachers, but toys are fine")
    names = {e["value"]: e["name"] for f in found_parts(found)["facets"] for e in f["elements"]}
    exception = found_parts(found)["exceptions"][0]["name"]
    answers = (
        {names["worried teachers"]: "remove", exception: "", "x-new": "free ones"}
        if "worried teachers" in names
        else {}
    )
    assert answers, names
    job = do_job(alice, "revise", {"proposal": found.id, "answers": answers})
    changed = proposal(alice, job)
    assert "worried teachers" not in str(changed.detail["lines"])
    assert "free ones" in str(changed.detail["lines"])
    accepted(alice, changed)
    assert [e.text for e in alive(alice, Exception_)] == ["free ones"]


def found_parts(found: Proposal) -> dict[str, Any]:
    return parts(found.ops)


def test_a_stated_element_made_implied_widens_the_preview(alice: Person) -> None:
    reads(alice, entry(1, "Puppy training at home"), entry(2, "Puppy pictures"))
    found = said(alice, "no puppy with training")
    names = {e["value"]: e["name"] for e in found_parts(found)["facets"][0]["elements"]}
    changed = proposal(
        alice, do_job(alice, "revise", {"proposal": found.id, "answers": {names["training"]: "implied"}})
    )
    assert titles(found, "hits") == ["Puppy training at home"]
    assert sorted(titles(changed, "hits")) == ["Puppy pictures", "Puppy training at home"]
    job = do_job(alice, "revise", {"proposal": changed.id, "answers": {names["puppy"]: "remove"}})
    assert (job.state, job.error_field) == ("failed", names["puppy"][:-1] + "0")


def test_the_preview_warns_of_what_the_person_had_confirmed(alice: Person) -> None:
    reads(alice, entry(1, SPIDER), entry(2, "A toy spider"))
    work()
    items = {item.title: str(item.id) for item in Item.objects.all()}
    wishes(alice, "no spiders", **{items[SPIDER].replace("-", "_"): "right"})
    assert [e.caught for e in alive(alice, Exemplar)] == [True]
    found = said(alice, "spiders in the bath are fine")
    assert found.detail["preview"]["summary"] == "Shows 1 more, shows 1 that you had confirmed hidden."
    assert [row["confirmed"] for row in found.detail["preview"]["flips"]] == [True]
    toy = said(alice, "toy spiders are fine")
    assert toy.detail["preview"]["flips"] == []


def test_an_exemplar_is_judged_by_its_excerpt_once_the_item_is_gone(alice: Person) -> None:
    reads(alice, entry(1, SPIDER))
    work()
    wishes(alice, "no spiders", **{str(Item.objects.get().id).replace("-", "_"): "right"})
    Item.objects.all().delete()
    found = said(alice, "spiders in the bath are fine")
    assert [row["title"].splitlines()[0] for row in found.detail["preview"]["flips"]] == [SPIDER]


def test_a_sentence_that_says_a_wish_otherwise_keeps_its_question(alice: Person) -> None:
    wishes(alice, "no spiders")
    old = state_of(alice)[0]
    intent = next(key for key, e in old.entities.items() if e.kind == "intent")
    job = do_job(alice, "say", {"sentence": "gambling", "replaces": intent})
    chosen = proposal(alice, do_job(alice, "choose", {"proposal": job.result["proposal"], "choice": 0}))
    accepted(alice, chosen)
    assert [f.text for f in alive(alice, Facet)] == ["gambling"]


def appealed(person: Person, title: str, text: str = "") -> Job:
    decision = Decision.objects.get(person=person, is_current=True, item__title=title)
    services.appeal(person, decision, text)
    work()
    return Job.objects.filter(person=person, kind="reflect").latest("created_at")


def test_an_appeal_proposes_an_exception_on_the_facet_and_applies_nothing(alice: Person) -> None:
    reads(alice, entry(1, SPIDER), entry(2, "A wooden spider toy"), entry(3, "Spider web"))
    wishes(alice, "no spiders")
    before = state_of(alice)
    job = appealed(alice, "A wooden spider toy", "it is a toy")
    assert state_of(alice) == before
    found = proposal(alice, job)
    assert found.source == "appeal"
    assert found.detail["lines"] == ["Except where it is about “toy” (for “spiders”)."]
    held = [op.after["target"] for op in found.ops if op.field == "link"]
    assert [before[0].entities[key].kind for key in held] == ["facet"]
    accepted(alice, found)
    Override.objects.all().delete()
    services.decide_items(alice, [item.id for item in Item.objects.all()])
    assert actions(alice) == {SPIDER: "hide", "A wooden spider toy": "show", "Spider web": "hide"}
    assert [(e.caught, e.excerpt.splitlines()[0]) for e in alive(alice, Exemplar)] == [(False, "A wooden spider toy")]


def test_without_words_the_appeal_asks_what_sets_the_item_apart_least_change_first(alice: Person) -> None:
    reads(alice, entry(1, "Spider garden"), entry(2, "Spider garden ornaments"), entry(3, "Garden spider"))
    wishes(alice, "no spiders")
    found = proposal(alice, appealed(alice, "Spider garden ornaments"))
    question = found.detail["question"]
    assert [c["label"] for c in question["choices"]] == [
        "it is about “ornaments”", "it is about “garden”", "nothing of this: be milder with all of them",
    ]  # fmt: skip
    chosen = proposal(alice, do_job(alice, "choose", {"proposal": found.id, "choice": 0}))
    assert chosen.detail["lines"] == ["Except where it is about “ornaments” (for “spiders”)."]
    assert titles(chosen, "newly_shown") == []  # the person's own word shows it already
    accepted(alice, chosen)
    assert [e.caught for e in alive(alice, Exemplar)] == [False]


def test_a_rule_has_no_exceptions_so_it_is_weakened(alice: Person) -> None:
    reads(alice, entry(1, SPIDER))
    editing.add_rule(alice, "word", "spider", "hide")
    work()
    found = proposal(alice, appealed(alice, SPIDER))
    assert found.detail["appeal"]["kind"] == "weaker facet"
    assert found.detail["lines"] == ["“the word spider”: what it catches is now covered instead of hidden."]


def test_what_should_have_been_hidden_relaxes_an_element_or_becomes_a_wish(alice: Person) -> None:
    reads(alice, entry(1, "Puppy training"), entry(2, "Storm warning in May"))
    wishes(alice, "no puppy with training for seniors")
    work()
    found = proposal(alice, appealed(alice, "Puppy training"))
    assert found.detail["appeal"]["kind"] == "relaxed"
    assert "no longer needed" in found.detail["lines"][0]
    wish = proposal(alice, appealed(alice, "Storm warning in May", "no storms"))
    assert wish.detail["appeal"]["kind"] == "wish"
    accepted(alice, wish)
    assert "storms" in [f.text for f in alive(alice, Facet)]
    assert [e.caught for e in alive(alice, Exemplar)] == [True]


def test_an_exception_that_let_something_through_is_proposed_to_go(alice: Person) -> None:
    reads(alice, entry(1, "A toy spider"))
    wishes(alice, "no spiders, but toys are fine")
    found = proposal(alice, appealed(alice, "A toy spider"))
    assert found.detail["lines"] == ["Remove the exception “toys”."]


def test_nothing_is_proposed_where_the_wishes_would_not_do_it_again(alice: Person) -> None:
    reads(alice, entry(1, SPIDER))
    wishes(alice, "no spiders")
    decision = Decision.objects.get(person=alice, is_current=True)
    services.appeal(alice, decision)
    facet = next(key for key, e in state_of(alice)[0].entities.items() if e.kind == "intent")
    editing.set_status(alice, facet, "paused")
    work()
    job = Job.objects.filter(kind="reflect").latest("created_at")
    assert job.result["proposal"] == ""
    assert "would not do this again" in job.result["note"]


def test_nobody_answers_or_changes_the_proposal_of_another(alice: Person, bob: Person) -> None:
    found = said(alice, "gambling")
    for kind, data in (("choose", {"choice": 0}), ("revise", {"answers": {}})):
        job = do_job(bob, kind, {"proposal": found.id, **data})
        assert (job.state, job.error_field) == ("failed", "proposal")
    assert runtime.graph_store().proposal(alice.key, found.id).state == "open"  # type: ignore[union-attr]


def test_a_crash_after_the_commit_leaves_a_proposal_that_a_second_click_closes(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = said(alice, "no spiders")
    store = runtime.graph_store()

    def crash(*args: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patched:
        patched.setattr(store, "close_proposal", crash)
        with pytest.raises(RuntimeError):
            accepting.accept(alice, found.id, {})
    before = state_of(alice)
    accepting.accept(alice, found.id, {})
    assert state_of(alice) == before
    assert store.proposals(alice.key) == ()
    with pytest.raises(Conflict, match="already accepted"):
        accepting.accept(alice, found.id, {})

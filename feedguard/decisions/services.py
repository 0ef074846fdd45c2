"""Deciding: from items and a snapshot to one current decision each, and the person's own word on it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from agents.types import Context, Outcome
from agents.types import Item as PipelineItem
from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.decisions.jobs import start_job
from feedguard.decisions.models import Appeal, Decision, Override
from feedguard.decisions.outbox import Work, enqueue, hasten
from feedguard.items.models import Entry, FactRow, RulingRow
from feedguard.items.selectors import pipeline_items
from feedguard.preferences.selectors import head_seq, snapshot_of
from graph.snapshot import Snapshot

DECIDE = Work("decide", "text", priority=5, batch=50)
READER = "reader"
"""Work that carries decisions into the person's own reader, where they have asked for that."""
TRY_AGAIN = dt.timedelta(seconds=30)
REJUDGED_AT_ONCE = 2_000
"""Unread items that a changed wish re-judges, newest first; older ones follow when they are looked at."""


def ask_to_decide(person: Person, item_ids: Iterable[uuid.UUID]) -> None:
    """Queue these items; to be called in the transaction that makes it necessary."""
    enqueue(DECIDE, [f"{person.id}:{item}" for item in item_ids], person=person.id)


def stands(decision: Decision, *, seq: int, now: dt.datetime) -> bool:
    """Whether a current decision answers for the graph at this sequence number, now."""
    timely = decision.valid_until is None or decision.valid_until > now
    return decision.stage == "override" or (decision.seq >= seq and timely)


def as_decision(person: Person, item_id: uuid.UUID, key: str, outcome: Outcome, seq: int) -> Decision:
    """The row of an outcome, not stored yet. `key` is the content hash that was judged."""
    return Decision(
        person=person,
        item_id=item_id,
        action=outcome.action,
        target=outcome.target,
        reason=outcome.reason,
        wish=outcome.wish,
        stage=outcome.stage,
        certainty=outcome.certainty,
        score=outcome.score,
        state=outcome.state,
        seq=seq,
        content_hash=key,
        valid_until=outcome.valid_until,
        outcome=outcome.model_dump(mode="json"),
        made_at=runtime.clock().now(),
    )


def decide_items(person: Person, item_ids: Sequence[uuid.UUID]) -> int:
    """Judge these items under the person's present graph. Returns how many actions changed.

    Idempotent: the same outcome twice leaves one current decision. If the graph or an override changes while
    judging, what was judged is judged again rather than stored stale.
    """
    changed = 0
    ids = list(dict.fromkeys(item_ids))
    while ids:
        snapshot = snapshot_of(person)
        items = pipeline_items(person, ids)
        outcomes = judge(person, items, snapshot)
        ids = []
        with transaction.atomic():
            if head_seq(person) != snapshot.seq:
                ids = [uuid.UUID(item.id) for item in items]
                continue
            words = _overrides(person, items)
            for item in items:
                outcome = outcomes[item.id]
                if words.get(item.id, "") != (outcome.action if outcome.stage == "override" else ""):
                    ids.append(uuid.UUID(item.id))
                    continue
                changed += _store(person, item, outcome, snapshot)
            _try_again(person, [item for item in items if outcomes[item.id].degraded])
    return changed


def judge(person: Person, items: Sequence[PipelineItem], snapshot: Snapshot) -> Mapping[str, Outcome]:
    """Outcomes by item id, without storing them."""
    words = _overrides(person, items)
    now = runtime.clock().now()
    contexts = {
        item.id: Context(now=now, time_zone=person.time_zone, override=words.get(item.id, "")) for item in items
    }
    return runtime.pipeline().run(items, snapshot, contexts)


def _overrides(person: Person, items: Sequence[PipelineItem]) -> dict[str, str]:
    rows = Override.objects.filter(person=person, item__in=[item.id for item in items])
    return {str(item): action for item, action in rows.values_list("item", "action")}


def _try_again(person: Person, degraded: Sequence[PipelineItem]) -> None:
    """Judge once more later what a stage failed on; what fails a second time stays shown as it is."""
    failed_before = set(
        Decision.objects.filter(
            person=person, item__in=[item.id for item in degraded], is_current=False, state="provisional"
        ).values_list("item_id", flat=True)
    )
    keys = [f"{person.id}:{item.id}" for item in degraded if uuid.UUID(item.id) not in failed_before]
    if keys:
        enqueue(DECIDE, keys, person=person.id, due_at=timezone.now() + TRY_AGAIN)


def _store(person: Person, item: PipelineItem, outcome: Outcome, snapshot: Snapshot) -> bool:
    current = Decision.objects.filter(person=person, item=item.id, is_current=True).first()
    data = outcome.model_dump(mode="json")
    if current is not None:
        if current.outcome == data and current.content_hash == item.content_hash and not outcome.degraded:
            Decision.objects.filter(pk=current.pk).update(seq=snapshot.seq)
            return False
        Decision.objects.filter(pk=current.pk).update(is_current=False)
    as_decision(person, uuid.UUID(item.id), item.content_hash, outcome, snapshot.seq).save(force_insert=True)
    return current is None or current.action != outcome.action


def override(person: Person, decision: Decision, action: str) -> Decision:
    """The person's own word on an item: takes effect at once and outlives every later judgement."""
    with transaction.atomic():
        Override.objects.update_or_create(person=person, item_id=decision.item_id, defaults={"action": action})
        hasten(READER, person.id)
        outcome = Outcome.model_validate(decision.outcome).model_copy(
            update={
                "action": action,
                "stage": "override",
                "certainty": 1.0,
                "valid_until": None,
                "reason": f"You chose to {'see' if action == 'show' else 'hide'} this one.",
            }
        )
        Decision.objects.filter(person=person, item_id=decision.item_id, is_current=True).update(is_current=False)
        return Decision.objects.create(
            person=person,
            item_id=decision.item_id,
            action=action,
            target=decision.target,
            reason=outcome.reason,
            wish=decision.wish,
            stage="override",
            certainty=1.0,
            score=decision.score,
            state="final",
            seq=decision.seq,
            content_hash=decision.content_hash,
            outcome=outcome.model_dump(mode="json"),
            made_at=timezone.now(),
        )


def withdraw_override(person: Person, item_id: uuid.UUID) -> None:
    """Let FeedGuard decide this item again."""
    with transaction.atomic():
        if Override.objects.filter(person=person, item_id=item_id).delete()[0]:
            ask_to_decide(person, [item_id])


def appeal(person: Person, decision: Decision, text: str = "") -> Appeal:
    """The person says that the decision was wrong: its opposite is obeyed at once, the appeal is kept, and a job
    looks for the smallest change of their wishes that would have avoided it, to be proposed."""
    shown = decision.action in {"show", "star"}
    should_be = "hide" if shown else "show"
    with transaction.atomic():
        made, _ = Appeal.objects.update_or_create(
            decision=decision, defaults={"person": person, "should_be": should_be, "text": text[:1000]}
        )
        override(person, decision, should_be)
        start_job(person, "reflect", {"appeal": str(made.id)})
    return made


def forget_contents(hashes: Iterable[str]) -> None:
    """Drop the facts and rulings of contents that no decision refers to any more."""
    asked = set(hashes)
    held = set(Decision.objects.filter(content_hash__in=asked).values_list("content_hash", flat=True))
    FactRow.objects.filter(content_hash__in=asked - held).delete()
    RulingRow.objects.filter(content_hash__in=asked - held).delete()


def unread_items(person: Person, limit: int = REJUDGED_AT_ONCE) -> list[uuid.UUID]:
    """Ids of the newest unread items of the person."""
    entries = Entry.objects.filter(person=person, read_at__isnull=True).order_by("-published_at", "-id")
    return list(entries.values_list("item_id", flat=True)[:limit])


def ask_for_expired() -> None:
    """Queue every item in a person's feed whose decision has come to the end of its time."""
    now = timezone.now()
    standing = Entry.objects.filter(person=OuterRef("person"), item=OuterRef("item"))
    due = Decision.objects.filter(Exists(standing), valid_until__lte=now, is_current=True)
    by_person: dict[Person, list[uuid.UUID]] = {}
    for decision in due.select_related("person")[:2_000]:
        by_person.setdefault(decision.person, []).append(decision.item_id)
    for person, items in by_person.items():
        with transaction.atomic():
            ask_to_decide(person, items)

"""What the API reads, always for one person."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

from feedguard.accounts.models import Person
from feedguard.api.errors import NotFound
from feedguard.decisions.models import Decision, Job
from feedguard.decisions.services import stands
from feedguard.feeds.models import Subscription
from feedguard.items.models import Entry
from feedguard.preferences.selectors import head_seq, state_of
from feedguard.runtime import clock
from graph.errors import InvalidDelta
from graph.types import Entity, Facet, Guard, Intent, Scope


def current_decision(person: Person, item_id: uuid.UUID) -> Decision:
    found = Decision.objects.filter(person=person, item=item_id, is_current=True).first()
    if found is None:
        raise NotFound("decision")
    return found


def entry_of(person: Person, item_id: uuid.UUID) -> Entry:
    found = Entry.objects.filter(person=person, item=item_id).select_related("item__source").first()
    if found is None:
        raise NotFound("item")
    return found


def standing_of(person: Person, items: Sequence[uuid.UUID]) -> tuple[list[Decision], dict[uuid.UUID, int]]:
    """Current decisions of these items, and those pending with the sequence number that they wait for."""
    wanted = set(items)
    if Entry.objects.filter(person=person, item__in=wanted).count() < len(wanted):
        raise NotFound("item")
    seq, now = head_seq(person), clock().now()
    rows = Decision.objects.filter(person=person, item__in=wanted, is_current=True).defer("outcome")
    decided = {row.item_id: row for row in rows if stands(row, seq=seq, now=now)}
    order = list(dict.fromkeys(items))
    return [decided[i] for i in order if i in decided], {i: seq for i in order if i not in decided}


def job_of(person: Person, job_id: uuid.UUID) -> Job:
    found = Job.objects.filter(person=person, pk=job_id).first()
    if found is None:
        raise NotFound("job")
    return found


def subscription_of(person: Person, source_id: uuid.UUID) -> Subscription:
    found = Subscription.objects.filter(person=person, pk=source_id).select_related("source").first()
    if found is None:
        raise NotFound("source")
    return found


def wish_id_of(person: Person, wish_id: uuid.UUID) -> str:
    return _alive(person, wish_id, (Intent,), "wish").id


def limit_id_of(person: Person, wish_id: uuid.UUID) -> str:
    """The time limit of a wish. Raises NotFound, InvalidDelta for a wish without one."""
    wish = wish_id_of(person, wish_id)
    state, _ = state_of(person)
    holders = [wish, *(facet.id for facet in state.sources("REFINES", wish))]
    scopes = (scope for holder in holders for scope in state.targets("SCOPED_TO", holder))
    limit = next((s.id for s in scopes if isinstance(s, Scope) and s.status == "active" and s.until), None)
    if limit is None:
        raise InvalidDelta("This wish has no time limit.", field="until")
    return limit


def rule_id_of(person: Person, rule_id: uuid.UUID) -> str:
    found = _alive(person, rule_id, (Facet,), "rule")
    if isinstance(found, Facet) and found.rule is None:
        raise NotFound("rule")
    return found.id


def guard_id_of(person: Person, guard_id: uuid.UUID) -> str:
    return _alive(person, guard_id, (Guard,), "guard").id


def _alive(person: Person, entity_id: uuid.UUID, kinds: Collection[type], what: str) -> Entity:
    """An entity of the person's graph that was not removed."""
    entity = state_of(person)[0].entities.get(str(entity_id))
    if entity is None or type(entity) not in kinds or entity.status == "retired":
        raise NotFound(what)
    return entity

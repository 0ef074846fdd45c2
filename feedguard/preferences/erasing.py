"""Erasing a person's preferences from every store and cache: no tombstone is left."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.decisions.models import Decision, Job
from feedguard.decisions.services import ask_to_decide, unread_items
from feedguard.items.models import RulingRow
from feedguard.preferences.models import CarriedFields, SnapshotHead
from graph.proposals import ProposalState

_STATES: tuple[ProposalState, ...] = ("open", "accepted", "rejected")
_CHUNK = 200


def erase_preferences(person: Person) -> None:
    """Remove the person's graph, its log and proposals, the projection, and what was derived from them: cached
    rulings, decisions (which quote wishes), and jobs (which hold sentences). Unread items are decided anew.

    To be called outside of a transaction; safe to call again after a failure, since the graph goes last but for
    what is found through it.
    """
    forget_rulings(wish_ids(person.key))
    runtime.graph_store().erase(person.key)
    with transaction.atomic():
        SnapshotHead.objects.filter(person=person).delete()
        CarriedFields.objects.filter(person=person).delete()
        Job.objects.filter(person=person).delete()
        Decision.objects.filter(person=person).delete()
        ask_to_decide(person, unread_items(person))


def wish_ids(key: str) -> set[str]:
    """Ids of everything that was ever wished or proposed by the person of this key, and of what was erased since."""
    store = runtime.graph_store()
    log = store.log(key)
    proposed = [proposal for state in _STATES for proposal in store.proposals(key, state)]
    named = {op.target for change in [*log, *proposed] for op in change.ops}
    return named | {touched.id for change in log for touched in change.erased}


def forget_rulings(wishes: Iterable[str]) -> None:
    """Remove cached rulings on these wishes: they repeat the person's words."""
    keys = sorted(wishes)
    for start in range(0, len(keys), _CHUNK):
        RulingRow.objects.filter(data__wish__in=keys[start : start + _CHUNK]).delete()

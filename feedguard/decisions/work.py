"""Worker tasks of deciding."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError

from feedguard.accounts.models import Person
from feedguard.decisions import outbox, services
from feedguard.decisions.jobs import Progress, do_job
from feedguard.decisions.models import Decision
from feedguard.decisions.schedule import EXPIRE, again
from feedguard.decisions.tasks import Failures

CHUNK = 200


def decide(keys: Sequence[str]) -> Failures:
    """Keys are `person:item`. One item that fails does not keep back the others."""
    by_person: dict[str, list[str]] = {}
    for key in keys:
        by_person.setdefault(key.partition(":")[0], []).append(key)
    failures: dict[str, Exception] = {}
    for person in Person.objects.filter(id__in=by_person):
        own = by_person[str(person.id)]
        items = {key: uuid.UUID(key.partition(":")[2]) for key in own}
        try:
            services.decide_items(person, list(items.values()))
        except DatabaseError as error:
            failures.update(dict.fromkeys(own, error))
    return failures


def jobs(keys: Sequence[str]) -> Failures:
    for key in keys:
        do_job(key)
    return {}


def expire(keys: Sequence[str]) -> Failures:
    """Queue what the clock has changed."""
    services.ask_for_expired()
    again(EXPIRE)
    return {}


def rejudge(person: Person, data: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Judge the unread items under the present graph and tell what changed for the person."""
    items = services.unread_items(person)
    before = _hidden(person)
    for start in range(0, len(items), CHUNK):
        progress(f"{start} of {len(items)} unread items looked at again")
        services.decide_items(person, items[start : start + CHUNK])
    after = _hidden(person)
    outbox.hasten(services.READER, person.id)
    return {"judged": len(items), "newly_hidden": len(after - before), "newly_shown": len(before - after)}


def _hidden(person: Person) -> set[uuid.UUID]:
    current = Decision.objects.filter(person=person, is_current=True, action__in=["hide", "blur", "label"])
    return set(current.values_list("item_id", flat=True))

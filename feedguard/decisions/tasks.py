"""The one Celery task: it ends leased outbox rows by the handler of their kind."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from celery import shared_task
from django.db import close_old_connections
from django.utils.module_loading import import_string

from feedguard.decisions import outbox
from feedguard.decisions.outbox import Claim

log = logging.getLogger(__name__)
Failures = Mapping[str, Exception]
Handler = Callable[[Sequence[str]], Failures]
"""Takes the keys of one kind and returns the failures by key. Idempotent; takes ids, loads, calls a service."""

HANDLERS: Mapping[str, str] = {
    "fetch": "feedguard.feeds.work.fetch",
    "article": "feedguard.feeds.work.articles",
    "picture": "feedguard.feeds.work.pictures",
    "decide": "feedguard.decisions.work.decide",
    "job": "feedguard.decisions.work.jobs",
    "catch_up": "feedguard.preferences.work.catch_up",
    "expire": "feedguard.decisions.work.expire",
    "reader": "feedguard.readers.work.reader",
    "heartbeat": "feedguard.upkeep.work.heartbeat",
    "tidy": "feedguard.upkeep.work.tidy",
    "erase": "feedguard.upkeep.work.erase",
}


@shared_task(name="feedguard.work", ignore_result=True)
def work(claims: list[dict[str, Any]]) -> None:
    """Do the work of these claims (all of one kind), and end or give back each row."""
    close_old_connections()
    try:
        _do(outbox.held([Claim(**claim) for claim in claims]))
    finally:
        close_old_connections()


def as_message(claims: Sequence[Claim]) -> list[dict[str, Any]]:
    return [dataclasses.asdict(claim) for claim in claims]


def _do(claims: Sequence[Claim]) -> None:
    if not claims:
        return
    handler: Handler = import_string(HANDLERS[claims[0].kind])
    try:
        failures = handler([claim.key for claim in claims])
    except Exception as error:  # one boundary: whatever a handler lets through ends as a recorded failure
        log.exception("work of kind %s failed", claims[0].kind)
        failures = {claim.key: error for claim in claims}
    outbox.finish([claim for claim in claims if claim.key not in failures])
    for claim in claims:
        if claim.key in failures:
            error = failures[claim.key]
            permanent = bool(getattr(error, "permanent", False))
            outbox.fail(claim, f"{type(error).__name__}: {error}", permanent=permanent)

"""People's feeds for the tests of the Django side. Work that a worker would do is done here, in order."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from feedguard.accounts.models import Person
from feedguard.decisions import outbox, tasks
from feedguard.decisions.jobs import start_job
from feedguard.decisions.models import Decision, Job
from feedguard.feeds.ingest import ingest
from feedguard.feeds.models import Subscription
from feedguard.feeds.parsed import ParsedEntry, ParsedMedia, content_hash
from feedguard.feeds.services import subscribe
from feedguard.preferences.accepting import accept


def entry(number: int | str, title: str = "A title", text: str = "Some text", **changes: Any) -> ParsedEntry:
    media: tuple[ParsedMedia, ...] = changes.pop("media", ())
    values: dict[str, Any] = {
        "external_id": str(number), "url": f"https://harbour.example/{number}", "title": title, "author": "Ida", "html": "",
        "text": text, "published_at": dt.datetime(2026, 5, 4, 10, tzinfo=dt.UTC), "updated_at": None, "kind": "post",
        "word_count": len(text.split()), "duration_seconds": None, "language": "en", "media": media,
        "content_hash": content_hash(title, text, "Ida", media),
    }  # fmt: skip
    return ParsedEntry(**{**values, **changes})


def reads(person: Person, *entries: ParsedEntry, url: str = "https://harbour.example/feed") -> Subscription:
    """The person reads a source with these entries."""
    subscription, _ = subscribe(person, url, title="Harbour Notes")
    ingest(subscription.source, entries, timezone.now())
    return subscription


def work(*kinds: str) -> None:
    """Do all due work of these kinds, as the worker would."""
    for _ in range(20):
        claims = outbox.claim(("interactive", "text", "feeds"), 500)
        mine = [c for c in claims if c.kind in (kinds or ("decide", "job"))]
        outbox.release([c for c in claims if c not in mine])
        if not mine:
            return
        for kind in sorted({c.kind for c in mine}):
            tasks.work(tasks.as_message([c for c in mine if c.kind == kind]))


def do_job(person: Person, kind: str, data: dict[str, Any]) -> Job:
    job = start_job(person, kind, data)
    work("job")
    job.refresh_from_db()
    return job


def wishes(person: Person, sentence: str, **verdicts: str) -> str:
    """The person says a wish and accepts it; returns the proposal's id."""
    job = do_job(person, "say", {"sentence": sentence, "replaces": ""})
    assert job.state == "done", job.error
    proposal: str = job.result["proposal"]
    accept(person, proposal, {key.replace("_", "-"): value for key, value in verdicts.items()})
    work()
    return proposal


def actions(person: Person) -> dict[str, str]:
    """Titles with the current action."""
    current = Decision.objects.filter(person=person, is_current=True).select_related("item")
    return {d.item.title: d.action for d in current}

"""Tags for an article that a person's reader asks about.

An article that stands in the person's feed already is answered from its decision, the person's own word included.
Any other is judged by the worker, as a job, under the wishes that hold; nothing of it is kept as an item.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import time
from collections.abc import Sequence
from typing import Any

from django.conf import settings

from agents.types import Item, Media
from feedguard.accounts.models import Person
from feedguard.decisions.jobs import Progress, start_job
from feedguard.decisions.models import Decision, Job
from feedguard.decisions.services import forget_contents, judge
from feedguard.feeds.clean import clean_line, html_to_text
from feedguard.feeds.ingest import canonical_key
from feedguard.feeds.models import Subscription
from feedguard.ids import uuid7
from feedguard.preferences.selectors import head_seq, snapshot_of
from feedguard.readers.marks import PREFIXES, wish_name
from feedguard.readers.prompts import Article

WAIT_SECONDS = 20.0
"""Less than the 30 seconds that FreshRSS waits; asked again, a reader finds the same job."""
LOOK_EVERY_SECONDS = 0.1


class NotYet(Exception):
    """The worker has not come to it in time."""


def tags_for(person: Person, article: Article, allowed: Sequence[str]) -> list[str]:
    """`feedguard:` and the action, and the wish's name; nothing for what is shown. Raises NotYet."""
    action, heading = _decided(person, article) or _judged(person, article)
    if action not in PREFIXES:
        return []
    tags = [f"feedguard:{action}", *([wish_name(heading)] if heading else [])]
    return [tag for tag in tags if not allowed or tag in allowed]


def _decided(person: Person, article: Article) -> tuple[str, str] | None:
    key = canonical_key(article.url)
    if not key:
        return None
    decisions = Decision.objects.filter(person=person, is_current=True, item__entries__person=person)
    found = decisions.filter(item__entries__canonical=key).select_related("item").first()
    if found is None or clean_line(article.title).casefold() != found.item.title.casefold():
        return None
    return found.action, found.outcome.get("heading", "")


def _judged(person: Person, article: Article) -> tuple[str, str]:
    job = _job(person, article)
    deadline = time.monotonic() + WAIT_SECONDS
    while job.state not in {Job.State.DONE, Job.State.FAILED}:
        if time.monotonic() > deadline:
            raise NotYet
        time.sleep(LOOK_EVERY_SECONDS)
        try:
            job.refresh_from_db()
        except Job.DoesNotExist:  # another request for the same article took the answer
            raise NotYet from None
    result = job.result
    job.delete()
    if result is None:
        raise NotYet
    return result["action"], result["heading"]


def _job(person: Person, article: Article) -> Job:
    """The job for this article under these wishes, also one that an earlier request did not wait out."""
    data = dataclasses.asdict(article)
    digest = hashlib.sha256(repr((sorted(data.items()), head_seq(person))).encode(errors="replace")).hexdigest()
    there = Job.objects.filter(person=person, kind="classify", input__digest=digest).first()
    return there or start_job(person, "classify", {"digest": digest, "article": data})


def classify(person: Person, data: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Job: judge one article that is no item of ours."""
    item = _as_item(person, Article(**data["article"]))
    outcome = judge(person, [item], snapshot_of(person))[item.id]
    forget_contents([item.content_hash])
    return {"action": outcome.action, "heading": outcome.heading, "reason": outcome.reason}


def _as_item(person: Person, article: Article) -> Item:
    from feedguard.feeds.language import detect_language

    title, text = clean_line(article.title)[:1000], html_to_text(article.text)
    own = Subscription.objects.filter(person=person, source__url=article.feed_url).select_related("source").first()
    salt = f"{settings.SECRET_KEY}{person.key}".encode()
    body = "\x1f".join([title, text, article.author, article.url]).encode(errors="replace")
    return Item(
        id=str(uuid7()),
        content_hash=hmac.new(salt, body, hashlib.sha256).hexdigest(),
        title=title,
        text=text,
        author=clean_line(article.author)[:300],
        source=str(own.source) if own else clean_line(article.feed)[:300],
        folder=own.folder if own else "",
        link=article.url[:2000],
        service=own.source.service if own else "web",
        language=detect_language(f"{title}. {text}") or "",
        word_count=len(text.split()),
        media=tuple[Media, ...](),
    )

"""The job that gives a person the demo (see demo_feeds)."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

from django.utils import timezone

from feedguard.accounts.models import Person
from feedguard.decisions.jobs import Progress
from feedguard.feeds.demo_feeds import DATA, FOLDER, WHY, samples, wishes
from feedguard.feeds.ingest import ingest
from feedguard.feeds.models import Source
from feedguard.feeds.parsed import ParsedEntry, ParsedMedia
from feedguard.feeds.pictures import reencode
from feedguard.feeds.services import subscribe
from feedguard.feeds.work import keep
from feedguard.items.models import Picture
from feedguard.preferences.say import parse_for
from feedguard.preferences.selectors import state_of
from feedguard.preferences.services import commit
from graph.types import Intent, Link, Scope, new_id


def load(person: Person, data: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Job: give the person the demo's feeds and wishes. Doing it twice adds nothing."""
    progress("Getting the demo's feeds ready …")
    now = timezone.now()
    feeds = {feed["slug"]: feed for feed in json.loads((DATA / "feeds.json").read_text())}
    for slug, feed in feeds.items():
        subscription, _ = subscribe(person, f"demo:{slug}", title=feed["title"], folder=FOLDER)
        ingest(subscription.source, [_entry(s, now) for s in samples() if s["feed"] == slug], now)
        Source.objects.filter(pk=subscription.source_id).update(
            state=Source.State.WELL, language="en", format="demo", succeeded_at=now, fetched_at=now
        )
    _keep_pictures()
    if not any(isinstance(e, Intent) and e.origin == "imported" for e in state_of(person)[0].entities.values()):
        for wish in wishes():
            progress(f"Saying: {wish['text']}")
            _say(person, wish["text"])
    return {"items": len(samples())}


def _say(person: Person, text: str) -> None:
    parsed = parse_for(person, text)
    scope = (parsed.scope or Scope(id=new_id())).model_copy(update={"folders": (FOLDER,)})
    links = list(parsed.links)
    if parsed.scope is None:
        links.append(Link(kind="SCOPED_TO", source=parsed.intent.id, target=scope.id))
    demo = parsed.model_copy(
        update={
            "intent": parsed.intent.model_copy(update={"origin": "imported"}),
            "scope": scope,
            "links": tuple(links),
        }
    )
    commit(person, demo.ops, why=WHY, actor="import")


def _entry(sample: dict[str, Any], now: dt.datetime) -> ParsedEntry:
    item = sample["item"]
    content = hashlib.sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()
    media = ()
    if item.get("image"):
        picture = f"demo:{item['image']}"
        media = (
            ParsedMedia(url=picture, kind="image", mime="image/png", alt=item.get("alt", ""), duration_seconds=None),
        )
    return ParsedEntry(
        external_id=sample["id"],
        url="",
        title=item["title"],
        author=item["author"],
        html="",
        text=item["text"],
        published_at=now - dt.timedelta(hours=sample["age_hours"]),
        updated_at=None,
        kind=sample.get("kind", "post"),
        word_count=len(item["text"].split()),
        duration_seconds=None,
        language="en",
        media=media,
        content_hash=content,
        extras={},
    )


def _keep_pictures() -> None:
    for picture in Picture.objects.filter(url__startswith="demo:", state=Picture.State.WAITING):
        encoded = reencode((DATA / picture.url.removeprefix("demo:")).read_bytes())
        keep(picture, encoded)

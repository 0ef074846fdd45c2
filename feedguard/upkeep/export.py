"""Everything that a person has, in one zip of JSON files and an OPML file; without the secrets by which they sign in."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q, QuerySet

from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.decisions.jobs import Progress
from feedguard.feeds.models import Subscription
from feedguard.feeds.opml import OpmlFeed, write_opml
from feedguard.ids import uuid7
from feedguard.items.models import Item
from feedguard.upkeep.belongings import rows

SECRETS = ("hash", "sealed", "nonce", "password", "token", "session_key")
"""A field with one of these in its name holds a secret or leads to one. `content_hash` and the like do not."""
OPEN = {"content_hash", "wish_hash"}
ACCOUNT = ("id", "username", "email", "first_name", "last_name", "time_zone", "date_joined", "last_login", "is_staff")
README = """What FeedGuard knows of {name}, as of {now}.

account.json          the account, without its password
subscriptions.opml    your sources, for any feed reader
items.json            the items of your feed and of your decisions
preferences-log.json  every change of your wishes, in order; together they are your wishes
proposals.json        what was proposed to you
tables/               your rows of each table: decisions, your own word on items (override), appeals, jobs, …
"""


def export(person: Person, data: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Job: write the zip. It can be downloaded for a day."""
    settings.EXPORTS.mkdir(mode=0o700, exist_ok=True)
    name = f"{person.id}.{uuid7()}.zip"
    part = settings.EXPORTS / f"{name}.part"
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            counts = _fill(archive, person, progress)
        part.rename(settings.EXPORTS / name)
    finally:
        part.unlink(missing_ok=True)
    return {"file": name, "counts": counts}


def _fill(archive: zipfile.ZipFile, person: Person, progress: Progress) -> dict[str, int]:
    now = runtime.clock().now()
    store = runtime.graph_store()
    archive.writestr("README.txt", README.format(name=person.username, now=f"{now:%Y-%m-%d %H:%M} UTC"))
    account = {name: getattr(person, name) for name in ACCOUNT}
    archive.writestr("account.json", json.dumps(account, cls=DjangoJSONEncoder, indent=1))
    subscriptions = Subscription.objects.filter(person=person).select_related("source")
    feeds = [OpmlFeed(s.source.url, str(s.source), s.folder) for s in subscriptions if not s.source.demo]
    archive.writestr("subscriptions.opml", write_opml(feeds, f"Subscriptions of {person.username}"))
    progress("Your wishes …")
    counts = {
        "changes": _write(archive, "preferences-log.json", (d.model_dump(mode="json") for d in store.log(person.key)))
    }
    proposals = [p for state in ("open", "accepted", "rejected") for p in store.proposals(person.key, state)]  # type: ignore[arg-type]
    _write(archive, "proposals.json", (p.model_dump(mode="json") for p in proposals))
    progress("Your items …")
    own = Q(entries__person=person) | Q(decisions__person=person) | Q(overrides__person=person)
    counts["items"] = _write(archive, "items.json", _values(Item.objects.filter(own).distinct()))
    for table, found in rows(person):
        progress(f"{table} …")
        counts[table] = _write(archive, f"tables/{table}.json", _values(found))
    return {name: count for name, count in counts.items() if count}


def _values(found: QuerySet[Any]) -> Iterable[dict[str, Any]]:
    names = [f.attname for f in found.model._meta.concrete_fields if f.name in OPEN or not _is_secret(f.name)]
    return found.order_by("pk").values(*names).iterator(500)


def _is_secret(name: str) -> bool:
    return any(word in name for word in SECRETS)


def _write(archive: zipfile.ZipFile, name: str, values: Iterable[Any]) -> int:
    """One JSON array, a row a line, without holding it in memory."""
    count = 0
    with archive.open(name, "w") as file:
        file.write(b"[")
        for count, value in enumerate(values, start=1):
            file.write(b",\n" if count > 1 else b"\n")
            file.write(json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False).encode("utf-8", "replace"))
        file.write(b"\n]\n")
    return count


def file_of(person: Person, name: str) -> Path | None:
    """The file of one of this person's exports, while it is there."""
    path: Path = settings.EXPORTS / name
    return path if name.startswith(f"{person.id}.") and path.parent == settings.EXPORTS and path.exists() else None

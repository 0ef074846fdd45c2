"""What is removed for its age.

Items leave a person's feed, and lose their content when no feed has them any more, after FEEDGUARD_KEEP_ITEMS_DAYS
or the days that the person chose for the source. A row with title and ids stays while decisions refer to it, and
while the source still lists it: else the next fetch would bring it as new. Decisions go after
FEEDGUARD_KEEP_DECISIONS_DAYS, with the facts and rulings of their contents. Exemplars lie in the graph and stay
until the person removes them.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from feedguard.accounts.models import SignInLink
from feedguard.decisions.models import Decision, Job
from feedguard.decisions.services import forget_contents
from feedguard.feeds.models import Source
from feedguard.items.models import AlsoIn, Entry, Item, Media, Picture
from feedguard.upkeep.chunks import CHUNK, delete_in_chunks

log = logging.getLogger(__name__)
KEEP_JOBS = dt.timedelta(days=30)
KEEP_QUESTIONS = dt.timedelta(hours=1)
"""How long an article stays that a reader asked about and did not wait for."""
KEEP_FILES = dt.timedelta(days=1)
GONE = {
    "text": "", "html": "", "article_text": "", "article_html": "", "author": "", "thread": "", "extras": {},
}  # fmt: skip


@dataclass
class Removed:
    """How much one turn removed."""

    entries: int = 0
    items_emptied: int = 0
    items: int = 0
    decisions: int = 0
    pictures: int = 0
    jobs: int = 0


def tidy(now: dt.datetime) -> Removed:
    """One turn. Every step stands for itself and may be done again."""
    removed = Removed()
    for source in Source.objects.exclude(url__startswith="demo:").prefetch_related("subscriptions"):
        _age_out(source, now, removed)
    removed.decisions = _decisions(now - dt.timedelta(days=settings.KEEP_DECISIONS_DAYS))
    removed.items = _forgotten_items()
    removed.pictures = remove_pictures(now)
    removed.jobs = _jobs(now)
    Session.objects.filter(expire_date__lt=now).delete()
    SignInLink.objects.filter(expires_at__lt=now).delete()
    remove_exports(now - KEEP_FILES)
    return removed


def _age_out(source: Source, now: dt.datetime, removed: Removed) -> None:
    default: int = settings.KEEP_ITEMS_DAYS
    days = {s.person_id: s.keep_days or default for s in source.subscriptions.all()}
    for person, kept in days.items():
        old = Entry.objects.filter(person=person, item__source=source, created_at__lt=now - dt.timedelta(days=kept))
        removed.entries += delete_in_chunks(old)
    longest = dt.timedelta(days=max(days.values(), default=default))
    held = AlsoIn.objects.filter(item=OuterRef("pk"))
    unread = Item.objects.filter(source=source, emptied_at__isnull=True, created_at__lt=now - longest)
    unread = unread.filter(~Exists(held), entries__isnull=True)
    while keys := list(unread.values_list("pk", flat=True)[:CHUNK]):
        with transaction.atomic():
            Media.objects.filter(item__in=keys).delete()
            Item.objects.filter(pk__in=keys).update(emptied_at=now, **GONE)
        removed.items_emptied += len(keys)


def _decisions(before: dt.datetime) -> int:
    """Old decisions, but for the current one of an item that still stands in the person's feed."""
    standing = Entry.objects.filter(person=OuterRef("person"), item=OuterRef("item"))
    old = Decision.objects.filter(Q(is_current=False) | ~Exists(standing), made_at__lt=before)
    total = 0
    while rows := list(old.values_list("pk", "content_hash")[:CHUNK]):
        with transaction.atomic():
            Decision.objects.filter(pk__in=[key for key, _ in rows]).delete()
            forget_contents({content for _, content in rows})
        total += len(rows)
    return total


def _forgotten_items() -> int:
    """Emptied items that neither a decision nor their source's feed refers to."""
    decided = Decision.objects.filter(item=OuterRef("pk"))
    gone = Q(source__body_at__isnull=False) & (Q(seen_at__isnull=True) | Q(seen_at__lt=F("source__body_at")))
    return delete_in_chunks(Item.objects.filter(gone, ~Exists(decided), emptied_at__isnull=False))


def remove_pictures(now: dt.datetime) -> int:
    """Pictures that no item has, with their files, and files that no picture has had for a day."""
    unused = Picture.objects.filter(media__isnull=True).exclude(url__startswith="demo:")
    hashes = set(unused.exclude(sha256="").values_list("sha256", flat=True))
    total = delete_in_chunks(unused)
    known = set(Picture.objects.exclude(sha256="").values_list("sha256", flat=True))
    for path in settings.PICTURES.iterdir():
        left = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC) < now - KEEP_FILES
        if path.name not in known and (left or path.name in hashes):
            path.unlink(missing_ok=True)
    return total


def _jobs(now: dt.datetime) -> int:
    old = Q(created_at__lt=now - KEEP_JOBS) | Q(kind="classify", created_at__lt=now - KEEP_QUESTIONS)
    return delete_in_chunks(Job.objects.filter(old))


def remove_exports(before: dt.datetime) -> None:
    """Export files written before this instant."""
    if not settings.EXPORTS.exists():
        return
    for path in settings.EXPORTS.iterdir():
        if dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC) < before:
            path.unlink(missing_ok=True)

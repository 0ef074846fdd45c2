"""`doctor`: in one screen, what runs, what does not, and what to do. Looks only; changes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min
from django.utils import timezone

from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.decisions.models import Outbox
from feedguard.feeds.models import Source
from feedguard.preferences.models import SnapshotHead
from feedguard.readers.models import ReaderAccount
from feedguard.upkeep.findings import (
    Finding,
    bad,
    broker,
    data_folder,
    disk,
    installation,
    look,
    one_line,
    risky_settings,
    web,
    well,
)
from feedguard.upkeep.models import Heartbeat
from feedguard.upkeep.work import SILENT_AFTER, WORKER
from graph.copying import verify_all
from graph.errors import GraphError

LATE = dt.timedelta(minutes=5)
NAMED = 5
Check = Callable[[], Iterator[Finding]]


def examine() -> list[Finding]:
    """All findings, in the order in which they would be mended."""
    found = [*data_folder(), *disk()]
    if not _database_is_there():
        return [
            *found,
            bad("database", "there is none yet", "Start FeedGuard once."),
            *installation(),
            *risky_settings(),
        ]
    found += _asked(database)
    if not any(finding.state == "bad" and finding.what == "database" for finding in found):
        for check in (graph, worker, outbox, sources, own_readers):
            found += _asked(check)
    return [*found, *broker(), *web(), *installation(), *risky_settings()]


def _database_is_there() -> bool:
    return connection.vendor != "sqlite" or connection.is_in_memory_db() or (settings.DATA / "app.db").exists()


def _asked(check: Check) -> list[Finding]:
    try:
        return list(check())
    except DatabaseError as error:
        do = "Look at its log; restore a backup."
        if connection.vendor != "sqlite":
            do = "Start PostgreSQL or look at its log, and at FEEDGUARD_DATABASE_URL."
        return [bad(check.__name__, f"the database does not answer ({one_line(error)})", do)]


def database() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        yield bad("database", f"{len(pending)} migrations are pending", "Start FeedGuard, or run manage.py migrate.")
    elif problems := _damage():
        yield bad("database", f"damaged: {problems}", "Stop FeedGuard and restore the last backup (manage.py restore).")
    else:
        people = Person.objects.filter(is_active=True).count()
        yield well("database", f"{connection.vendor}, up to date; {people} people")


def _damage() -> str:
    """What SQLite's own quick check finds; other databases check themselves."""
    if connection.vendor != "sqlite" or connection.is_in_memory_db():
        return ""
    from feedguard.upkeep import sqlite_files

    try:
        sqlite_files.check(settings.DATA / "app.db")
    except sqlite_files.FileBroken as error:
        return str(error)
    return ""


def graph() -> Iterator[Finding]:
    if settings.GRAPH_STORE == "sqlite" and not settings.GRAPH_DB.exists():
        yield well("graph", "nothing was wished yet")
        return
    try:
        people, broken = verify_all(runtime.graph_store())
        heads = runtime.graph_store().heads()
    except GraphError as error:
        do = "Look whether the store of graphs can be reached; else restore a backup."
        if settings.GRAPH_STORE == "neo4j":
            do = "Start Neo4j or look at its log, and at FEEDGUARD_NEO4J_URI and FEEDGUARD_NEO4J_PASSWORD."
        yield bad("graph", one_line(error.message), do)
        return
    projected = {str(key): seq for key, seq in SnapshotHead.objects.values_list("person_id", "seq")}
    behind = sum(seq > projected.get(person, 0) for person, (seq, _) in heads.items())
    if broken:
        yield bad("graph", f"{len(broken)} of {people} damaged: {broken[0]}", "Stop FeedGuard and restore a backup.")
    elif behind:
        yield look("graph", f"{behind} of {people} are not projected yet", "The worker does that within a minute.")
    else:
        yield well("graph", f"{people} graphs in {settings.GRAPH_STORE}, each the fold of its log")


def worker() -> Iterator[Finding]:
    beat = Heartbeat.objects.filter(name=WORKER).first()
    if beat is None or timezone.now() - beat.at > SILENT_AFTER:
        since = f"silent for {_ago(beat.at)}" if beat else "was never seen"
        yield bad("worker", since, "Start FeedGuard; if it runs, look at its log for why the worker ends.")
    else:
        yield well("worker", f"heard {_ago(beat.at)} ago, at work for {_ago(beat.started_at)}")


def outbox() -> Iterator[Finding]:
    now = timezone.now()
    due = Outbox.objects.filter(dead=False, due_at__lte=now)
    oldest = due.aggregate(oldest=Min("due_at"))["oldest"]
    dead = Outbox.objects.filter(dead=True)
    for kind, count in dead.values_list("kind").annotate(Count("id")).order_by("-id__count")[:NAMED]:
        error = dead.filter(kind=kind).values_list("last_error", flat=True).first()
        yield bad(
            "outbox", f"{count} of kind {kind} were given up: {error}", "Mend the cause; a new start tries again."
        )
    if oldest is not None and now - oldest > LATE:
        yield look(
            "outbox", f"{due.count()} rows are due, the oldest for {_ago(oldest)}",
            "The worker does not keep up or does not run. More threads: FEEDGUARD_WORKER_THREADS.",
        )  # fmt: skip
    elif not dead.exists():
        yield well("outbox", f"{due.count()} rows due, {Outbox.objects.count()} in all")


def sources() -> Iterator[Finding]:
    read = Source.objects.filter(subscriptions__isnull=False).distinct()
    failing = read.filter(state__in=[Source.State.FAILING, Source.State.GONE]).order_by("-failures")
    for source in failing[:NAMED]:
        yield look("sources", f"{source.host}: {source.error}", "Look at it on the page Sources.")
    if failing.count() > NAMED:
        yield look("sources", f"{failing.count() - NAMED} more are failing", "The page Sources names them.")
    if not failing:
        yield well("sources", f"{read.count()} are read, none fails")


def own_readers() -> Iterator[Finding]:
    for account in ReaderAccount.objects.exclude(error="").select_related("person")[:NAMED]:
        yield look("readers", f"{account.person.username}: {account.error}", "The page “Your reader” has more.")


def _ago(when: dt.datetime) -> str:
    seconds = int((timezone.now() - when).total_seconds())
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{max(seconds, 0)} seconds"

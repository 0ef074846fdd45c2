import warnings
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from feedguard.celery import QUEUES, app


class Command(BaseCommand):
    help = "Run the worker: the relay of the outbox and the threads that do its work."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queues", nargs="+", choices=QUEUES, default=list(QUEUES), metavar="QUEUE",
                            help=f"whose work it does (default: all of {', '.join(QUEUES)})")  # fmt: skip
        parser.add_argument("--follow-parent", action="store_true", help="end when standard input closes")

    def handle(self, *args: Any, **options: Any) -> None:
        from feedguard import runtime
        from feedguard.decisions.relay import RelayStep
        from feedguard.decisions.schedule import start_schedule
        from feedguard.lifeline import follow_parent

        if options["follow_parent"]:
            follow_parent()
        # It runs as whoever runs FeedGuard, with messages from its own memory alone.
        warnings.filterwarnings("ignore", message="You're running the worker with superuser")
        start_schedule()
        app.steps["worker"].add(RelayStep)
        worker = app.Worker(
            pool="threads",
            concurrency=settings.WORKER_THREADS,
            queues=options["queues"],
            loglevel="WARNING",
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            quiet=True,
        )
        try:
            worker.start()
        finally:
            runtime.close()
        raise SystemExit(worker.exitcode or 0)

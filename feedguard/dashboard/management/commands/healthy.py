import urllib.error
import urllib.request
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from feedguard.decisions.relay import seconds_since_alive

SILENT_SECONDS = 60


class Command(BaseCommand):
    help = "Whether the web or the worker process of this machine is well; for health checks. Exit status 0 or 1."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("process", choices=["web", "worker"])

    def handle(self, *args: Any, **options: Any) -> None:
        trouble = self._web() if options["process"] == "web" else self._worker()
        if trouble:
            raise CommandError(trouble)
        self.stdout.write("well")

    def _web(self) -> str:
        request = urllib.request.Request(f"http://127.0.0.1:{settings.PORT}/health", headers={"Host": "localhost"})
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 – our own address
                return "" if answer.status == 200 else f"the web process answered {answer.status}"
        except (urllib.error.URLError, OSError) as error:
            return f"the web process does not answer ({error})"

    def _worker(self) -> str:
        silent = seconds_since_alive()
        if silent is None:
            return "no worker has run here yet"
        return f"the worker has been silent for {silent:.0f} seconds" if silent > SILENT_SECONDS else ""

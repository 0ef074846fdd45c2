from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from feedguard.upkeep.archive import ArchiveBroken
from feedguard.upkeep.backup import BackupRefused, back_up
from feedguard.upkeep.sqlite_files import FileBroken


class Command(BaseCommand):
    help = "Back the data folder up into one archive, also while FeedGuard runs, and check it."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="archive to write (default: feedguard-TIME.tar.gz here)")

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "sqlite" or settings.GRAPH_STORE != "sqlite":
            raise CommandError("Not everything lies in SQLite files. Use the servers' own tools (docs/operate.md).")
        now = timezone.now()
        target: Path = (options["file"] or Path(f"feedguard-{now:%Y%m%d-%H%M%S}.tar.gz")).absolute()
        try:
            report = back_up(settings.DATA, target, now)
        except (BackupRefused, ArchiveBroken, FileBroken) as error:
            raise CommandError(str(error)) from None
        size = target.stat().st_size / 1024 / 1024
        self.stdout.write(
            f"{target}  {size:.1f} MB\n{report.people} graphs and {report.pictures} pictures; databases, graphs and "
            "hashes were checked.\nIt holds the secret key and everything of everybody: keep it as you keep the data "
            "folder."
        )
        if report.lacking:
            self.stdout.write(f"{report.lacking} pictures are named in the database but have no file.")

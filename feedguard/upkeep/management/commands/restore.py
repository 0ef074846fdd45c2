from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from feedguard.upkeep.archive import ArchiveBroken
from feedguard.upkeep.backup import BackupRefused, restore
from feedguard.upkeep.sqlite_files import FileBroken


class Command(BaseCommand):
    help = "Put a backup in place of the data folder (FEEDGUARD_DATA), after checking all of it."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="archive that `backup` wrote")
        parser.add_argument("--force", action="store_true", help="put a folder that is not empty aside")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = restore(options["file"], settings.DATA, force=options["force"], now=timezone.now())
        except (BackupRefused, ArchiveBroken, FileBroken) as error:
            raise CommandError(f"{error} Nothing was changed.") from None
        self.stdout.write(
            f"Restored into {report.path}: the state of {report.manifest.created_at:%Y-%m-%d %H:%M} UTC, "
            f"{report.people} graphs, {report.pictures} pictures. Start FeedGuard; it brings the database up to date."
        )
        if report.put_aside:
            self.stdout.write(f"What was there before lies in {report.put_aside}.")

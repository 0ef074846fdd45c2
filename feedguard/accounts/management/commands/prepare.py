from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from feedguard.data_folder import DataFolderError, open_data_folder
from feedguard.launch import prepare


class Command(BaseCommand):
    help = "Make everything ready on a server: data folder, migrations of database and graph, the first user."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help="give the first user the demo's feeds and wishes")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            open_data_folder(settings.DATA)
        except DataFolderError as error:
            raise CommandError(str(error)) from None
        for line in prepare(demo=options["demo"]):
            self.stdout.write(line)

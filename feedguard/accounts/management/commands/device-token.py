from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from feedguard.accounts.devices import add_device
from feedguard.accounts.models import SCOPES, Person


class Command(BaseCommand):
    help = "Make a token for a program that acts for a person through the API, and print it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", nargs="?", default="me", help="user name (default: me)")
        parser.add_argument("--name", default="command line", help="the device's name in Settings")
        parser.add_argument(
            "--scopes", default="read", help=f"separated by commas: {', '.join(SCOPES)} (default: read)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        person = Person.objects.filter(username=options["user"], is_active=True).first()
        if person is None:
            raise CommandError(f"There is no user {options['user']!r}.")
        scopes = set(options["scopes"].replace(",", " ").split())
        if not scopes or scopes - set(SCOPES):
            raise CommandError(f"--scopes takes some of: {', '.join(SCOPES)}.")
        self.stdout.write(add_device(person, name=options["name"][:80], scopes=scopes)[1])

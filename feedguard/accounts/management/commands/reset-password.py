import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from feedguard.accounts import throttle
from feedguard.accounts.models import Person


class Command(BaseCommand):
    help = "Give a person a new random password and print it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", nargs="?", default="me", help="user name (default: me)")

    def handle(self, *args: Any, **options: Any) -> None:
        person = Person.objects.filter(username=options["user"]).first()
        if person is None:
            names = ", ".join(Person.objects.values_list("username", flat=True)) or "none yet"
            raise CommandError(f"There is no user {options['user']!r}. Users: {names}.")
        password = secrets.token_urlsafe(12)
        person.set_password(password)
        person.save(update_fields=["password"])
        throttle.succeeded(person.username)
        self.stdout.write(f"User      {person.username}\nPassword  {password}")

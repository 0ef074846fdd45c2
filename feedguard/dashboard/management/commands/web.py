from argparse import ArgumentParser
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand

from feedguard.lifeline import follow_parent


class Command(BaseCommand):
    help = "Run the web process."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--follow-parent", action="store_true", help="end when standard input closes")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["follow_parent"]:
            follow_parent()
        uvicorn.run(
            "feedguard.asgi:application",
            host=settings.HOST,
            port=settings.PORT,
            log_level="warning",
            lifespan="off",
            server_header=False,
            forwarded_allow_ips=settings.TRUSTED_PROXIES,
            timeout_graceful_shutdown=3,
        )

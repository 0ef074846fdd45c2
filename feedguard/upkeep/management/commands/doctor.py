from typing import Any

from django.core.management.base import BaseCommand

from feedguard.upkeep.doctor import examine

SIGNS = {"well": "ok  ", "look": "look", "bad": "BAD "}


class Command(BaseCommand):
    help = "Say what runs, what does not, and what to do. Ends with status 1 where something is bad."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        findings = examine()
        for found in findings:
            style = {"well": self.style.SUCCESS, "look": self.style.WARNING, "bad": self.style.ERROR}[found.state]
            self.stdout.write(f"{style(SIGNS[found.state])}  {found.what:<12} {found.says}")
            if found.do:
                self.stdout.write(f"{'':<19}→ {found.do}")
        if any(found.state == "bad" for found in findings):
            raise SystemExit(1)

"""What deciding reads of a person with 1,000 facets: the snapshot from this process's memory, and from the database.

Measured in a process and a data folder of its own; `python -m tests.bench.snapshot` prints the figures as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.registry import Result, benchmark, milliseconds, percentile
from tests.running import ROOT

FACETS, ROUNDS = 1000, 100


@benchmark("snapshot")
def results() -> Iterator[Result]:
    """Read as the fast path reads it: one look at the head, and the snapshot where it is not known yet."""
    command = [sys.executable, "-m", "tests.bench.snapshot"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    beside = "the head's row, read"
    yield Result(
        f"snapshot of {FACETS:,} facets, loaded from cache: p50", found["kept"][0], "ms", 2, beside, found["row"]
    )
    yield Result(
        f"snapshot of {FACETS:,} facets, loaded from cache: p95", found["kept"][1], "ms", None, beside, found["row"]
    )
    yield Result(
        f"snapshot of {FACETS:,} facets, read from the database", found["read"], "ms", None, beside, found["row"]
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"FEEDGUARD_DATA": folder, "DJANGO_SETTINGS_MODULE": "feedguard.settings"}
        from feedguard.data_folder import open_data_folder

        open_data_folder(Path(folder))
        import django

        django.setup()
        print(json.dumps(_measure()))


def _measure() -> dict[str, object]:
    from django.core.management import call_command

    from feedguard.accounts.models import Person
    from feedguard.preferences.models import SnapshotHead
    from feedguard.preferences.selectors import kept_snapshot, snapshot_of
    from feedguard.preferences.services import commit
    from tests.graph.build import wish

    call_command("migrate", verbosity=0)
    person = Person.objects.create_user("alice")
    commit(person, [op for n in range(FACETS) for op in wish(f"topic {n}", exception="free lessons")[2]], why="bench")
    kept_snapshot(person)
    kept, row = [], []
    for _ in range(ROUNDS):
        kept.append(milliseconds(lambda: kept_snapshot(person)))
        row.append(milliseconds(SnapshotHead.objects.filter(person=person).values_list("seq", "hash").first))
    read = [milliseconds(lambda: snapshot_of(person)) for _ in range(10)]
    return {
        "kept": [percentile(kept, 0.5), percentile(kept, 0.95)],
        "row": percentile(row, 0.5),
        "read": percentile(read, 0.5),
    }


if __name__ == "__main__":
    main()

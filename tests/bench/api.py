"""The API's fast path over HTTP, authentication and database included, against an empty operation in the same run.

`rows()` measures in a process and a data folder of its own; `python -m tests.bench.api` prints the rows as JSON.
"""

from __future__ import annotations

import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.registry import Result, benchmark

ROOT = Path(__file__).parent.parent.parent
ROUNDS, WARM_UP, BATCH = 300, 30, 30
WISHES = (
    "no ads that scare parents into tutoring, but free lessons are fine", "no spiders", "no crypto coins",
    "no diet pills", "no election polls", "no celebrity gossip", "no football transfers", "no spoilers of the film",
    "no horoscopes", "no giveaways", "no rumours about phones", "no house prices", "no lottery tips", "no ghost stories",
    "no traffic jams", "no casino bonuses", "no hunting pictures", "no snakes", "no car crashes", "no wrestling",
)  # fmt: skip


@benchmark("api")
def results() -> Iterator[Result]:
    """The rows as the table of all benchmarks has them; targets as targets.md names them."""
    empty, known, new = rows()
    floor = empty["p50_ms"]
    for row, targets in (
        (empty, {}),
        (known, {"p50_ms": 8 * floor, "p95_ms": 25, "p99_ms": 50}),
        (new, {"p95_ms": 50}),
    ):
        for figure in ("p50_ms", "p95_ms", "p99_ms"):
            what = f"{row['what']}: {figure.removesuffix('_ms')}"
            yield Result(what, row[figure], "ms", targets.get(figure), "an empty operation, p50", floor)


def rows() -> list[dict[str, Any]]:
    """Rows of `what`, `p50_ms`, `p95_ms`, `p99_ms`, `yardstick`, `ratio` and `target`."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.api"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def main() -> None:
    from tests.running import free_port, until

    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        os.environ |= {
            "FEEDGUARD_DATA": folder, "FEEDGUARD_PORT": str(port), "FEEDGUARD_API_PER_MINUTE": "1000000",
            "DJANGO_SETTINGS_MODULE": "tests.bench.api_settings", "FEEDGUARD_LOG_LEVEL": "ERROR",
        }  # fmt: skip
        person, token = _prepare(Path(folder))
        server = subprocess.Popen([sys.executable, "-m", "django", "web"], cwd=ROOT, stdout=subprocess.DEVNULL)
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port)
            until(lambda: _answers(connection), 30)
            print(json.dumps(_measure(connection, person, token)))
        finally:
            server.terminate()
            server.wait(10)


def _prepare(folder: Path) -> tuple[Any, str]:
    """A person with wishes and a token, in a new data folder."""
    from feedguard.data_folder import open_data_folder

    open_data_folder(folder)
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from feedguard.accounts.devices import add_device
    from feedguard.accounts.models import SCOPES, Person
    from feedguard.preferences.say import parse_for
    from feedguard.preferences.services import commit

    person = Person.objects.create_user("alice")
    for sentence in WISHES:
        commit(person, parse_for(person, sentence).ops, why=sentence)
    return person, add_device(person, name="bench", scopes=SCOPES)[1]


def _answers(connection: http.client.HTTPConnection) -> bool:
    try:
        return _ask(connection, "GET", "/empty/nothing")[0] == 200
    except OSError:
        connection.close()
        return False


def _ask(
    connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None, token: str = ""
) -> tuple[int, bytes, float]:
    """Status, body and seconds of one request on a connection that is kept."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"} if token else {}
    started = time.perf_counter()
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    got = answer.read()
    return answer.status, got, time.perf_counter() - started


def _texts() -> list[dict[str, Any]]:
    from feedguard.feeds.demo_feeds import samples

    return [sample["item"] for sample in samples()]


def _batch(texts: list[dict[str, Any]], number: int, kind: str) -> bytes:
    """30 texts of the demo. Each is made another text by its number; no item's id comes twice."""
    chosen = [texts[(number * BATCH + position) % len(texts)] for position in range(BATCH)]
    items = [
        {"id": f"{kind}-{number}-{position}", "service": "bench", "title": one["title"], "author": one["author"],
         "text": f"{one['text']} ({number}.{position})"}
        for position, one in enumerate(chosen)
    ]  # fmt: skip
    return json.dumps({"items": items}).encode()


def _measure(connection: http.client.HTTPConnection, person: Any, token: str) -> list[dict[str, Any]]:
    texts = _texts()
    known = _batch(texts, 0, "known")
    _decide_all(connection, person, token, known)
    seconds: dict[str, list[float]] = {"empty": [], "known": [], "new": []}
    decided = 0

    def decide(body: bytes) -> tuple[float, int]:
        status, answer, took = _ask(connection, "POST", "/api/v1/decide", body, token)
        if status != 200:
            raise AssertionError(answer)
        return took, sum(result["status"] == "decided" for result in json.loads(answer)["results"])

    for number in range(ROUNDS + WARM_UP):  # in turns, so that all meet the same machine
        empty = _ask(connection, "GET", "/empty/nothing")[2]
        of_known, all_known = decide(known)
        of_new, at_once = decide(_batch(texts, number, "new"))
        if all_known != BATCH:
            raise AssertionError(f"only {all_known} of the known items were decided")
        if number >= WARM_UP:
            decided += at_once
            for kind, took in (("empty", empty), ("known", of_known), ("new", of_new)):
                seconds[kind].append(took)
    yardstick = _figures(seconds["empty"])["p50_ms"]
    share = decided / (ROUNDS * BATCH)
    common = {"yardstick": f"empty operation: p50 {yardstick} ms", "n": ROUNDS}
    return [
        {"what": "API, empty operation", **_figures(seconds["empty"]), **common, "ratio": 1.0, "target": ""},
        {"what": "API fast path, 30 known items", **_figures(seconds["known"]), **common,
         "ratio": round(_figures(seconds["known"])["p50_ms"] / yardstick, 2),
         "target": "p50 at most 8 times the empty one, p95 ≤ 25 ms, p99 ≤ 50 ms"},
        {"what": f"API fast path, 30 new texts, {len(WISHES)} wishes ({share:.0%} decided at once)",
         **_figures(seconds["new"]), **common, "ratio": round(_figures(seconds["new"])["p50_ms"] / yardstick, 2),
         "target": "p95 ≤ 50 ms"},
    ]  # fmt: skip


def _decide_all(connection: http.client.HTTPConnection, person: Any, token: str, body: bytes) -> None:
    """Send the items that will be known, and judge in this process those that a worker would."""
    from feedguard.decisions.services import decide_items
    from feedguard.items.models import Item

    _ask(connection, "POST", "/api/v1/decide", body, token)
    decide_items(person, list(Item.objects.values_list("id", flat=True)))


def _figures(seconds: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {f"p{n}_ms": round(cuts[n - 1] * 1000, 2) for n in (50, 95, 99)}


if __name__ == "__main__":
    main()

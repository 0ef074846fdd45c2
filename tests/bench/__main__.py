"""`python -m tests.bench [NAME ...] [--json OUT]`: run the benchmarks and print one table."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
from dataclasses import asdict
from pathlib import Path

from tests.bench.registry import BENCHMARKS, Result

MODULES = ("graph", "snapshot", "api")
"""Modules that register benchmarks, in the order in which they run."""


def main() -> None:
    for module in MODULES:
        importlib.import_module(f"tests.bench.{module}")
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(BENCHMARKS)} (default: all)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures there too")
    options = parser.parse_args()
    if unknown := set(options.names) - set(BENCHMARKS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    results: list[Result] = []
    for name in options.names or BENCHMARKS:
        print(f"running {name} …", file=sys.stderr, flush=True)
        results += BENCHMARKS[name]()
    print(table(results))
    if options.json:
        options.json.write_text(json.dumps(report(results), indent=1, ensure_ascii=False) + "\n")


def table(results: list[Result]) -> str:
    """All figures, a line each."""
    head = ("what", "value", "target", "", "yardstick of the same run", "value")
    rows = [head, *(_row(result) for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _row(result: Result) -> tuple[str, ...]:
    target = f"≤ {result.target:g} {result.unit}" if result.target is not None else "–"
    beside = f"{result.yardstick_value:.2f} {result.unit}" if result.yardstick_value is not None else ""
    return result.what, f"{result.value:.2f} {result.unit}", target, result.verdict, result.yardstick, beside


def report(results: list[Result]) -> dict[str, object]:
    """The figures with what they were measured on."""
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "results": [asdict(result) | {"verdict": result.verdict} for result in results],
    }


if __name__ == "__main__":
    main()

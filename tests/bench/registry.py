"""Benchmarks: what one is, and how it is registered.

A benchmark is a function that yields results, each with its yardstick measured in the same run and, where that can
be, turn by turn with it, so that a noisy machine is noisy for both. It reports; whether a target is met fails nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

Benchmark = Callable[[], Iterator["Result"]]
BENCHMARKS: dict[str, Benchmark] = {}


@dataclass(frozen=True)
class Result:
    """One figure. `target` is the most that targets.md allows (in `unit`), None where it names none."""

    what: str
    value: float
    unit: str
    target: float | None = None
    yardstick: str = ""
    yardstick_value: float | None = None
    """Of the same unit as `value`."""

    @property
    def verdict(self) -> str:
        if self.target is None:
            return ""
        return "met" if self.value <= self.target else "MISSED"


def benchmark(name: str) -> Callable[[Benchmark], Benchmark]:
    """Register a benchmark under a name by which `python -m tests.bench NAME` runs it alone."""

    def register(function: Benchmark) -> Benchmark:
        BENCHMARKS[name] = function
        return function

    return register


def milliseconds(action: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1000


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of all does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

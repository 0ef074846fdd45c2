"""Composition root: what the processes are made of, built once a process and lazily.

The web process uses the graph store and the clock alone; the pipeline is built where work is done.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

if TYPE_CHECKING:
    from agents.pipeline import Pipeline
    from feedguard.feeds.safe_fetch import FetchPolicy
    from feedguard.feeds.sandbox import Sandbox
    from graph.store import PreferenceStore


class SystemClock:
    """The clock of the machine."""

    def now(self) -> dt.datetime:
        return timezone.now()


@cache
def clock() -> SystemClock:
    return SystemClock()


@cache
def graph_store() -> PreferenceStore:
    """The store of preference graphs: one SQLite file in the data folder."""
    from graph.stores.sqlite import SQLiteStore

    return SQLiteStore(settings.GRAPH_DB)


@cache
def pipeline() -> Pipeline:
    """The decision pipeline with this process's models, on the stored facts and rulings."""
    from agents.judge.lexical import LexicalJudge
    from agents.perceive import LexicalPerceiver
    from agents.pipeline import Pipeline
    from feedguard.items.stores import StoredFacts, StoredRulings

    return Pipeline(LexicalPerceiver(), LexicalJudge(), StoredFacts(), StoredRulings())


@cache
def fetch_policy() -> FetchPolicy:
    from feedguard.feeds.safe_fetch import FetchPolicy

    return FetchPolicy.parse(settings.ALLOWED_NETWORKS, settings.ALLOWED_ADDRESSES)


@cache
def sandbox() -> Sandbox:
    """The child process in which untrusted bytes are parsed."""
    from feedguard.feeds.sandbox import Sandbox

    return Sandbox()


def close() -> None:
    """End what this process has opened."""
    if sandbox.cache_info().currsize:
        sandbox().close()
    if graph_store.cache_info().currsize:
        graph_store().close()

"""Composition root: what the processes are made of, built once a process and lazily.

The web process uses the graph store and the clock alone; the pipeline is built where work is done.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from agents.pipeline import Pipeline
    from agents.ports import Clock, Perceiver
    from feedguard.feeds.safe_fetch import FetchPolicy
    from feedguard.feeds.sandbox import Sandbox
    from graph.store import PreferenceStore
    from graph.stores.neo4j import Connection


_replaced: dict[str, Any] = {}


def replace(**parts: Any) -> None:
    """Put other parts in place (`clock`, `graph_store`, `ablated` stages), before any is used: how the evaluation
    judges by the product's own path without touching anybody's data."""
    _replaced.update(parts)


class SystemClock:
    """The clock of the machine."""

    def now(self) -> dt.datetime:
        return timezone.now()


def clock() -> Clock:
    """Where time comes from."""
    found: Clock = _replaced.get("clock") or _system_clock
    return found


_system_clock = SystemClock()


@cache
def graph_store() -> PreferenceStore:
    """The store of preference graphs that the settings name."""
    if "graph_store" in _replaced:
        store: PreferenceStore = _replaced["graph_store"]
        return store
    return open_graph_store(settings.GRAPH_STORE)


def open_graph_store(kind: str) -> PreferenceStore:
    """A store of one kind: `sqlite`, one file in the data folder, or `neo4j`, the server of the settings."""
    if kind == "neo4j":
        from graph.stores.neo4j import Neo4jStore

        return Neo4jStore(neo4j_connection())
    from graph.stores.sqlite import SQLiteStore

    return SQLiteStore(settings.GRAPH_DB)


def neo4j_connection() -> Connection:
    """How to reach the Neo4j server of the settings; opened by the first call."""
    from graph.stores.neo4j import Connection

    return Connection(settings.NEO4J_URI, settings.NEO4J_USER, settings.NEO4J_PASSWORD, settings.NEO4J_DATABASE)


@cache
def perceiver() -> Perceiver:
    from agents.perceive import LexicalPerceiver

    return LexicalPerceiver()


def light_perceiver() -> Perceiver | None:
    """The pipeline's perceiver where it needs no model, for deciding at once; None where it does."""
    return perceiver()


@cache
def pipeline() -> Pipeline:
    """The decision pipeline with this process's models, on the stored facts and rulings."""
    from agents.judge.lexical import LexicalJudge
    from agents.pipeline import Pipeline
    from feedguard.items.stores import StoredFacts, StoredRulings

    return Pipeline(
        perceiver(),
        LexicalJudge(),
        StoredFacts(),
        StoredRulings(),
        ablated=_replaced.get("ablated", frozenset()),
    )


@cache
def chat() -> BaseChatModel | None:
    """The operator's language model; None where none is configured. Raises ModelUnavailable."""
    if not settings.LLM_MODEL:
        return None
    from agents.models.chat import chat_model

    return chat_model(settings.LLM_MODEL, base_url=settings.LLM_BASE_URL, key=settings.LLM_KEY)


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

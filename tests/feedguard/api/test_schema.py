"""Anything that the schema allows, and much that it does not, is sent to every operation: none may fail on our side.

Runs in this process over WSGI, with the same examples every time. Every second id is one that exists.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from feedguard.accounts.devices import add_device
from feedguard.accounts.models import SCOPES, Person
from feedguard.preferences import editing
from feedguard.preferences.selectors import state_of
from feedguard.runtime import graph_store
from tests.feedguard.build import do_job, entry, reads, wishes

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore")]
EXAMPLES = 15
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Requests do not close the connection that this test's transaction is on."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def api(alice: Person, one_connection: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The schema as it is served, with a token of Alice's and ids of hers."""
    monkeypatch.setattr(django_settings, "API_PER_MINUTE", 1_000_000)
    subscription = reads(alice, entry(1, "A spider"), entry(2, "Bread"))
    wishes(alice, "no spiders")
    editing.add_rule(alice, "word", "spider", "hide")
    editing.add_guard(alice, "author", "Somebody")
    job = do_job(alice, "say", {"sentence": "no bread", "replaces": ""})
    entities = {e.kind: e.id for e in state_of(alice)[0].entities.values()}
    ids = {
        "item_id": str(subscription.source.items.first().id), "source_id": str(subscription.id), "job_id": str(job.id),
        "proposal_id": job.result["proposal"], "wish_id": entities["intent"], "guard_id": entities["guard"],
        "rule_id": next(e.id for e in state_of(alice)[0].entities.values() if getattr(e, "rule", None)),
        "change_id": graph_store().log(alice.key)[0].id,
    }  # fmt: skip
    _, token = add_device(alice, name="schema", scopes=SCOPES)
    found = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    choice = random.Random(7)

    @found.hook
    def map_path_parameters(context: Any, path_parameters: dict[str, Any]) -> dict[str, Any]:
        if not path_parameters or choice.random() < 0.5:
            return path_parameters
        return {name: ids.get(name, value) for name, value in path_parameters.items()}

    @found.hook
    def map_query(context: Any, query: dict[str, Any] | None) -> dict[str, Any] | None:
        if query and "item" in query and choice.random() < 0.5:
            query["item"] = [ids["item_id"]]
        if query and "wait" in query and query["wait"] not in {"", None}:
            query["wait"] = 0
        return query

    found.token = token
    return found


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_no_request_fails_on_our_side(api: Any, mode: GenerationMode) -> None:
    tried: dict[str, int] = {}
    operations = [found.ok() for found in api.get_all_operations()]
    for operation in sorted(operations, key=lambda o: o.method.lower() == "delete"):

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def send(case: schemathesis.Case) -> None:
            case.call_and_validate(headers={"Authorization": f"Bearer {api.token}"}, checks=CHECKS)
            tried[case.operation.label] = tried.get(case.operation.label, 0) + 1

        try:
            send()
        except Unsatisfiable:  # an operation without any input has nothing to be wrong about
            assert mode == GenerationMode.NEGATIVE
    assert len(tried) >= 28

"""The person's answer to a proposal."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Literal

from django.db import transaction

from agents.types import Item as PipelineItem
from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.decisions.models import Job, Override
from feedguard.decisions.services import ask_to_decide
from feedguard.items.models import Item
from feedguard.items.selectors import pipeline_items
from feedguard.preferences.history import rebase
from feedguard.preferences.importing import keep_unknown
from feedguard.preferences.previewing import CAUGHT
from feedguard.preferences.selectors import state_of
from feedguard.preferences.services import commit
from graph.deltas import Delta, Op, remember_op
from graph.errors import Conflict, InvalidDelta
from graph.proposals import Proposal
from graph.types import Exemplar, Link, new_id

MAX_EXCERPT = 500
_ROWS = ("hits", "near", "newly_hidden", "newly_shown", "newly_starred", "otherwise")


def accept(person: Person, proposal_id: str, verdicts: Mapping[str, str], *, insist: bool = False) -> tuple[Delta, Job]:
    """Commit a proposal. `verdicts` are the items that the person tapped, by id: `right` or `wrong`.

    What was tapped becomes an exemplar of the wish, and so does the item of an appeal; an item tapped as wrong is
    overridden. A proposal made on an older graph is committed if its operations still hold; with `insist` (the person has seen
    the conflict) their outcome is made from the present values. The delta has the proposal's id, so that after a
    crash between the two a second attempt only closes the proposal. Raises GraphError with nothing changed.
    """
    proposal = open_proposal(person, proposal_id)
    if proposal.detail.get("question"):
        raise InvalidDelta("Answer its question first.", field="choice")
    judged = _judged(proposal, verdicts)
    items = pipeline_items(person, list(Item.objects.filter(id__in=judged).values_list("id", flat=True)))
    state, seq = state_of(person)
    ops = [*(rebase(state, proposal.ops) if insist else proposal.ops), *_exemplars(proposal, items, judged)]
    actor: Literal["person", "import"] = "import" if proposal.source == "import" else "person"
    delta, job = commit(person, ops, why=proposal.why, base=seq, actor=actor, delta_id=proposal.id)
    runtime.graph_store().close_proposal(person.key, proposal.id, "accepted")
    keep_unknown(person, proposal.detail.get("unknown") or {})
    _override(person, items, {key: judged[key] for key in judged if verdicts.get(key) == "wrong"})
    return delta, job


def reject(person: Person, proposal_id: str) -> None:
    """Put a proposal away; the graph is as it was."""
    runtime.graph_store().close_proposal(person.key, open_proposal(person, proposal_id).id, "rejected")


def open_proposal(person: Person, proposal_id: str) -> Proposal:
    proposal = runtime.graph_store().proposal(person.key, proposal_id)
    if proposal is None:
        raise InvalidDelta("There is no such proposal.", field="proposal")
    if proposal.state != "open":
        raise Conflict(f"This proposal was already {proposal.state}.", field="proposal")
    return proposal


def _judged(proposal: Proposal, verdicts: Mapping[str, str]) -> dict[str, bool]:
    """Whether the wish is to catch an item, for those that the person tapped and for the item of an appeal."""
    preview = proposal.detail["preview"]
    caught = {row["item"]: row["action"] in CAUGHT for name in _ROWS for row in preview.get(name, ())}
    found = {key: caught[key] == (verdict == "right") for key, verdict in verdicts.items() if key in caught}
    appealed: dict[str, Any] = proposal.detail.get("appeal") or {}
    if appealed:
        found.setdefault(appealed["item"], appealed["should_be"] == "hide")
    return found


def _exemplars(proposal: Proposal, items: list[PipelineItem], judged: Mapping[str, bool]) -> list[Op]:
    gone = {op.target for op in proposal.ops if op.field == "status" and op.after == "retired"}
    wish = next((key for key in proposal.detail.get("about", ()) if key not in gone), None)
    if wish is None:
        return []
    ops: list[Op] = []
    for item in items:
        excerpt = "\n".join(part for part in (item.title, item.text) if part)[:MAX_EXCERPT]
        exemplar = Exemplar(id=new_id(), content_hash=item.content_hash, excerpt=excerpt, caught=judged[item.id])
        ops += remember_op(exemplar, Link(kind="REMEMBERS", source=wish, target=exemplar.id))
    return ops


def _override(person: Person, items: list[PipelineItem], words: Mapping[str, bool]) -> None:
    """The person's word on what was tapped as wrong, and a new decision of those items."""
    own = [uuid.UUID(item.id) for item in items if item.id in words]
    with transaction.atomic():
        for key in own:
            action = "hide" if words[str(key)] else "show"
            Override.objects.update_or_create(person=person, item_id=key, defaults={"action": action})
        ask_to_decide(person, own)

"""The person's answer to a proposal."""

from __future__ import annotations

from collections.abc import Mapping

from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.decisions.models import Job, Override
from feedguard.items.models import Item
from feedguard.items.selectors import pipeline_items
from feedguard.preferences.selectors import state_of
from feedguard.preferences.services import commit
from graph.deltas import Delta, Op, remember_op
from graph.errors import Conflict, InvalidDelta
from graph.proposals import Proposal
from graph.types import Exemplar, Link, new_id


def accept(person: Person, proposal_id: str, verdicts: Mapping[str, str]) -> tuple[Delta, Job]:
    """Commit a proposal. `verdicts` are the items that the person tapped, by id: `right` or `wrong`.

    What was tapped becomes an exemplar of the wish, and an item tapped as wrong is overridden. A proposal made
    on an older graph is committed if its operations still hold. Raises GraphError with nothing changed.
    """
    proposal = open_proposal(person, proposal_id)
    ops = [*proposal.ops, *_exemplars(person, proposal, verdicts)]
    delta, job = commit(person, ops, why=proposal.why, base=state_of(person)[1])
    runtime.graph_store().close_proposal(person.key, proposal.id, "accepted")
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


def _exemplars(person: Person, proposal: Proposal, verdicts: Mapping[str, str]) -> list[Op]:
    added = [op.after for op in proposal.ops if isinstance(op.after, dict) and op.after.get("kind") == "facet"]
    if not added or not verdicts:
        return []
    preview = proposal.detail["preview"]
    hits = {row["item"] for row in preview["hits"]}
    known = hits | {row["item"] for row in preview["near"]}
    wanted = Item.objects.filter(id__in=[key for key in verdicts if key in known]).values_list("id", flat=True)
    ops: list[Op] = []
    for item in pipeline_items(person, list(wanted)):
        right = verdicts[item.id] == "right"
        caught = (item.id in hits) == right
        if not right:
            Override.objects.update_or_create(
                person=person, item_id=item.id, defaults={"action": "hide" if caught else "show"}
            )
        exemplar = Exemplar(
            id=new_id(), content_hash=item.content_hash, excerpt=(item.title or item.text)[:500], caught=caught
        )
        link = Link(kind="REMEMBERS", source=str(added[0]["id"]), target=exemplar.id)
        ops += remember_op(exemplar, link)
    return ops

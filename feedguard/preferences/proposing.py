"""Proposals: what a sentence, an appeal or an import would change, with a preview, waiting for the person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from agents.parse import Understood
from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.decisions.jobs import JobRefused, Progress
from feedguard.preferences.previewing import preview
from feedguard.preferences.revising import revised
from feedguard.preferences.selectors import state_of
from graph.deltas import Op
from graph.proposals import Proposal
from graph.state import State
from graph.types import new_id
from graph.wording import lines


def propose(
    person: Person,
    understood: Understood,
    progress: Progress,
    *,
    why: str,
    source: Literal["parse", "appeal", "import"],
    detail: Mapping[str, Any],
) -> Proposal:
    """Preview what was understood and keep it as a proposal. Raises JobRefused where it cannot be applied."""
    state, seq = state_of(person)
    question = understood.question
    proposal = Proposal(
        id=new_id(),
        person=person.key,
        base=seq,
        ops=understood.ops,
        why=why[:2000],
        created_at=runtime.clock().now(),
        source=source,
        detail={
            **detail,
            **_shown(person, state, understood),
            "question": question
            and {
                "text": question.text,
                "choices": [{"label": c.label, **_stored(person, state, c.reading)} for c in question.choices],
            },
            "preview": preview(person, understood.ops, understood.about, progress),
        },
    )
    runtime.graph_store().propose(proposal)
    return proposal


def _shown(person: Person, state: State, understood: Understood) -> dict[str, Any]:
    return {
        "about": list(understood.about),
        "lines": lines(understood.ops, state, person.time_zone),
        "notes": list(understood.notes),
    }


def _stored(person: Person, state: State, understood: Understood) -> dict[str, Any]:
    return {"ops": [op.model_dump(mode="json") for op in understood.ops], **_shown(person, state, understood)}


def choose(person: Person, data: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Job: the person's answer to a proposal's question (`choice`, from 0) makes a proposal without one."""
    old = _open(person, str(data["proposal"]))
    question = old.detail.get("question")
    if not question or not 0 <= int(data["choice"]) < len(question["choices"]):
        raise JobRefused("Choose one of the answers that are offered.", field="choice")
    choice = question["choices"][int(data["choice"])]
    progress(f"{choice['label']} …")
    understood = Understood(
        ops=tuple(Op.model_validate(op) for op in choice["ops"]), about=choice["about"], notes=choice["notes"]
    )
    return replace(person, old, understood, progress)


def replace(person: Person, old: Proposal, understood: Understood, progress: Progress) -> dict[str, Any]:
    """Put a proposal in the place of an open one; returns its id as a job's result."""
    kept = {key: value for key, value in old.detail.items() if key not in {"question", "preview"}}
    new = propose(person, understood, progress, why=old.why, source=old.source, detail=kept)
    runtime.graph_store().close_proposal(person.key, old.id, "rejected")
    return {"proposal": new.id}


def _open(person: Person, proposal_id: str) -> Proposal:
    found = runtime.graph_store().proposal(person.key, proposal_id)
    if found is None or found.state != "open":
        raise JobRefused("This proposal is no longer open.", field="proposal")
    return found


def revise(person: Person, data: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Job: the person's changes to what a proposal goes by make a new proposal (see revising.revised)."""
    old = _open(person, str(data["proposal"]))
    ops = revised(old.ops, data["answers"], about=old.detail["about"])
    gone = {op.target for op in old.ops} - {op.target for op in ops}
    about = [key for key in old.detail["about"] if key not in gone]
    return replace(person, old, Understood(ops=ops, about=tuple(about)), progress)

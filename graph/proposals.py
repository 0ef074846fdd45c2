"""Proposals: deltas that a machine or an import suggests. They change nothing until the person accepts."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from graph.errors import Conflict, InvalidDelta
from graph.ops import Op
from graph.types import Identifier

ProposalState = Literal["open", "accepted", "rejected"]


class Proposal(BaseModel):
    """Operations made on the graph at `base`, with what led to them; `detail` is what the page shows."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: Identifier
    person: Identifier
    base: int
    ops: tuple[Op, ...]
    why: str
    created_at: dt.datetime
    source: Literal["parse", "appeal", "import"]
    state: ProposalState = "open"
    detail: dict[str, Any] = Field(default_factory=dict)

    def concerns(self, targets: set[str]) -> bool:
        """Whether an operation is about one of these entities."""
        return any(op.target in targets for op in self.ops)


def proposal_of(body: str, state: str) -> Proposal:
    """A proposal from its stored form and its state, which is stored apart."""
    return Proposal.model_validate(json.loads(body) | {"state": state})


def closing(proposal: Proposal | None, state: ProposalState) -> bool:
    """Whether a proposal is still to be put into this state. Raises InvalidDelta, Conflict."""
    if proposal is None:
        raise InvalidDelta("proposal: there is no such proposal.", field="proposal")
    if proposal.state not in {"open", state}:
        raise Conflict(
            f"proposal: it was already {proposal.state}.", field="proposal", before="open", theirs=proposal.state,
            yours=state,
        )  # fmt: skip
    return proposal.state == "open"

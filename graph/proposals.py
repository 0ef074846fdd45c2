"""Proposals: deltas that a machine or an import suggests. They change nothing until the person accepts."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from graph.deltas import Op
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

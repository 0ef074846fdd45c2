"""Deltas, from one place: their data (graph/ops.py), meaning (fold), making (edits) and wording."""

from graph.edits import (
    creation_ops,
    forget_op,
    link_op,
    remember_op,
    retire_ops,
    scope_ops,
    set_op,
    unlink_op,
)
from graph.fold import apply, fold
from graph.ops import SCHEMA, Actor, Delta, Op, OpName, Touched, inverse_ops, invert, upcast
from graph.state import State
from graph.types import new_id
from graph.wording import sentence

__all__ = [
    "SCHEMA",
    "Actor",
    "Delta",
    "Op",
    "OpName",
    "State",
    "Touched",
    "apply",
    "creation_ops",
    "fold",
    "forget_op",
    "inverse_ops",
    "invert",
    "link_op",
    "new_id",
    "remember_op",
    "retire_ops",
    "scope_ops",
    "sentence",
    "set_op",
    "unlink_op",
    "upcast",
]

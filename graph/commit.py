"""What every store does alike: advance a graph by a delta, recognise a replay, erase a delta's words, check a log.

All of it is pure. A store reads, calls one of these, and writes what comes back in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from graph.admission import admit
from graph.chain import START, LogEntry, check_chain, entry_of, payload_of
from graph.errors import Conflict, Damaged, InvalidDelta
from graph.fold import apply, fold
from graph.ops import Delta, Touched
from graph.state import State
from graph.types import Erased, Link

EMPTY_HASH = State.empty("").hash


@dataclass(frozen=True)
class Head:
    """Where a person's graph stands: sequence number, state hash, and the last link of the log's chain.

    `erasures` counts the entries whose words were erased. With `chain` it tells one state from every other.
    """

    seq: int = 0
    hash: str = EMPTY_HASH
    chain: str = START
    erasures: int = 0


@dataclass(frozen=True)
class Step:
    """A graph advanced by one delta, and what is to be written for it."""

    delta: Delta
    entry: LogEntry
    state: State
    head: Head
    changed: tuple[str, ...]
    """Ids of the entities that are new or were set."""
    linked: tuple[Link, ...]
    unlinked: tuple[Link, ...]


def advance(state: State, head: Head, delta: Delta, undone: Delta | None) -> Step:
    """The step that a delta makes; `undone` is the delta that it takes back, as the log has it.

    Raises Conflict where its base is not the head or a precondition is lost, InvalidDelta where it breaks the model.
    """
    if delta.base != head.seq:
        raise Conflict(
            "base: the wishes were changed meanwhile.", field="base", before=delta.base, theirs=head.seq,
            yours=delta.base,
        )  # fmt: skip
    admit(state, delta, undone)
    after = apply(state, delta)
    committed = delta.model_copy(update={"seq": head.seq + 1})
    entry = entry_of(committed, head.chain)
    changed = dict.fromkeys(op.target for op in delta.ops if op.field != "link")
    return Step(
        delta=committed,
        entry=entry,
        state=after,
        head=Head(entry.seq, after.hash, entry.chain, head.erasures),
        changed=tuple(changed),
        linked=tuple(in_order(after.links - state.links)),
        unlinked=tuple(in_order(state.links - after.links)),
    )


def in_order(links: Iterable[Link]) -> list[Link]:
    """Relations in one order, whatever set they come from."""
    return sorted(links, key=lambda x: (x.kind, x.source, x.target))


def replayed(known: Delta, sent: Delta) -> Delta:
    """The committed delta, as the answer to one that was sent again. Raises InvalidDelta where it is another one."""
    if not known.erased and known.ops != sent.ops:
        raise InvalidDelta("id: another change has this id. Give each change an id of its own.", field="id")
    return known


def words_erased(state: State, entry: LogEntry) -> tuple[State, LogEntry]:
    """The state and the log's entry without the words of one delta.

    The fold has to give the same graph without them. So this is refused, by InvalidDelta, while anything that the
    delta made or changed is not retired; once all of it is, none of it enters the state's hash, and nameless
    tombstones take its place. Erasing twice changes nothing.
    """
    delta = entry.delta
    if delta.erased:
        return state, entry
    targets = dict.fromkeys(op.target for op in delta.ops if op.field != "link")
    gone = {key: state.entities[key] for key in targets}
    if not gone:
        raise InvalidDelta("delta: this change carries no words.", field="delta")
    ends = [op.after or op.before for op in delta.ops if op.field == "link"]
    if any(e.status != "retired" for e in gone.values()) or any(
        not {e["source"], e["target"]} & set(gone) for e in ends
    ):
        raise InvalidDelta("delta: what this change made is still there. Remove it first.", field="delta")
    touched = tuple(Touched(id=key, kind=e.was if isinstance(e, Erased) else e.kind) for key, e in gone.items())
    rest = delta.model_copy(update={"ops": (), "why": "", "erased": touched})
    entities = {**state.entities, **{t.id: Erased(id=t.id, was=t.kind) for t in touched}}
    links = frozenset(x for x in state.links if x.source not in gone and x.target not in gone)
    return state.successor(entities, links, set(gone)), replace(entry, body=payload_of(rest), erased=True)


def rebuilt(person: str, entries: Sequence[LogEntry]) -> tuple[State, Head]:
    """State and head that a log gives, every hash recomputed. Raises Damaged."""
    chain = check_chain(entries)
    state = fold(person, (entry.delta for entry in entries))
    return state, Head(len(entries), state.hash, chain, sum(entry.erased for entry in entries))


def check(stored: State, head: Head, entries: Sequence[LogEntry]) -> None:
    """Recompute every hash of a stored graph. Raises Damaged where log, graph and head do not fit together."""
    state, due = rebuilt(stored.person, entries)
    if state != stored or state.reference_hash() != head.hash or due != head:
        raise Damaged("The log does not give the stored graph.")

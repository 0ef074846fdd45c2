"""What the Neo4j store writes, in as few statements as labels and relation types allow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from neo4j import AsyncManagedTransaction

from graph.chain import LogEntry
from graph.commit import Head, Step
from graph.proposals import Proposal, proposal_of
from graph.state import State
from graph.stores.neo4j import statements as cypher
from graph.stores.neo4j.connection import rows
from graph.stores.neo4j.records import by_ends, by_label, delta_properties, label_of, touched_by
from graph.types import Link


async def write_step(transaction: AsyncManagedTransaction, step: Step) -> None:
    """One commit."""
    person, state = step.state.person, step.state
    delta = delta_properties(person, step.entry)
    await rows(
        transaction, cypher.WRITE_ENTRY, person=person, delta=delta, undoes=step.delta.undoes, **asdict(step.head)
    )
    for label, found in by_label(state, step.changed).items():
        await rows(transaction, cypher.write_entities(label), person=person, delta=step.delta.id, rows=found)
    await _make_links(transaction, state, step.linked)
    for ends, gone in by_ends(state, step.unlinked).items():
        await rows(transaction, cypher.remove_links(*ends), person=person, rows=gone)


async def write_log(transaction: AsyncManagedTransaction, state: State, entries: Sequence[LogEntry]) -> None:
    """A whole log and the graph that it gives, where there was nothing."""
    person = state.person
    deltas = [delta_properties(person, entry) for entry in entries]
    await rows(transaction, cypher.WRITE_ENTRIES, person=person, deltas=deltas)
    undoes = [{"id": entry.id, "undoes": entry.delta.undoes} for entry in entries if entry.delta.undoes]
    await rows(transaction, cypher.WRITE_UNDOES, person=person, rows=undoes)
    for label, found in by_label(state, state.entities).items():
        await rows(transaction, cypher.adopt_entities(label), person=person, rows=found)
    touches: dict[str, list[dict[str, str]]] = defaultdict(list)
    for entry in entries:
        for key in touched_by(entry):
            touches[label_of(state.entities[key])].append({"delta": entry.id, "entity": key})
    for label, pairs in touches.items():
        await rows(transaction, cypher.adopt_touches(label), person=person, rows=pairs)
    await _make_links(transaction, state, state.links)


async def _make_links(transaction: AsyncManagedTransaction, state: State, links: Iterable[Link]) -> None:
    for ends, made in by_ends(state, links).items():
        await rows(transaction, cypher.make_links(*ends), person=state.person, rows=made)


async def write_erased(transaction: AsyncManagedTransaction, state: State, rest: LogEntry, head: Head) -> None:
    """A log's entry and its entities without their words, and without the proposals that hold them."""
    person, gone = state.person, {touched.id for touched in rest.delta.erased}
    properties = delta_properties(person, rest)
    await rows(transaction, cypher.REPLACE_ENTRY, person=person, id=rest.id, delta=properties)
    for label, found in by_label(state, gone).items():
        await rows(transaction, cypher.erase_words(label), person=person, rows=found)
    await rows(transaction, cypher.WRITE_HEAD, person=person, **asdict(head))
    for each in await rows(transaction, cypher.PROPOSALS, person=person, state=None):
        if proposal_of(each["body"], each["state"]).concerns(gone):
            await rows(transaction, cypher.ERASE_PROPOSAL, person=person, id=each["id"])


async def write_proposal(transaction: AsyncManagedTransaction, proposal: Proposal) -> None:
    """Keep a proposal, if it is new."""
    await rows(
        transaction, cypher.PROPOSE, person=proposal.person, id=proposal.id, state=proposal.state,
        source=proposal.source, why=proposal.why, body=proposal.model_dump_json(),
    )  # fmt: skip

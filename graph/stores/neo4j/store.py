"""PreferenceStore on Neo4j."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

from neo4j import AsyncManagedTransaction

from graph.chain import START, LogEntry, delta_of
from graph.commit import EMPTY_HASH, Head, Step, advance, check, rebuilt, replayed, words_erased
from graph.errors import Conflict, Damaged, InvalidDelta
from graph.ops import Delta
from graph.proposals import Proposal, ProposalState, closing, proposal_of
from graph.state import State
from graph.stores.neo4j import statements as cypher
from graph.stores.neo4j import writing
from graph.stores.neo4j.connection import Connection, T, Work, row, rows
from graph.stores.neo4j.migrations import check_schema
from graph.stores.neo4j.records import HELD, entity_of, entry_from, label_of, link_of, touched_by
from graph.stores.recent import RecentStates

WHOLE_SECONDS = 60.0
"""Longest time for what concerns a person's whole log: checking, taking over, erasing."""


class Neo4jStore:
    """Preference graphs as nodes and relations of one Neo4j database; safe with several threads and processes.

    A commit locks the person's node before it compares, so commits of one person come one after another.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._recent = RecentStates()
        self._schema_is_known = False

    def _read(self, work: Work[T]) -> T:
        self._check_schema()
        return self._connection.read(work)

    def _write(self, work: Work[T], seconds: float | None = None) -> T:
        self._check_schema()
        return self._connection.write(work, seconds=seconds)

    def _check_schema(self) -> None:
        if not self._schema_is_known:
            check_schema(self._connection)
            self._schema_is_known = True

    async def _known(self, transaction: AsyncManagedTransaction, person: str, head: Head) -> State:
        """The state of a head that was read under the person's lock."""
        if (known := self._recent.get(person, head)) is not None:
            return known
        if (after := self._recent.behind(person, head)) is not None:
            followed = self._recent.follow(person, head, await _entries(transaction, person, after))
            if followed is not None:
                return followed
        return self._recent.put(head, await _state(transaction, person, head))

    def load(self, person: str) -> tuple[State, int]:
        async def head_only(transaction: AsyncManagedTransaction) -> Head:
            return await _head(transaction, cypher.READ_HEAD, person)

        async def whole(transaction: AsyncManagedTransaction) -> tuple[State, int]:
            head = await _head(transaction, cypher.LOCK, person)
            return await self._known(transaction, person, head), head.seq

        head = self._read(head_only)
        if (known := self._recent.get(person, head)) is not None:
            return known, head.seq
        return self._write(whole)

    def commit(self, delta: Delta) -> Delta:
        async def work(transaction: AsyncManagedTransaction) -> Step | Delta:
            found = await row(
                transaction, cypher.LOCK_FOR_COMMIT, person=delta.person, id=delta.id, undoes=delta.undoes,
                hash=EMPTY_HASH, chain=START,
            )  # fmt: skip
            if found is None:
                raise Damaged("Neo4j did not give back the person's node.")
            known, undone = (delta_of(body) if (body := found.pop(name)) else None for name in ("known", "undone"))
            if known is not None:
                return replayed(known, delta)
            head = Head(**found)
            step = advance(await self._known(transaction, delta.person, head), head, delta, undone)
            await writing.write_step(transaction, step)
            return step

        done = self._write(work)
        if isinstance(done, Delta):
            return done
        self._recent.put(done.head, done.state)
        return done.delta

    def log(self, person: str, after: int = 0) -> tuple[Delta, ...]:
        return tuple(entry.delta for entry in self.entries(person, after))

    def entries(self, person: str, after: int = 0) -> tuple[LogEntry, ...]:
        async def work(transaction: AsyncManagedTransaction) -> tuple[LogEntry, ...]:
            await _head(transaction, cypher.LOCK, person)
            return await _entries(transaction, person, after)

        return self._write(work)

    def find(self, person: str, delta_id: str) -> Delta | None:
        async def work(transaction: AsyncManagedTransaction) -> Delta | None:
            found = await row(transaction, cypher.FIND, person=person, id=delta_id)
            return entry_from(found["delta"]).delta if found else None

        return self._read(work)

    def heads(self) -> Mapping[str, tuple[int, str]]:
        async def work(transaction: AsyncManagedTransaction) -> dict[str, tuple[int, str]]:
            return {found["person"]: (found["seq"], found["hash"]) for found in await rows(transaction, cypher.HEADS)}

        return self._read(work)

    def people(self) -> tuple[str, ...]:
        async def work(transaction: AsyncManagedTransaction) -> tuple[str, ...]:
            return tuple(found["person"] for found in await rows(transaction, cypher.PEOPLE))

        return self._read(work)

    def verify(self, person: str) -> None:
        async def work(transaction: AsyncManagedTransaction) -> None:
            head = await _head(transaction, cypher.LOCK, person)
            state, entries = await _state(transaction, person, head), await _entries(transaction, person, 0)
            check(state, head, entries)
            counts = await row(transaction, cypher.COUNTS, person=person)
            due = {
                "logged": len(entries),
                "held": sum(label_of(entity) in HELD for entity in state.entities.values()),
                "touched": sum(len(touched_by(entry)) for entry in entries),
            }
            if counts is not None and counts != due:
                raise Damaged("Relations of the person or of the log are missing, or there are too many.")

        self._write(work, WHOLE_SECONDS)

    def propose(self, proposal: Proposal) -> None:
        async def work(transaction: AsyncManagedTransaction) -> None:
            await writing.write_proposal(transaction, proposal)

        self._write(work)

    def proposals(self, person: str, state: ProposalState = "open") -> tuple[Proposal, ...]:
        async def work(transaction: AsyncManagedTransaction) -> tuple[Proposal, ...]:
            found = await rows(transaction, cypher.PROPOSALS, person=person, state=state)
            return tuple(proposal_of(each["body"], each["state"]) for each in found)

        return self._read(work)

    def proposal(self, person: str, proposal_id: str) -> Proposal | None:
        async def work(transaction: AsyncManagedTransaction) -> Proposal | None:
            return await _proposal(transaction, cypher.PROPOSAL, person, proposal_id)

        return self._read(work)

    def close_proposal(self, person: str, proposal_id: str, state: ProposalState) -> None:
        async def work(transaction: AsyncManagedTransaction) -> None:
            if closing(await _proposal(transaction, cypher.LOCK_PROPOSAL, person, proposal_id), state):
                await rows(transaction, cypher.CLOSE_PROPOSAL, person=person, id=proposal_id, state=state)

        self._write(work)

    def erase_payload(self, person: str, delta_id: str) -> None:
        async def work(transaction: AsyncManagedTransaction) -> None:
            head = await _head(transaction, cypher.LOCK, person)
            found = await row(transaction, cypher.FIND, person=person, id=delta_id)
            if found is None:
                raise InvalidDelta("delta: there is no such change.", field="delta")
            entry = entry_from(found["delta"])
            state, rest = words_erased(await _state(transaction, person, head), entry)
            if rest != entry:
                await writing.write_erased(transaction, state, rest, replace(head, erasures=head.erasures + 1))

        self._write(work)
        self._recent.drop(person)

    def adopt(self, person: str, entries: Sequence[LogEntry], proposals: Sequence[Proposal]) -> None:
        state, head = rebuilt(person, entries)

        async def work(transaction: AsyncManagedTransaction) -> None:
            there = await row(transaction, cypher.LOCK, person=person)
            if there is not None or await rows(transaction, cypher.PROPOSALS, person=person, state=None):
                raise Conflict("person: there is a graph of this person here already.", field="person")
            if entries:
                first = Head()
                parameters = {"person": person, "id": None, "undoes": None, "hash": first.hash, "chain": first.chain}
                await rows(transaction, cypher.LOCK_FOR_COMMIT, **parameters)
                await writing.write_log(transaction, state, entries)
                await rows(transaction, cypher.WRITE_HEAD, person=person, **asdict(head))
            for proposal in proposals:
                await writing.write_proposal(transaction, proposal)

        self._write(work, WHOLE_SECONDS)

    def erase(self, person: str) -> None:
        async def work(transaction: AsyncManagedTransaction) -> None:
            await rows(transaction, cypher.LOCK, person=person)
            for label in cypher.ALL:
                await rows(transaction, cypher.erase_all(label), person=person)
            await rows(transaction, cypher.ERASE_PERSON, person=person)

        self._write(work, WHOLE_SECONDS)
        self._recent.drop(person)

    def close(self) -> None:
        self._connection.close()


async def _head(transaction: AsyncManagedTransaction, query: str, person: str) -> Head:
    found = await row(transaction, query, person=person)
    return Head(**found) if found else Head()


async def _state(transaction: AsyncManagedTransaction, person: str, head: Head) -> State:
    nodes = [node for each in await rows(transaction, cypher.ENTITIES, person=person) for node in each["entities"]]
    links = [link for each in await rows(transaction, cypher.LINKS, person=person) for link in each["links"]]
    entities = {entity.id: entity for entity in sorted(map(entity_of, nodes), key=lambda entity: entity.id)}
    return State.stored(person, entities, frozenset(map(link_of, links)), head.hash, {})


async def _entries(transaction: AsyncManagedTransaction, person: str, after: int) -> tuple[LogEntry, ...]:
    found = await row(transaction, cypher.ENTRIES, person=person, after=after)
    return tuple(entry_from(delta) for delta in found["deltas"]) if found else ()


async def _proposal(transaction: AsyncManagedTransaction, query: str, person: str, proposal_id: str) -> Proposal | None:
    found = await row(transaction, query, person=person, id=proposal_id)
    return proposal_of(found["body"], found["state"]) if found else None

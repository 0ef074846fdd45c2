"""One driver a process, and a deadline for every call.

The driver is the asynchronous one, on an event loop in a thread of its own: only so can a call be given up at its
deadline while a server hangs. A cancelled call closes its connection, and no thread stays behind waiting. Driver and
loop are opened by the first call in a process; a child that was forked opens its own.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from neo4j import AsyncDriver, AsyncGraphDatabase, AsyncManagedTransaction, NotificationMinimumSeverity
from neo4j.exceptions import AuthError, DriverError, Neo4jError

from graph.errors import GraphError, StoreUnavailable
from graph.store import DEADLINE_SECONDS

CONNECT_SECONDS = 0.5
ACQUISITION_SECONDS = 1.0
RETRY_SECONDS = 2.0
GRACE_SECONDS = 1.0
"""How long after its deadline a call may take to clean up before it is left alone."""
_inherited: list[object] = []
"""What a fork brought along is kept in the child and never touched: to collect it would close its streams, and that
takes the parent's sockets out of the parent's event loop, since both share one epoll."""

Row = dict[str, Any]
T = TypeVar("T")
Work = Callable[[AsyncManagedTransaction], Awaitable[T]]


class Connection:
    """How to reach one database of a Neo4j server. Opens nothing until the first call."""

    def __init__(
        self, uri: str, user: str, password: str, database: str = "neo4j", *, deadline: float = DEADLINE_SECONDS
    ) -> None:
        self._uri, self._auth, self._database, self._deadline = uri, (user, password), database, deadline
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._opened: tuple[AsyncDriver, asyncio.AbstractEventLoop, threading.Thread] | None = None

    def read(self, work: Work[T], *, seconds: float | None = None) -> T:
        """Run a managed read transaction. Raises StoreUnavailable, GraphError."""
        return self._call(lambda driver: self._transact(driver, "r", work), seconds or self._deadline)

    def write(self, work: Work[T], *, seconds: float | None = None) -> T:
        """Run a managed write transaction; `work` may be run more than once. Raises StoreUnavailable, GraphError."""
        return self._call(lambda driver: self._transact(driver, "w", work), seconds or self._deadline)

    async def _transact(self, driver: AsyncDriver, mode: str, work: Work[T]) -> T:
        async with driver.session(database=self._database) as session:
            run = session.execute_read if mode == "r" else session.execute_write
            return await run(work)

    def _call(self, make: Callable[[AsyncDriver], Coroutine[Any, Any, T]], seconds: float) -> T:
        driver, loop, _ = self._process()
        future = asyncio.run_coroutine_threadsafe(asyncio.wait_for(make(driver), seconds), loop)
        try:
            return future.result(seconds + GRACE_SECONDS)
        except TimeoutError:
            future.cancel()
            raise StoreUnavailable(f"The preference graph did not answer within {seconds:g} seconds.") from None
        except AuthError as error:
            raise GraphError(f"Neo4j refuses the user name or password ({error.code}).") from error
        except (DriverError, Neo4jError) as error:
            if isinstance(error, Neo4jError) and not error.is_retryable():
                raise GraphError(f"Neo4j refuses: {error.code} {error.message}") from error
            raise StoreUnavailable(f"The preference graph cannot be reached ({error}).") from error

    def _process(self) -> tuple[AsyncDriver, asyncio.AbstractEventLoop, threading.Thread]:
        if self._pid != os.getpid():  # forked: what the parent opened is the parent's
            _inherited.append(self._opened)
            self._pid, self._lock, self._opened = os.getpid(), threading.Lock(), None
        with self._lock:
            if self._opened is None:
                self._opened = self._open()
            return self._opened

    def _open(self) -> tuple[AsyncDriver, asyncio.AbstractEventLoop, threading.Thread]:
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="neo4j", daemon=True)
        thread.start()
        driver = AsyncGraphDatabase.driver(
            self._uri,
            auth=self._auth,
            connection_timeout=CONNECT_SECONDS,
            connection_acquisition_timeout=ACQUISITION_SECONDS,
            max_transaction_retry_time=RETRY_SECONDS,
            notifications_min_severity=NotificationMinimumSeverity.OFF,
            telemetry_disabled=True,
            user_agent="FeedGuard",
        )
        return driver, loop, thread

    def close(self) -> None:
        """Close the driver and end its thread."""
        with self._lock:
            opened, self._opened = self._opened, None
        if opened is None or self._pid != os.getpid():
            return
        driver, loop, thread = opened
        closing = asyncio.run_coroutine_threadsafe(asyncio.wait_for(driver.close(), ACQUISITION_SECONDS), loop)
        try:
            closing.result(ACQUISITION_SECONDS + GRACE_SECONDS)
        except (TimeoutError, DriverError, OSError):
            closing.cancel()  # the sockets end with the process
        loop.call_soon_threadsafe(loop.stop)
        thread.join(GRACE_SECONDS)


async def rows(transaction: AsyncManagedTransaction, query: str, /, **parameters: Any) -> list[Row]:
    """All rows that a query gives."""
    return await (await transaction.run(query, parameters)).data()


async def row(transaction: AsyncManagedTransaction, query: str, /, **parameters: Any) -> Row | None:
    """The first row that a query gives."""
    found = await rows(transaction, query, **parameters)
    return found[0] if found else None

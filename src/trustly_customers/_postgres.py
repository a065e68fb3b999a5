"""Locks in a PostgreSQL database, by psycopg, which is imported when a lock is used. Public in `locks`."""

from __future__ import annotations

import hashlib
import math
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, InvalidStateError
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
    ExitStack,
    asynccontextmanager,
    contextmanager,
)
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ._errors import InvalidRequestError, LockError
from ._hidden import Hidden, Problem
from ._turns import checked_timeout, not_in_time

if TYPE_CHECKING:
    import psycopg

T = TypeVar("T")

_RELEASE_SECONDS: Final = 5
# The transaction idles while the lock is held, and an administrator's limit to that would end it unnoticed.
_ACQUIRE: Final = """
    SELECT set_config('lock_timeout', %s, true), set_config('idle_in_transaction_session_timeout', '0', true)
"""
_HOLD: Final = "SELECT pg_advisory_xact_lock(%s)"


class PostgresLock:
    """Processes that share a PostgreSQL database take turns, by advisory locks; no table is needed.

    A lock lives in a transaction, so the server gives it back also when the process or its machine dies. Each lock that
    is held or waited for takes a connection.

    Args:
        connect: A conninfo string or URL; or a function that gives a context manager with a psycopg connection, such as
            the `connection` of a psycopg_pool.ConnectionPool.
        timeout: How long to wait for the lock, and for a connection that is made here.

    Raises:
        InvalidRequestError: an argument is not acceptable.
        ImportError: psycopg is not installed; the text names the extra.
    """

    def __init__(
        self, connect: str | Callable[[], AbstractContextManager[psycopg.Connection[Any]]], *, timeout: float = 30.0
    ) -> None:
        self._connect = Hidden(connect)
        del connect  # a traceback shows the arguments of each frame
        self._timeout = checked_timeout(timeout)
        _check_postgres(self._connect, "PostgresLock")

    @contextmanager
    def __call__(self, customer_id: str) -> Iterator[None]:
        """Hold the lock of a customer.

        Raises:
            LockError: there is no database, or others did not give the lock back in time; or the connection broke while
                the lock was held.
        """
        held = self._acquired(_key(customer_id))
        if isinstance(held, Problem):
            raise LockError(held)
        try:
            yield
        except BaseException:
            _released(held)
            raise
        problem = _released(held)
        if problem is not None:
            raise LockError(problem)

    def _acquired(self, key: int) -> ExitStack | Problem:
        import psycopg  # noqa: PLC0415 - comes with an extra

        try:
            with ExitStack() as stack:
                connection = stack.enter_context(self._connected())
                # Also where the connection commits each statement by itself.
                stack.enter_context(connection.transaction())
                connection.execute(_ACQUIRE, [_milliseconds(self._timeout)])
                connection.execute(_HOLD, [key])
                return stack.pop_all()
        except (psycopg.Error, OSError, UnicodeError) as error:
            return _no_lock(error, self._timeout)

    def _connected(self) -> AbstractContextManager[psycopg.Connection[Any]]:
        from psycopg import Connection  # noqa: PLC0415 - as above

        connect = self._connect.value
        if not isinstance(connect, str):
            return connect()
        return Connection.connect(connect, **_parameters(connect, self._timeout))


class AsyncPostgresLock:
    """As `PostgresLock`, awaited, under asyncio and trio.

    psycopg knows asyncio alone, and on Windows not its usual loop. Elsewhere a thread waits for the lock; when its task
    is cancelled, it waits on, and gives the lock back as soon as it gets it.

    Args:
        connect: As of `PostgresLock`; a function gives an asynchronous context manager, such as the `connection` of a
            psycopg_pool.AsyncConnectionPool, and wants a loop that psycopg knows.
        timeout: As of `PostgresLock`.

    Raises:
        InvalidRequestError: an argument is not acceptable.
        ImportError: psycopg is not installed; the text names the extra.
    """

    def __init__(
        self,
        connect: str | Callable[[], AbstractAsyncContextManager[psycopg.AsyncConnection[Any]]],
        *,
        timeout: float = 30.0,
    ) -> None:
        self._connect = Hidden(connect)
        del connect  # as in `PostgresLock`
        self._timeout = checked_timeout(timeout)
        _check_postgres(self._connect, "AsyncPostgresLock")

    @asynccontextmanager
    async def __call__(self, customer_id: str) -> AsyncIterator[None]:
        """Hold the lock of a customer.

        Raises:
            LockError: as `PostgresLock`; also when psycopg does not know the loop, and `connect` is a function.
        """
        held = await self._acquired(_key(customer_id))
        if isinstance(held, Problem):
            raise LockError(held)
        try:
            yield
        except BaseException:
            await _async_released(held)
            raise
        problem = await _async_released(held)
        if problem is not None:
            raise LockError(problem)

    async def _acquired(self, key: int) -> AsyncExitStack | Problem:
        import psycopg  # noqa: PLC0415 - comes with an extra

        if not _is_known_loop():
            if not isinstance(self._connect.value, str):
                return Problem("a function that connects needs asyncio's selector loop; give a conninfo string instead")
            return await _acquired_in_thread(PostgresLock(self._connect.value, timeout=self._timeout), key)
        try:
            async with AsyncExitStack() as stack:
                connection = await stack.enter_async_context(await self._connected())
                await stack.enter_async_context(connection.transaction())
                await connection.execute(_ACQUIRE, [_milliseconds(self._timeout)])
                await connection.execute(_HOLD, [key])
                return stack.pop_all()
        except (psycopg.Error, OSError, UnicodeError) as error:
            return _no_lock(error, self._timeout)

    async def _connected(self) -> AbstractAsyncContextManager[psycopg.AsyncConnection[Any]]:
        from psycopg import AsyncConnection  # noqa: PLC0415 - as above

        connect = self._connect.value
        if not isinstance(connect, str):
            return connect()
        return await AsyncConnection.connect(connect, **_parameters(connect, self._timeout))


def _released(held: ExitStack) -> Problem | None:
    """Give a lock back. The transaction holds nothing else, so it is committed whatever happened meanwhile."""
    from psycopg import Error  # noqa: PLC0415 - comes with an extra

    try:
        held.close()
    except (Error, OSError) as error:
        return _lost(error)
    return None


async def _async_released(held: AsyncExitStack) -> Problem | None:
    from anyio import fail_after  # noqa: PLC0415 - slow to import
    from psycopg import Error  # noqa: PLC0415 - comes with an extra

    try:
        # A task that is cancelled still has to give back what it holds.
        with fail_after(_RELEASE_SECONDS, shield=True):
            await held.aclose()
    except (Error, OSError) as error:
        return _lost(error)
    return None


def _is_known_loop() -> bool:
    """Say whether psycopg's async connections know the loop: one of asyncio's, but for the usual one of Windows."""
    import asyncio  # noqa: PLC0415 - psycopg imports it too

    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return False
    return not isinstance(loop, getattr(asyncio, "ProactorEventLoop", ()))


async def _acquired_in_thread(lock: PostgresLock, key: int) -> AsyncExitStack | Problem:
    """Have a thread wait. What it gets is the task's, or the thread's to give back if the task has left by then."""
    handover: Future[AsyncExitStack | Problem] = Future()

    def acquire() -> None:
        held = lock._acquired(key)  # noqa: SLF001 - of this module
        try:
            handover.set_result(held if isinstance(held, Problem) else _released_in_thread(held))
        except InvalidStateError:
            if not isinstance(held, Problem):
                _released(held)

    try:
        await _in_thread(acquire)
    except BaseException:
        if not handover.cancel() and isinstance(got := handover.result(), AsyncExitStack):
            await _async_released(got)
        raise
    return handover.result()


def _released_in_thread(held: ExitStack) -> AsyncExitStack:
    stack = AsyncExitStack()
    stack.push_async_callback(_in_thread, held.close)
    return stack


async def _in_thread(work: Callable[[], T]) -> T:
    """Work in a thread that is not one of those that the loop shares among all: who waits must not keep them."""
    from anyio import CapacityLimiter, to_thread  # noqa: PLC0415 - slow to import

    return await to_thread.run_sync(work, abandon_on_cancel=True, limiter=CapacityLimiter(1))


def _check_postgres(connect: Hidden[Any], name: str) -> None:
    if not callable(connect.value) and not isinstance(connect.value, str):
        raise InvalidRequestError("connect must be a conninfo string, or a function that gives a connection")
    try:
        import psycopg  # noqa: F401, PLC0415 - comes with an extra; here to see whether it did
    except ImportError as error:
        text = f'{name} needs psycopg: pip install "trustly-customers[postgres]"'
        raise ImportError(text) from error


def _key(customer_id: str) -> int:
    """Return the number that stands for a customer in a database, among whatever else is locked there."""
    name = b"trustly-customers/customer/" + customer_id.encode(errors="surrogatepass")
    return int.from_bytes(hashlib.sha256(name).digest()[:8], signed=True)


def _milliseconds(seconds: float) -> str:
    return str(max(1, math.ceil(seconds * 1000)))


def _parameters(conninfo: str, timeout: float) -> dict[str, Any]:
    """Return what a conninfo string leaves open: a server that is gone shall be noticed."""
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415 - comes with an extra

    wanted = {
        "connect_timeout": math.ceil(timeout),
        "tcp_user_timeout": math.ceil(timeout * 1000),
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "application_name": "trustly-customers",
    }
    given = conninfo_to_dict(conninfo)
    return {name: value for name, value in wanted.items() if name not in given}


def _no_lock(error: Exception, timeout: float) -> Problem:
    from psycopg.errors import LockNotAvailable  # noqa: PLC0415 - comes with an extra

    if isinstance(error, LockNotAvailable):
        return Problem(not_in_time(timeout))
    return Problem(f"PostgreSQL gave no lock ({_told(error)}); nothing was done")


def _lost(error: Exception) -> Problem:
    return Problem(
        f"the connection to PostgreSQL broke while the lock was held ({_told(error)}); "
        "what was to be done has been done, but perhaps while another did the same"
    )


def _told(error: Exception) -> str:
    """Say what happened without the driver's words, which may repeat the conninfo."""
    state = getattr(error, "sqlstate", None)
    return f"{type(error).__name__}, SQLSTATE {state}" if state else type(error).__name__

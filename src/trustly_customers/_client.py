"""The two client classes: settings, a connection pool, and the resources over one `send`."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

from trustly_api.operation import Operation

from ._config import ClientOptions, Settings, credentials_from_environment, options_from_environment
from ._customers import AsyncCustomers, Customers
from ._exchange import interpret, prepare
from ._http import AsyncHTTP, AsyncTransport, SyncHTTP, SyncTransport

T = TypeVar("T")


class _Client:
    """What the two clients share: everything but the connections."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._settings.base_url!r})"


class Trustly(_Client):
    """A client that blocks.

    One client serves many threads and keeps its connections; make one and keep it. Use it as a context manager, or
    call `close`.

    Args:
        access_id: The merchant's accessId.
        access_key: The merchant's accessKey.
        transport: An httpx transport to send with, such as `httpx.MockTransport` in tests.
        options: `environment`, `base_url`, `timeout` and `max_response_bytes`; see `ClientOptions`.

    Raises:
        InvalidRequestError: an argument is not acceptable; the text names it.
    """

    def __init__(
        self,
        access_id: str,
        access_key: str,
        *,
        transport: SyncTransport | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        super().__init__(Settings.checked(access_id, access_key, options))
        self._http = SyncHTTP(self._settings, transport)
        self.customers = Customers(self._send)

    @classmethod
    def from_env(cls, *, transport: SyncTransport | None = None, **options: Unpack[ClientOptions]) -> Self:
        """Make a client from TRUSTLY_ACCESS_ID, TRUSTLY_ACCESS_KEY, TRUSTLY_ENVIRONMENT and TRUSTLY_BASE_URL.

        Options given here beat the environment's.

        Raises:
            InvalidRequestError: a variable is missing or its value is not acceptable; the text names it.
        """
        return cls(*credentials_from_environment(), transport=transport, **options_from_environment(options))

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _send(self, operation: Operation[T], /, **arguments: Any) -> T:
        request = prepare(operation, arguments, self._settings)
        return interpret(operation, request, self._http.exchange(request))


class AsyncTrustly(_Client):
    """A client that is awaited. Arguments, options and errors are those of `Trustly`."""

    def __init__(
        self,
        access_id: str,
        access_key: str,
        *,
        transport: AsyncTransport | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        super().__init__(Settings.checked(access_id, access_key, options))
        self._http = AsyncHTTP(self._settings, transport)
        self.customers = AsyncCustomers(self._send)

    @classmethod
    def from_env(cls, *, transport: AsyncTransport | None = None, **options: Unpack[ClientOptions]) -> Self:
        """As `Trustly.from_env`."""
        return cls(*credentials_from_environment(), transport=transport, **options_from_environment(options))

    async def close(self) -> None:
        """Close all connections."""
        await self._http.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def _send(self, operation: Operation[T], /, **arguments: Any) -> T:
        request = prepare(operation, arguments, self._settings)
        return interpret(operation, request, await self._http.exchange(request))

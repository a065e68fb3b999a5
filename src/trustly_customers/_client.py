"""The two client classes: settings, a connection pool, and the resources over it.

What a client works with, the HTTP library first of all, is loaded when one is made: importing its class costs a
fraction of that, and the first call loads nothing more.
"""

from __future__ import annotations

import copy
from types import TracebackType
from typing import TYPE_CHECKING, Self, Unpack

from ._config import (
    ClientOptions,
    RequestOptions,
    Settings,
    check_transport,
    credentials_from_environment,
    options_from_environment,
)
from ._hidden import Hidden

if TYPE_CHECKING:
    from ._customers import AsyncCustomers, Customers
    from ._http import AsyncTransport, SyncTransport


class _Client:
    """What the two clients share: everything but the connections."""

    _settings: Settings
    _owns_connections = True

    def with_options(self, **options: Unpack[RequestOptions]) -> Self:
        """Return a client with some options changed, over the same connections. This one stays as it is.

        The connections close with this client; closing the other does nothing.

        Raises:
            InvalidRequestError: an option is not acceptable, or is one that only a new client can have.
        """
        other = copy.copy(self)
        vars(other).update(_settings=self._settings.changed(options), _owns_connections=False)
        return other

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._settings.base_url!r})"


class Trustly(_Client):
    """A client that blocks.

    One client serves many threads and keeps its connections; make one and keep it. Use it as a context manager, or
    call `close`. A forked process gets connections of its own.

    Args:
        access_id: The merchant's accessId.
        access_key: The merchant's accessKey.
        transport: An httpx transport to send with, such as `httpx.MockTransport` in tests. How it connects is its own:
            `ssl_context`, `proxy` and `max_connections` are refused beside it.
        options: See `ClientOptions` and `RequestOptions`.

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
        credentials = Hidden((access_id, access_key))
        del access_key  # a traceback shows the arguments of each frame
        self._settings = Settings.checked(credentials, options, transport)
        check_transport(transport, "handle_request")
        from ._customers import Customers  # noqa: PLC0415 - see the module's docstring
        from ._http import SyncHTTP  # noqa: PLC0415 - as above

        self._http = SyncHTTP(self._settings, transport)
        self._resource = Customers

    @classmethod
    def from_env(cls, *, transport: SyncTransport | None = None, **options: Unpack[ClientOptions]) -> Self:
        """Make a client from TRUSTLY_ACCESS_ID, TRUSTLY_ACCESS_KEY, TRUSTLY_ENVIRONMENT and TRUSTLY_BASE_URL.

        Options given here beat the environment's.

        Raises:
            InvalidRequestError: a variable is missing or its value is not acceptable; the text names it.
        """
        credentials = credentials_from_environment()
        return cls(*credentials.value, transport=transport, **options_from_environment(options))

    @property
    def customers(self) -> Customers:
        """The customers."""
        return self._resource(self._settings, self._http)

    def close(self) -> None:
        """Close all connections. Calls are refused from then on, those of copies by `with_options` too."""
        if self._owns_connections:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class AsyncTrustly(_Client):
    """A client that is awaited, under asyncio or trio. Arguments, options and errors are those of `Trustly`."""

    def __init__(
        self,
        access_id: str,
        access_key: str,
        *,
        transport: AsyncTransport | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        credentials = Hidden((access_id, access_key))
        del access_key  # a traceback shows the arguments of each frame
        self._settings = Settings.checked(credentials, options, transport)
        check_transport(transport, "handle_async_request")
        from ._customers import AsyncCustomers  # noqa: PLC0415 - as above
        from ._http import AsyncHTTP  # noqa: PLC0415 - as above

        self._http = AsyncHTTP(self._settings, transport)
        self._resource = AsyncCustomers

    @classmethod
    def from_env(cls, *, transport: AsyncTransport | None = None, **options: Unpack[ClientOptions]) -> Self:
        """As `Trustly.from_env`."""
        credentials = credentials_from_environment()
        return cls(*credentials.value, transport=transport, **options_from_environment(options))

    @property
    def customers(self) -> AsyncCustomers:
        """The customers, awaited."""
        return self._resource(self._settings, self._http)

    async def close(self) -> None:
        """Close all connections. Calls are refused from then on, those of copies by `with_options` too."""
        if self._owns_connections:
            await self._http.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

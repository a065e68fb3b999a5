"""A sandbox inside another program, a test above all: no process of its own, and no port until one is asked for."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Self

from ._app import DEFAULT_ACCESS_ID, DEFAULT_ACCESS_KEY, create_app
from ._errors import SandboxError
from ._http import ASGIApp
from ._serve import listen, not_http, origin
from ._spec import load_spec
from ._stores import Durability, open_store

if TYPE_CHECKING:
    from types import TracebackType

    from anyio.from_thread import BlockingPortal

    from ._in_process import InProcessTransport

_HOST = "127.0.0.1"


@dataclass
class _Running:
    """What there is while a sandbox runs."""

    app: ASGIApp
    portal: BlockingPortal
    """Reaches the loop from other threads."""
    ending: ExitStack
    """What is to be done at the end."""
    transport: InProcessTransport | None = None


class Sandbox:
    """A sandbox for as long as a `with` block lasts, with an event loop of its own in a thread.

    `transport()` reaches it without a socket; `base_url` over one. Both see the same customers.

    Args:
        store: Where customers are kept; memory by default, see `open_store`.
        durability: What an acknowledged update survives, see `open_store`.
        access_id: The one access id that it accepts, alone or followed by `~` and the name of a namespace.
        access_key: The one access key that it accepts.
        port: The port to listen on once `base_url` is asked for; 0 picks a free one.

    Raises:
        SandboxError: on entering it, or on asking for `base_url`: see `serve`.
    """

    def __init__(
        self,
        *,
        store: str | Path = "memory",
        durability: Durability | str = Durability.NORMAL,
        access_id: str = DEFAULT_ACCESS_ID,
        access_key: str = DEFAULT_ACCESS_KEY,
        port: int = 0,
    ) -> None:
        self.access_id = access_id
        self.access_key = access_key
        self._where = store
        self._durability = durability
        self._port = port
        self._guard = Lock()
        self._runs: _Running | None = None
        self._base_url: str | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._base_url or 'in process'})"

    def __enter__(self) -> Self:
        from anyio.from_thread import start_blocking_portal  # noqa: PLC0415 - slow to import; `serve` needs none of it

        with ExitStack() as stack:
            portal = stack.enter_context(start_blocking_portal("asyncio"))
            store = open_store(self._where, durability=self._durability)
            stack.callback(portal.call, store.close)
            app = create_app(store, access_id=self.access_id, access_key=self.access_key)
            self._runs = _Running(app, portal, stack.pop_all())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop: finish what was accepted, wait for nothing that a fault holds, and let go of the store."""
        with self._guard:
            runs, self._runs, self._base_url = self._runs, None, None
        if runs is not None:
            runs.ending.close()

    @property
    def base_url(self) -> str:
        """The API's URL, on a loopback address. The first time it is asked for, the sandbox begins to listen."""
        with self._guard:
            if self._base_url is None:
                runs = self._running()
                self._base_url = runs.portal.call(self._listen, runs) + load_spec().base_path
            return self._base_url

    def transport(self) -> InProcessTransport:
        """An httpx transport to it without a socket, for `Trustly`, `AsyncTrustly` and httpx's own clients alike."""
        from ._in_process import InProcessTransport  # noqa: PLC0415 - names httpx, which the server does not want

        with self._guard:
            runs = self._running()
            if runs.transport is None:
                runs.transport = InProcessTransport(runs.app, runs.portal)
                runs.ending.callback(runs.transport.stop)
            return runs.transport

    async def _listen(self, runs: _Running) -> str:
        try:
            from ._server.uvicorn import Serving  # noqa: PLC0415 - an extra, and slow to import
        except ModuleNotFoundError as error:
            raise SandboxError(
                f"a socket needs {error.name}, which is not installed; pip install 'trustly-customers[sandbox]', "
                "or use transport(), which needs none"
            ) from None
        with ExitStack() as stack:
            listener = stack.enter_context(listen(_HOST, self._port))
            serving = Serving(runs.app, listener, not_http=not_http(load_spec()))
            await serving.started()
            runs.ending.enter_context(stack.pop_all())
        runs.ending.callback(runs.portal.call, serving.stop)
        return origin(listener)

    def _running(self) -> _Running:
        if self._runs is None:
            raise SandboxError("the sandbox is not running; use it inside `with Sandbox() as sandbox:`")
        return self._runs

"""Serving the API on an address of this machine. The server itself is `_server`'s, loaded only when it is wanted."""

from __future__ import annotations

import asyncio
import gc
import ipaddress
import os
import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from ._api.answers import Answers
from ._app import DEFAULT_ACCESS_ID, DEFAULT_ACCESS_KEY, create_app
from ._errors import SandboxError
from ._http import Response
from ._spec import Spec, load_spec
from ._stores import Durability, open_store

_BACKLOG = 2048
_LAST_PORT = 65535


def serve(  # noqa: PLR0913 - the options of a command, all by keyword
    *,
    host: str = "127.0.0.1",
    port: int = 8086,
    store: str | Path = "memory",
    durability: Durability | str = Durability.NORMAL,
    announce: Callable[[str], None] = lambda _base_url: None,
    access_id: str = DEFAULT_ACCESS_ID,
    access_key: str = DEFAULT_ACCESS_KEY,
) -> None:
    """Serve until SIGINT or SIGTERM, then finish what was accepted and return.

    `announce` is called once, with the API's base URL, when it answers. Port 0 picks a free one; for `store` and
    `durability` see `open_store`. Raises SandboxError when it cannot start: port taken, file or spec unusable,
    `[sandbox]` not installed, or an address that others can reach together with the default key.
    """
    try:
        from ._server.uvicorn import run  # noqa: PLC0415 - an extra, and slow to import
    except ModuleNotFoundError as error:
        raise SandboxError(
            f"the server needs {error.name}, which is not installed; pip install 'trustly-customers[sandbox]'"
        ) from None

    with ExitStack() as stack:
        listener = stack.enter_context(listen(host, port, open_to_others=access_key != DEFAULT_ACCESS_KEY))
        opened = open_store(store, durability=durability)
        stack.callback(lambda: asyncio.run(opened.close()))
        app = create_app(opened, access_id=access_id, access_key=access_key)
        spec = load_spec()
        gc.freeze()  # what is there now stays for good: no collection needs to look at it again
        run(
            app,
            listener,
            not_http=not_http(spec),
            started=lambda: announce(origin(listener) + spec.base_path),
        )


def not_http(spec: Spec) -> Response:
    """The answer to bytes that are no HTTP, which the application never sees."""
    return Answers(spec).error(400, message="This is not an HTTP request, or its head is too large.")


def listen(host: str, port: int, *, open_to_others: bool = False) -> socket.socket:
    """Listen on an address. Raises SandboxError where that is not possible, or not `open_to_others` and yet it is."""
    if not 0 <= port <= _LAST_PORT:
        raise SandboxError(f"there is no port {port}; use 1 to {_LAST_PORT}, or 0, which picks a free one")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError):
        raise SandboxError(f"the address {host} is not known here; use 127.0.0.1 or ::1") from None
    if not open_to_others and not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback:
        raise SandboxError(
            f"the address {host} can be reached by others, who know the default credentials too; "
            "use 127.0.0.1 or ::1, or choose an access key of your own"
        )
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":
            # Elsewhere the option lets two servers share a port; here it only skips the wait after a restart.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise SandboxError(
            f"cannot listen on {host} port {port} ({error.strerror}); stop what uses it, or use another --port "
            "(0 picks a free one)"
        ) from None
    return listener


def origin(listener: socket.socket) -> str:
    """The beginning of a listener's URLs."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if listener.family == socket.AF_INET6 else f"http://{host}:{port}"

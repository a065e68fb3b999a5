"""A mutant on a port of this machine, in this process."""

from __future__ import annotations

import asyncio
import copy
import json
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn

from ._mutant import Edit, Mutant, application, specification

_PACKAGE = "trustly_api"


@contextmanager
def serving(mutant: Mutant | None) -> Iterator[str]:
    """Serve a mutant, or the sandbox as it is, while the block runs, and give its base URL.

    A process can serve one mutant only: the sandbox loads its specification once.
    """
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as listener:
        if mutant is not None and mutant.edit is not None:
            _install(mutant.edit, Path(folder))
        app, close = application(mutant)
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", ws="none", log_level="critical"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            # The socket listens already: who connects before the server runs waits for it.
            yield f"http://127.0.0.1:{listener.getsockname()[1]}{base_path()}"
        finally:
            server.should_exit = True
            thread.join()
            asyncio.run(close())


def base_path() -> str:
    """What the base URL ends in."""
    return str(urlsplit(specification()["servers"][0]["url"]).path)


def _install(edit: Edit, folder: Path) -> None:
    """Put another specification before the installed one, where the sandbox looks for its own."""
    document = copy.deepcopy(specification())
    edit(document)
    if document == specification():
        raise ValueError("the edit changes nothing of the specification")
    package = folder / _PACKAGE
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
    sys.path.insert(0, str(folder))
    # The sandbox looks for the package anew, unless somebody has imported it.
    sys.modules.pop(_PACKAGE, None)

"""A bare uvicorn application that answers fixed bytes, set as the sandbox sets uvicorn: what HTTP alone costs."""

from __future__ import annotations

import json
import sys
from typing import Any

if not __package__:  # run as a file: find the neighbours as the tests do
    from pathlib import Path

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._measure import ANSWER

BODY = json.dumps(ANSWER, separators=(",", ":")).encode()
HEADERS = [
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"content-length", b"%d" % len(BODY)),
]


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the specification's example, once the request has come."""
    if scope["method"] == "POST":
        while (await receive()).get("more_body"):
            pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})


def serve() -> None:
    """Serve on a free port, and say which."""
    import uvicorn  # noqa: PLC0415 - in the server's process alone

    config = uvicorn.Config(
        app,
        port=0,
        lifespan="off",
        ws="none",
        interface="asgi3",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
    )
    with config.bind_socket() as sock:
        sys.stdout.write(f"http://127.0.0.1:{sock.getsockname()[1]}\n")
        sys.stdout.flush()
        uvicorn.Server(config).run([sock])


if __name__ == "__main__":
    serve()

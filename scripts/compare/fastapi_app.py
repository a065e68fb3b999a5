"""The generated FastAPI server, with what no specification says: who may ask, and what an update does.

Run by `servers.py` in a Python of its own, beside what the generator made: `python fastapi_app.py SPEC PORT`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import HTTPException
from generated_server import HTTPResult
from generated_server.application import create_app

KNOWN = ("sandbox", "sandbox")
UNKNOWN = {"errors": [{"domain": "customers", "code": 200, "message": "There is no such customer."}]}


class Customers:
    """The customers of the specification's examples, in memory."""

    def __init__(self, examples: Mapping[str, Any]) -> None:
        known = examples["CustomerResponse"]["value"]["customer"]
        other = {**known, **examples["CustomerUpdate"]["value"]}
        self._held: dict[str, dict[str, Any]] = {each["customerId"]: each for each in (known, other)}

    def get_customer(self, *, principal: str, customerId: str) -> Any:  # noqa: ARG002, N803 - the generator's names
        """Answer with what is held."""
        held = self._held.get(customerId)
        return HTTPResult(404, UNKNOWN) if held is None else {"customer": held}

    def update_customer(self, *, principal: str, customerId: str, body: Any) -> Any:  # noqa: N803 - as above
        """Set what was sent, and remove what was sent as null."""
        held = self._held.get(customerId)
        if held is not None:
            sent = body.model_dump(exclude_unset=True)
            now = max(held["updatedAt"] + 1, time.time_ns() // 1_000_000)
            ours = {"customerId": customerId, "createdAt": held["createdAt"], "updatedAt": now}
            merged = {**held, **sent, **ours}
            self._held[customerId] = {name: value for name, value in merged.items() if value is not None}
        return self.get_customer(principal=principal, customerId=customerId)


def authorize(_requirements: object, credentials: Mapping[str, Any]) -> str:
    """Return who asks; raise the framework's own 401 for anybody but the one who is known."""
    (given,) = credentials.values()
    if (given.username, given.password) != KNOWN:
        raise HTTPException(401, headers={"WWW-Authenticate": 'Basic realm="customers"'})
    return str(given.username)


def main(spec: str, port: str) -> None:
    """Serve on the loopback interface until the process is ended."""
    document = json.loads(Path(spec).read_text(encoding="utf-8"))
    app = create_app(customers=Customers(document["components"]["examples"]), authorize=authorize, prefix="/api/v1")
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning", access_log=False)


if __name__ == "__main__":
    main(*sys.argv[1:])

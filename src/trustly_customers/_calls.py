"""What is told of a call to those who watch: logs, hooks, errors. Nothing here is personal or secret."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

HEADER_VALUE: Final = re.compile(r"[!-~]([\t -~]*[!-~])?")


@dataclass(frozen=True)
class RequestInfo:
    """What may be said of a request anywhere: no identifier, no header, no body.

    `path` is the template of the specification.
    """

    operation_id: str
    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class Call:
    """One call of a method, while it runs and after it.

    `base_url` is the server's, as the client was given it. `tries`, `status` and `request_id` are of the last try so
    far; `status` is None when it got no answer.

    `headers` is empty, and what a hook puts there before the call begins is sent with each try, such as the context of
    a trace. What the client says itself (credentials, host, what describes the body) cannot be set.
    """

    request: RequestInfo
    base_url: str
    tries: int = 0
    status: int | None = None
    request_id: str | None = None
    headers: dict[str, str] = field(default_factory=dict, repr=False)

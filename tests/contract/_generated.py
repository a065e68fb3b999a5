"""Requests that schemathesis makes, sent past the same gate as all others.

schemathesis sends some requests of its own accord, such as one without credentials after each accepted one, and
none of its settings reaches all of them: so its transport is replaced as a whole.
"""

from __future__ import annotations

import io
from typing import Any

import requests
import schemathesis
from requests.adapters import HTTPAdapter
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.schemas import OpenApiSchema
from schemathesis.transport.requests import REQUESTS_TRANSPORT, RequestsTransport
from urllib3 import HTTPHeaderDict, HTTPResponse

from ._server import Gate
from ._wire import Exchange, Request

Json = Any
_HTTP_1_1 = 11
# http.client counts the body itself; and a number of schemathesis's own would make each run another.
_LEFT_OUT = {"Content-Length", "X-Schemathesis-TestCaseId"}


class GatedTransport(RequestsTransport):
    """Sends by the link it was given, the path without the URL that stands before it."""

    def __init__(self) -> None:
        super().__init__()
        self._copy_serializers_from(REQUESTS_TRANSPORT)
        self.last: Exchange
        """The exchange that ended last."""
        self._session = requests.Session()
        # Neither a proxy nor a password of this machine's user has a part in the check.
        self._session.trust_env = False

    def use(self, link: Gate, base_path: str) -> None:
        """Send by this link from now on."""
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _Adapter(self, link, base_path))

    def send(self, case: schemathesis.Case[Any], *, session: requests.Session | None = None, **kwargs: Any) -> Any:
        return super().send(case, session=session or self._session, **kwargs)


class _Adapter(HTTPAdapter):
    def __init__(self, transport: GatedTransport, link: Gate, base_path: str) -> None:
        super().__init__()
        self._transport, self._link, self._base_path = transport, link, base_path

    def send(self, request: requests.PreparedRequest, *_arguments: object, **_options: object) -> requests.Response:
        body = request.body.encode() if isinstance(request.body, str) else request.body
        path = str(request.path_url or "").removeprefix(self._base_path)
        headers = {name: _text(value) for name, value in request.headers.items() if name not in _LEFT_OUT}
        sent = Request(request.method or "", path, headers, body if isinstance(body, bytes) else None)
        exchange = self._transport.last = self._link.send(sent)
        # A header that is a list may come on several lines, which schemathesis would judge one by one.
        received = {name: ", ".join(exchange.headers.get_all(name, [])) for name in exchange.headers}
        answer = HTTPResponse(
            io.BytesIO(exchange.body),
            HTTPHeaderDict(received),
            exchange.status,
            version=_HTTP_1_1,
            preload_content=False,
            decode_content=False,
        )
        return self.build_response(request, answer)


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


TRANSPORT = GatedTransport()


class _GatedSchema(OpenApiSchema):
    @property
    def transport(self) -> GatedTransport:
        return TRANSPORT


def schema_of(document: dict[str, Json], config: dict[str, Json]) -> OpenApiSchema:
    """Load a document so that whatever is generated from it goes out by `TRANSPORT`."""
    schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(config))
    schema.__class__ = _GatedSchema
    return schema

"""What the operator's side answers: JSON, and an error in one sentence that repeats nothing of the request."""

from __future__ import annotations

from trustly_customers.sandbox import _json
from trustly_customers.sandbox._http import Headers, Response

_NO_STORE = (b"cache-control", b"no-store")
_JSON: Headers = ((b"content-type", b"application/json"), _NO_STORE)

DONE = Response(204, headers=(_NO_STORE,))


class RefusedError(Exception):
    """The request cannot be done. The text is one sentence for the caller."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def answer(value: _json.Value, status: int = 200) -> Response:
    """A value as JSON."""
    return Response(status, _json.write(value), _JSON)


def customer_answer(document: bytes, status: int = 200) -> Response:
    """A stored customer, a JSON text already."""
    return Response(status, b'{"customer":%b}' % document, _JSON)


def page_answer(documents: list[bytes], following: str | None) -> Response:
    """Stored customers, and the id after which the next page begins."""
    return Response(200, b'{"customers":[%b],"next":%b}' % (b",".join(documents), _json.write(following)), _JSON)


def text_answer(text: bytes, content_type: str) -> Response:
    """A text of some type."""
    return Response(200, text, ((b"content-type", content_type.encode()), _NO_STORE))


def refusal(status: int, sentence: str, headers: Headers = ()) -> Response:
    """The answer to what cannot be done."""
    return Response(status, _json.write({"error": sentence}), (*_JSON, *headers))

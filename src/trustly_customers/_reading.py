"""An answer while it arrives, bounded in time and in size, and the errors of an answer that does not."""

from __future__ import annotations

import sys
import time
import zlib
from collections.abc import Iterable
from typing import Final

from ._errors import APIConnectionError, APITimeoutError, RawResponse, ResponseShapeError, TrustlyError
from ._flow import Outcome, Try

_GZIP_OR_ZLIB: Final = 47  # zlib's own number for: tell by the first bytes
_PLAIN: Final = frozenset({"", "identity"})
_COMPRESSED: Final = frozenset({"gzip", "x-gzip", "deflate"})
_NOT_DECOMPRESSED: Final = "the body could not be decompressed"


class Reading:
    """Takes an answer part by part."""

    def __init__(self, step: Try) -> None:
        self.outside = sys.exception()
        self._request = step.request
        self._timeout = step.timeout
        self._limit = step.max_response_bytes
        self.ends = time.monotonic() + step.timeout
        self._status = 0
        self._headers: dict[str, str] = {}
        self._chunks: list[bytes] = []
        self._size = 0
        self._decompressor: zlib._Decompress | None = None
        self._problem: str | None = None
        self._late = False

    def begin(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Take the status and the headers."""
        self._status = status
        for raw_name, raw_value in headers:
            name, value = raw_name.lower().decode("latin-1"), raw_value.decode("latin-1")
            self._headers[name] = f"{self._headers[name]}, {value}" if name in self._headers else value
        encoding = self._headers.get("content-encoding", "").strip().lower()
        if encoding in _COMPRESSED:
            self._decompressor = zlib.decompressobj(_GZIP_OR_ZLIB)
        elif encoding not in _PLAIN:
            self._problem = "the body is encoded in a way that was not asked for"

    def add(self, chunk: bytes) -> bool:
        """Take a part of the body; False when the rest is not wanted."""
        if self._problem is None and self._decompressor is not None:
            try:
                chunk = self._decompressor.decompress(chunk, self._limit + 1 - self._size)
            except zlib.error:
                self._problem = _NOT_DECOMPRESSED
            if self._decompressor.unused_data:
                # More than one stream: the decompressor would keep all of it, however much comes.
                self._problem = _NOT_DECOMPRESSED
        if self._problem is not None:
            return False
        self._size += len(chunk)
        if self._size > self._limit:
            self._problem = f"the body is longer than the {self._limit} bytes allowed"
            return False
        self._chunks.append(chunk)
        # A transport of the user's own may not know of the try's end.
        self._late = time.monotonic() > self.ends
        return not self._late

    def outcome(self) -> Outcome:
        """The answer, or the error that it is."""
        if self._late:
            return self.timed_out(never_sent=False)
        if self._problem is None and self._decompressor is not None and not self._decompressor.eof:
            self._problem = _NOT_DECOMPRESSED
        response = RawResponse(status=self._status, headers=self._headers, content=b"".join(self._chunks))
        # The status of a failure says enough, whatever its body is.
        if self._problem is not None and self._status // 100 == 2:  # noqa: PLR2004 - the class of success
            return ResponseShapeError(self._problem, request=self._request.info, response=response)
        return response

    def timed_out(self, *, never_sent: bool, towards: str | None = None) -> TrustlyError:
        """The error of a try whose time is over, perhaps before a connection towards somewhere was made."""
        unmade = "" if towards is None else f": no connection to {towards} was made"
        text = (
            f"{self._request.info} was not answered within {self._timeout:.3g} seconds{unmade}. "
            f"{self._state(never_sent)}"
        )
        return APITimeoutError(text, request=self._request.info, may_have_been_applied=not never_sent)

    def broken(self, reason: str, *, never_sent: bool) -> TrustlyError:
        """The error of a connection that was not made or that broke."""
        text = f"{self._request.info} got no answer: {reason}. {self._state(never_sent)}"
        return APIConnectionError(text, request=self._request.info, may_have_been_applied=not never_sent)

    def _state(self, never_sent: bool) -> str:  # noqa: FBT001 - private, and its name says all
        if never_sent:
            return "The request was not sent."
        if self._request.method == "GET":
            return "It is safe to try again."
        return "Whether the update was applied is not known; read the customer to see."

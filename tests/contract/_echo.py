"""Tells the echo of a request from words that the server says anyway."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import unquote

from ._wire import JSON_TYPE, Exchange, Request

Json = Any

_SHORTEST = 6
"""Characters; what is shorter stands in an error by chance."""
_LARGE = 10**300
"""What is larger is no double."""
_TEXT = re.compile(rb'"([^"\\]*)"(\s*:)?')
"""A text in what may not be whole JSON, and what tells a name from a value."""

_BARE = re.compile(rb'(?<![\w"\\])(?=\w*[0-9])(?=\w*[A-Za-z])\w+(?![\w"])', re.ASCII)
"""A word without quotes. One of letters alone may be a parser's own, such as NaN."""


class Echoes:
    """What errors have said so far. A value that another request was told, which did not hold it, is no echo."""

    def __init__(self, wording: str) -> None:
        """`wording` is what the specification's own errors say."""
        self._said = {wording.casefold()}

    def repeated(self, exchange: Exchange, named: Collection[str]) -> bool:
        """Whether an error repeats a value of its request, in its body or in a header but for those `named`."""
        apart = {name.lower() for name in named}
        headers = [value for name, value in exchange.headers.items() if name.lower() not in apart]
        told = "\n".join([exchange.body.decode(errors="replace"), *headers]).casefold()
        shown = [value for value in map(str.casefold, _values_of(exchange.request)) if _is_in(value, told)]
        if not shown:
            self._said.add(told)
        return any(not any(value in said for said in self._said) for value in shown)


def _is_in(value: str, told: str) -> bool:
    return value in told or json.dumps(value)[1:-1] in told


def _values_of(request: Request) -> Iterator[str]:
    try:
        body = json.loads(request.body or b"null")
    except (ValueError, RecursionError):
        texts = _TEXT.findall(request.body or b"")
        body = [text.decode(errors="replace") for text, of_a_name in texts if not of_a_name]
        body += [word.decode() for word in _BARE.findall(request.body or b"")]
    named = next((value for name, value in request.headers.items() if name.lower() == "content-type"), JSON_TYPE)
    # What should have been sent, an error may say.
    body = [body, unquote(request.path.rpartition("/")[2]), named.lower().removeprefix(JSON_TYPE).strip("; ")]
    yield from (value for value in _leaves(body) if len(value) >= _SHORTEST)


def _leaves(value: Json) -> Iterator[str]:
    # Without recursion: some of the bodies are nested deeper than Python calls.
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, (str, int, float)):
            yield str(item)
            if isinstance(item, int) and abs(item) < _LARGE:
                yield str(float(item))

"""The library's requests: the short way to a URL gives what its own gives, and what is kept has bounds."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustly_api.resources.customers import GET_CUSTOMER
from trustly_customers._exchange import Request, info
from trustly_customers._flow import Try
from trustly_customers._outgoing import Requests

GET = info(GET_CUSTOMER)

BASES = [
    "https://sandbox.trustly.one/api/v1",
    "http://127.0.0.1:8086",
    "https://[::1]:443/a%20b/../c",
    "https://ü.example/",
]


@pytest.mark.parametrize("base", BASES)
@given(st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_url_is_parsed_as_the_library_parses_it(base: str, identifier: str) -> None:
    url = base.rstrip("/") + GET_CUSTOMER.request(identifier)["url"]
    short, whole = Requests(base.rstrip("/"))._url(url), httpx.URL(url)
    assert short == whole
    assert (short.raw_path, short.netloc, str(short)) == (whole.raw_path, whole.netloc, str(whole))


@pytest.mark.parametrize("rest", ["", "/customers/..", "/customers/a?b=c", "/customers/ü", "/a//b", "/customers/."])
def test_a_path_that_is_not_plain_is_left_to_the_library(rest: str) -> None:
    url = BASES[0] + rest
    assert Requests(BASES[0])._url(url)._uri_reference == httpx.URL(url)._uri_reference


def test_a_body_is_one_part_however_it_is_iterated() -> None:
    request = Request(GET, "POST", f"{BASES[0]}/a", {}, b"content")
    stream = Requests(BASES[0]).of(Try(request, 1.0, 1)).stream
    assert isinstance(stream, httpx.ByteStream)

    async def parts() -> list[bytes]:
        return [part async for part in aiter(aiter(stream))]

    assert list(stream) == asyncio.run(parts()) == [b"content"]

"""The short way to a URL gives what the library's own gives."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustly_api.resources.customers import GET_CUSTOMER
from trustly_customers._outgoing import Requests

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

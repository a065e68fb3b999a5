"""TLS that fails, on either side, and TLS with a private authority."""

from __future__ import annotations

import ssl

import pytest
import trustme

from trustly_customers import APIConnectionError, Customer

from ._calls import FLAVOURS, METHODS, Flavour, Method, attempt
from ._examples import GOOD, answer
from ._faults import says
from ._server import Line, Server

pytestmark = pytest.mark.parametrize("flavour", FLAVOURS)

GOOD_ANSWER = says(answer("200 OK", GOOD))


def presenting(authority: trustme.CA, host: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    return context


def test_a_private_authority_is_trusted_where_it_is_given(
    flavour: Flavour, authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    with Server(GOOD_ANSWER, presenting(authority, "127.0.0.1")) as server:
        ended = attempt(flavour, "get", "update", base_url=server.url("https"), ssl_context=trusting)
    assert [type(each.result) for each in ended] == [Customer, Customer]
    assert server.connections == 1


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("host", ["127.0.0.1", "api.example"])
def test_a_certificate_that_is_not_trusted_ends_before_anything_is_sent(
    flavour: Flavour, authority: trustme.CA, trusting: ssl.SSLContext, host: str, method: Method
) -> None:
    issuer = trustme.CA() if host == "127.0.0.1" else authority
    with Server(GOOD_ANSWER, presenting(issuer, host)) as server:
        (ended,) = attempt(flavour, method, base_url=server.url("https"), ssl_context=trusting, max_retries=1)
    assert isinstance(ended.error, APIConnectionError)
    assert not ended.error.may_have_been_applied
    assert "certificate" in str(ended.error)
    assert ended.error.tries == server.connections == 2
    assert server.heads == []


def test_the_usual_authorities_do_not_vouch_for_a_private_one(flavour: Flavour, authority: trustme.CA) -> None:
    with Server(GOOD_ANSWER, presenting(authority, "127.0.0.1")) as server:
        (ended,) = attempt(flavour, "update", base_url=server.url("https"), max_retries=0)
    assert "certificate" in str(ended.error)
    assert server.heads == []


@pytest.mark.parametrize("method", METHODS)
def test_plain_text_where_tls_is_expected(flavour: Flavour, method: Method) -> None:
    def play(line: Line) -> None:
        line.sock.recv(65536)
        line.send(answer("400 Bad Request", b"plain HTTP"))

    with Server(play) as server:
        (ended,) = attempt(flavour, method, base_url=server.url("https"), max_retries=1)
    assert type(ended.error) is APIConnectionError
    assert not ended.error.may_have_been_applied
    assert "secure connection" in str(ended.error)
    assert ended.error.tries == server.connections == 2


def test_a_handshake_that_breaks_off(flavour: Flavour) -> None:
    def play(line: Line) -> None:
        line.sock.recv(65536)
        line.close()

    with Server(play) as server:
        (ended,) = attempt(flavour, "update", base_url=server.url("https"), max_retries=1)
    assert type(ended.error) is APIConnectionError
    assert not ended.error.may_have_been_applied
    assert ended.error.tries == server.connections == 2


@pytest.mark.parametrize("method", METHODS)
def test_tls_where_plain_text_is_expected(flavour: Flavour, authority: trustme.CA, method: Method) -> None:
    with Server(GOOD_ANSWER, presenting(authority, "127.0.0.1")) as server:
        (ended,) = attempt(flavour, method, base_url=server.url("http"), max_retries=1)
    assert type(ended.error) is APIConnectionError
    assert ended.error.may_have_been_applied
    assert ended.error.tries == server.connections == (2 if method == "get" else 1)

"""Proxies: one that works, ones that do not, and who sees the credentials."""

from __future__ import annotations

import select
import socket
import ssl
from collections.abc import Callable

import pytest
import trustme

from trustly_customers import (
    APIConnectionError,
    APITimeoutError,
    AsyncTrustly,
    Customer,
    InvalidRequestError,
    Trustly,
)

from ._calls import CREDENTIALS, FLAVOURS, METHODS, Flavour, Method, attempt
from ._examples import GOOD, answer, head
from ._faults import says
from ._server import Line, Play, Server

OK = says(answer("200 OK", GOOD))
ELSEWHERE = "https://api.example/api"


@pytest.fixture(scope="module")
def presenting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("api.example", "127.0.0.1").configure_cert(context)
    return context


def tunnel_to(server: Server) -> Play:
    """Connect whoever asks with one server, whatever they asked for."""

    def play(line: Line) -> None:
        line.read_request()
        with socket.create_connection(("127.0.0.1", server.port)) as onward:
            line.send(head("200 Connected"))
            other = {line.sock: onward, onward: line.sock}
            while True:
                ready = [line.sock] if _pending(line.sock) else select.select([*other], [], [], 5)[0]
                for each in ready:
                    data = each.recv(65536)
                    if not data:
                        return
                    other[each].sendall(data)

    return play


def _pending(sock: socket.socket) -> bool:
    return isinstance(sock, ssl.SSLSocket) and sock.pending() > 0


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_tunnel_hides_the_credentials_from_the_proxy(
    flavour: Flavour, trusting: ssl.SSLContext, presenting: ssl.SSLContext
) -> None:
    with Server(OK, presenting) as server, Server(tunnel_to(server)) as proxy:
        url = f"http://us%C3%ABr:p%40ss@127.0.0.1:{proxy.port}"
        ended = attempt(flavour, "get", "update", base_url=ELSEWHERE, ssl_context=trusting, proxy=url)
    assert [type(each.result) for each in ended] == [Customer, Customer]
    assert proxy.connections == server.connections == 1
    (asked,) = proxy.heads
    assert asked.startswith(b"CONNECT api.example:443 HTTP/1.1\r\n")
    assert b"\r\nProxy-Authorization: Basic dXPDq3I6cEBzcw==" in asked
    assert b"\r\nAuthorization" not in asked
    assert all(b"Proxy-Authorization" not in each for each in server.heads)


def test_the_quick_transport_speaks_tls_with_a_proxy(
    trusting: ssl.SSLContext, presenting: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trustly_customers.fast.authorities", lambda: trusting)
    with Server(OK, presenting) as server, Server(tunnel_to(server), presenting) as proxy:
        url = proxy.url("https").removesuffix("/api")
        (ended,) = attempt("fast", "update", base_url=ELSEWHERE, ssl_context=trusting, proxy=url)
    assert isinstance(ended.result, Customer), repr(ended.result)


REFUSALS: dict[str, Play] = {
    "credentials wanted": says(answer("407 Proxy Authentication Required", b"who?")),
    "bad gateway": says(answer("502 Bad Gateway", b"<html></html>")),
    "forbidden": says(head("403 Forbidden"), then=Line.close),
}


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("play", REFUSALS.values(), ids=REFUSALS)
def test_a_proxy_that_refuses_has_passed_nothing_on(flavour: Flavour, method: Method, play: Play) -> None:
    with Server(play) as proxy:
        (ended,) = attempt(flavour, method, base_url=ELSEWHERE, proxy=f"http://127.0.0.1:{proxy.port}", max_retries=1)
    assert type(ended.error) is APIConnectionError
    assert "the proxy refused" in str(ended.error)
    assert not ended.error.may_have_been_applied
    assert ended.error.tries == proxy.connections == 2
    assert all(head.startswith(b"CONNECT ") for head in proxy.heads)


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(
    ("play", "kind"),
    [(says(then=Line.close), APIConnectionError), (says(then=Line.hang), APITimeoutError)],
    ids=["closes", "is silent"],
)
def test_a_proxy_that_does_not_answer_ends_in_time_and_has_passed_nothing_on(
    flavour: Flavour, play: Play, kind: type[APIConnectionError]
) -> None:
    with Server(play) as proxy:
        (ended,) = attempt(
            flavour, "update", base_url=ELSEWHERE, proxy=f"http://127.0.0.1:{proxy.port}", max_retries=1, timeout=0.1
        )
    assert type(ended.error) is kind
    assert isinstance(ended.error, APIConnectionError)
    assert not ended.error.may_have_been_applied
    assert ended.error.tries == proxy.connections == 2
    assert ended.seconds < 5


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_system_s_proxy_is_used_for_https_alone(flavour: Flavour, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(REFUSALS["forbidden"]) as proxy, Server(OK) as server:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        (plain,) = attempt(flavour, "get", base_url=server.url())
        assert isinstance(plain.result, Customer)
        assert proxy.connections == 0
        (secure,) = attempt(flavour, "get", base_url=ELSEWHERE, max_retries=0)
        assert "the proxy refused" in str(secure.error)
        assert proxy.connections == 1
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        attempt(flavour, "get", base_url=server.url("https"), max_retries=0, timeout=0.5)
    assert proxy.connections == 1


@pytest.mark.parametrize("flavour", ["sync", "asyncio", "fast"])
def test_a_proxy_given_for_plain_loopback_is_told_the_whole_url(flavour: Flavour) -> None:
    with Server(OK) as proxy:
        (ended,) = attempt(
            flavour, "get", base_url="http://127.0.0.1:1/api", proxy=f"http://u:p@127.0.0.1:{proxy.port}"
        )
    assert isinstance(ended.result, Customer), repr(ended.result)
    assert proxy.heads[0].startswith(b"GET http://127.0.0.1:1/api/customers/")
    assert b"\r\nProxy-Authorization: Basic dTpw" in proxy.heads[0]


@pytest.mark.parametrize("make", [Trustly, AsyncTrustly])
def test_a_system_s_proxy_that_is_not_spoken_to_is_told_at_once(
    make: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "socks5://127.0.0.1:1080")
    with pytest.raises(InvalidRequestError, match="proxy"):
        make(*CREDENTIALS)


def test_the_quick_transport_tells_of_such_a_proxy_with_the_first_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "socks5://127.0.0.1:1080")
    (ended,) = attempt("fast", "get", base_url=ELSEWHERE, proxy=None)
    assert isinstance(ended.error, InvalidRequestError)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_tunnel_to_a_server_of_another_name_is_not_used(
    flavour: Flavour, trusting: ssl.SSLContext, presenting: ssl.SSLContext
) -> None:
    with Server(OK, presenting) as server, Server(tunnel_to(server)) as proxy:
        url = f"http://127.0.0.1:{proxy.port}"
        (ended,) = attempt(
            flavour, "update", base_url="https://other.example", ssl_context=trusting, proxy=url, max_retries=0
        )
    assert "the server's certificate could not be verified" in str(ended.error)
    assert isinstance(ended.error, APIConnectionError)
    assert not ended.error.may_have_been_applied
    assert server.heads == []

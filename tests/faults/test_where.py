"""A connection that was not made is told with where it was to lead: scheme, host, port, and the proxy on the way."""

from __future__ import annotations

import socket
import ssl

import pytest
import trustme

from trustly_customers import APITimeoutError

from ._calls import CREDENTIALS, FLAVOURS, Flavour, attempt
from ._examples import IDENTIFIER
from ._faults import says
from ._server import Line, Server
from .test_tls import GOOD_ANSWER, presenting

pytestmark = pytest.mark.parametrize("flavour", FLAVOURS)

SECRETS = (*CREDENTIALS, IDENTIFIER, "zquser", "zqpass", "/zqpath")


def told(flavour: Flavour, **options: object) -> str:
    """Return the text with which a call ends; it holds nothing of the path and no credentials."""
    (ended,) = attempt(flavour, "update", max_retries=0, **options)  # type: ignore[arg-type] # options of any kind
    assert not [secret for secret in SECRETS if secret in str(ended.error).removeprefix("POST /customers/{customerId}")]
    return str(ended.error)


@pytest.fixture
def dead_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
    return port


def test_a_server_that_is_not_there(flavour: Flavour, dead_port: int) -> None:
    assert told(flavour, base_url=f"http://127.0.0.1:{dead_port}/zqpath") == (
        f"POST /customers/{{customerId}} got no answer: no connection to http://127.0.0.1:{dead_port} could be made; "
        "check base_url and the network. The request was not sent."
    )


@pytest.mark.parametrize(
    ("base_url", "origin"),
    [
        ("https://nowhere.invalid/zqpath", "https://nowhere.invalid:443"),
        ("https://NOWHERE.invalid:8443/zqpath", "https://nowhere.invalid:8443"),
        ("https://ü.invalid/zqpath", "https://xn--tda.invalid:443"),
    ],
)
def test_a_name_that_nobody_has(flavour: Flavour, base_url: str, origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "zqsecret")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert (
        f"got no answer: a host's name could not be looked up for a connection to {origin}; check base_url and the "
        "network. The request was not sent."
    ) in told(flavour, base_url=base_url)


def test_a_proxy_that_is_not_there(flavour: Flavour, dead_port: int) -> None:
    words = told(flavour, base_url="https://api.example/api", proxy=f"http://zquser:zqpass@127.0.0.1:{dead_port}")
    assert f"no connection to https://api.example:443 by way of the proxy at 127.0.0.1:{dead_port} could be" in words


def test_a_proxy_that_refuses_or_leaves(flavour: Flavour) -> None:
    left = (
        "no connection to {} could be made"
        if flavour == "fast"
        else "the server broke off or did not speak HTTP while a connection to {} was made."
    )
    for play, reason in {
        says(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"): "the proxy refused a connection to {}.",
        says(then=Line.close): left,
    }.items():
        with Server(play) as proxy:
            words = told(flavour, base_url="https://api.example", proxy=f"http://zquser:zqpass@127.0.0.1:{proxy.port}")
            assert reason.format(f"https://api.example:443 by way of the proxy at 127.0.0.1:{proxy.port}") in words


def test_a_certificate_that_is_not_trusted(flavour: Flavour, authority: trustme.CA) -> None:
    with Server(GOOD_ANSWER, presenting(authority, "127.0.0.1")) as server:
        words = told(flavour, base_url=server.url("https"))
        assert (
            f"the server's certificate could not be verified for a connection to https://127.0.0.1:{server.port}."
            in words
        )


def test_plain_text_in_place_of_tls(flavour: Flavour, trusting: ssl.SSLContext) -> None:
    def play(line: Line) -> None:
        line.sock.recv(65536)
        line.send(b"220 hello\r\n")

    with Server(play) as server:
        words = told(flavour, base_url=server.url("https"), ssl_context=trusting)
        assert f"no secure connection to https://127.0.0.1:{server.port} could be made." in words


def test_a_handshake_that_does_not_end_in_time(flavour: Flavour) -> None:
    with Server(Line.hang) as server:
        (ended,) = attempt(flavour, "get", base_url=server.url("https"), timeout=0.2, max_retries=0)
        words = (
            f"within 0.2 seconds: no connection to https://127.0.0.1:{server.port} was made. The request was not sent."
        )
    assert type(ended.error) is APITimeoutError
    assert str(ended.error).endswith(words)


def test_a_server_that_breaks_off_later_is_told_as_before(flavour: Flavour) -> None:
    with Server(says(then=Line.close)) as server:
        words = told(flavour, base_url=server.url())
    assert "got no answer: the server broke off or did not speak HTTP. Whether" in words

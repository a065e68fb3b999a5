"""How connections are to be made, and what the library's requests hold: settled before anything is sent."""

from __future__ import annotations

import ssl
from typing import Any, Unpack

import httpx
import pytest

from trustly_customers import ClientOptions, InvalidRequestError
from trustly_customers import _http as http
from trustly_customers._calls import RequestInfo
from trustly_customers._config import Settings
from trustly_customers._exchange import Request
from trustly_customers._flow import Try
from trustly_customers._hidden import Hidden
from trustly_customers._outgoing import Requests

SECURE, PLAIN = "https://api.example/v1", "http://127.0.0.1:1/v1"


def settings(**options: Unpack[ClientOptions]) -> Settings:
    return Settings.checked(Hidden(("id", "key")), options)


@pytest.fixture(autouse=True)
def no_proxy_of_the_machine_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib.request.getproxies", dict)
    monkeypatch.setattr("urllib.request.proxy_bypass", lambda _host: False)


def test_tls_is_verified_by_the_usual_authorities_or_those_given_and_not_wanted_on_loopback() -> None:
    usual = http._connections(settings(base_url=SECURE))
    assert usual == {
        "verify": http.authorities(),
        "proxy": None,
        "limits": httpx.Limits(max_connections=100),
        "trust_env": False,
    }
    assert (http.authorities().verify_mode, http.authorities().check_hostname) == (ssl.CERT_REQUIRED, True)
    own = ssl.create_default_context()
    given = http._connections(settings(base_url=SECURE, ssl_context=own, proxy="http://p", max_connections=7))
    assert (given["verify"], given["proxy"], given["limits"].max_connections) == (own, "http://p", 7)
    assert http._connections(settings(base_url=PLAIN))["verify"] is False


@pytest.mark.parametrize(
    ("proxies", "base_url", "found"),
    [
        ({}, SECURE, None),
        ({"https": "http://p:1"}, SECURE, "http://p:1"),
        ({"https": "p:1"}, SECURE, "http://p:1"),
        ({"all": "https://p"}, SECURE, "https://p"),
        ({"all": "http://q", "https": "http://p"}, SECURE, "http://p"),
        ({"http": "http://p"}, SECURE, None),
        ({"http": "http://p", "all": "http://p"}, PLAIN, None),
    ],
)
def test_the_system_s_proxy_is_for_https_alone(
    proxies: dict[str, str], base_url: str, found: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("urllib.request.getproxies", lambda: proxies)
    assert http.system_proxy(base_url) == found
    monkeypatch.setattr("urllib.request.proxy_bypass", lambda host: host == "api.example")
    assert http.system_proxy(SECURE) is None


def test_a_system_s_proxy_that_is_not_spoken_to_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib.request.getproxies", lambda: {"https": "socks5://p"})
    with pytest.raises(InvalidRequestError) as caught:
        http.system_proxy(SECURE)
    text = "the system's settings name a proxy that is no http or https URL; pass proxy instead"
    assert str(caught.value) == text


@pytest.mark.parametrize("name", ["http_proxy", "https_proxy", "all_proxy"])
@pytest.mark.parametrize("kind", [http.SyncHTTP, http.AsyncHTTP])
def test_a_transport_that_is_given_is_the_only_one(kind: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setattr("urllib.request.getproxies", lambda: {name.partition("_")[0]: "http://127.0.0.1:1"})
    given = httpx.MockTransport(lambda _: httpx.Response(204))
    made = kind(settings(base_url=SECURE), given)
    assert made._transport_for(httpx.URL(SECURE)) is given
    assert made._transport_for(httpx.URL("http://elsewhere.example")) is given


def a_try(method: str = "GET", content: bytes | None = None, timeout: float = 1.0, **headers: str) -> Try:
    info = RequestInfo("getCustomer", method, "/customers/{customerId}")
    return Try(Request(info, method, f"{SECURE}/customers/1", headers, content), timeout, 1)


def test_a_request_holds_what_was_given_and_what_http_demands() -> None:
    request = Requests(SECURE).of(a_try("POST", b"{}", Accept="a/b"))
    assert (request.method, str(request.url)) == ("POST", f"{SECURE}/customers/1")
    assert request.headers.raw == [
        (b"Host", b"api.example"),
        (b"Accept-Encoding", b"identity"),
        (b"Accept", b"a/b"),
        (b"Content-Length", b"2"),
    ]
    bare = Requests(SECURE).of(a_try())
    assert bare.headers.raw == [(b"Host", b"api.example"), (b"Accept-Encoding", b"identity")]
    assert b"".join(bare.stream) == b""  # type: ignore[arg-type] # a sync stream, too


def test_headers_that_are_the_same_are_encoded_once_and_never_shared() -> None:
    requests = Requests(SECURE)
    one, another = requests.of(a_try("POST", b"1", A="b")), requests.of(a_try(A="b"))
    assert "Content-Length" in one.headers
    assert "Content-Length" not in another.headers
    assert len(requests._encoded) == 1


def test_at_most_sixteen_sets_of_headers_are_kept() -> None:
    requests = Requests(SECURE)
    sizes = []
    for number in range(18):
        requests.of(a_try(X=str(number)))
        sizes.append(len(requests._encoded))
    assert sizes == [*range(1, 17), 1, 2]


@pytest.mark.parametrize(("timeout", "connect"), [(1.0, 0.8), (2.5, 2.0), (10.0, 9.5), (90.0, 89.5)])
def test_a_connection_is_given_up_a_little_before_the_try(timeout: float, connect: float) -> None:
    times = Requests(SECURE).of(a_try(timeout=timeout)).extensions["timeout"]
    assert times == {"connect": connect, "pool": connect, "read": timeout, "write": timeout}


def test_a_long_or_unusual_url_is_the_library_s_to_parse() -> None:
    requests = Requests(SECURE)
    for rest in ("/a?b", "/ü", "/..", f"/{'a' * 5000}"):
        assert str(requests._url(SECURE + rest)) == str(httpx.URL(SECURE + rest))
        assert requests._base is None
    assert str(requests._url(f"{SECURE}/a")) == f"{SECURE}/a"
    assert requests._base == SECURE
    longest = f"{SECURE}/".ljust(4096, "a")
    assert str(requests._url(longest)) == longest
    with pytest.raises(httpx.InvalidURL):
        requests._url(f"{SECURE}/{'a' * 70_000}")

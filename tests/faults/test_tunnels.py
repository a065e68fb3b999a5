"""What the quick transport writes, and what it makes of a proxy's answer, byte for byte."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from trustly_customers.fast import _check_tunnel, _connect_request, _Origin, _proxy_authorization, _written


def origin(host: str, proxy: str | None, scheme: str = "https") -> _Origin:
    return _Origin(scheme, host, 443, None if proxy is None else httpx.URL(proxy))


@pytest.mark.parametrize(
    ("host", "proxy", "wanted"),
    [
        ("api.example", "http://p", b"CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n\r\n"),
        ("::1", "http://p", b"CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\r\n"),
        (
            "api.example",
            "http://u:p:q@p",
            b"CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\nProxy-Authorization: Basic dTpwOnE=\r\n\r\n",
        ),
    ],
    ids=["a name", "an address", "credentials"],
)
def test_a_tunnel_is_asked_for_so(host: str, proxy: str, wanted: bytes) -> None:
    assert _connect_request(origin(host, proxy)) == wanted


@pytest.mark.parametrize("proxy", [None, "http://p"])
def test_without_credentials_none_are_sent(proxy: str | None) -> None:
    assert _proxy_authorization(origin("h", proxy)) == []


@pytest.mark.parametrize(("scheme", "proxy", "forwarded"), [("http", "http://p", True), ("https", "http://p", False)])
def test_plain_requests_alone_are_forwarded(
    scheme: str,
    proxy: str,
    forwarded: bool,  # noqa: FBT001 - a column of the table
) -> None:
    assert origin("h", proxy, scheme).is_forwarded is forwarded
    assert origin("h", None, scheme).is_forwarded is False


@pytest.mark.parametrize("status", [200, 204, 299])
def test_each_success_opens_a_tunnel(status: int) -> None:
    _check_tunnel(status)


@pytest.mark.parametrize("status", [199, 300, 407])
def test_anything_else_is_a_refusal(status: int) -> None:
    with pytest.raises(httpx.ProxyError, match=r"^the proxy refused$"):
        _check_tunnel(status)


@pytest.mark.parametrize(
    ("scheme", "proxy", "target", "more"),
    [
        ("http", None, b"/customers/1?a=b", b""),
        ("https", "http://u:p@p", b"/customers/1?a=b", b""),
        ("http", "http://u:p@p", b"http://h/customers/1?a=b", b"Proxy-Authorization: Basic dTpw\r\n"),
    ],
)
def test_a_request_is_written_so(scheme: str, proxy: str | None, target: bytes, more: bytes) -> None:
    request = httpx.Request("POST", "http://h/customers/1?a=b", headers={"X-Y": "z"}, content=b"{}")
    assert asyncio.run(_written(request, origin("h", proxy, scheme))) == (
        b"POST " + target + b" HTTP/1.1\r\nHost: h\r\nX-Y: z\r\nContent-Length: 2\r\n" + more + b"\r\n{}"
    )

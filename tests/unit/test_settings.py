"""What a client is told when it is made: each bad argument is refused by name, before anything is sent."""

from __future__ import annotations

import math
import ssl
from typing import Any

import httpx
import pytest

from trustly_api.contract import SERVERS
from trustly_customers import AsyncTrustly, ClientOptions, InvalidRequestError, Trustly

from . import _spec

GOOD: dict[str, Any] = {"access_id": "id", "access_key": "zqaccesskey"}
NOT_TEXT: list[Any] = [None, 5, True, b"bytes", [], {}, 3j]
NOT_CREDENTIALS = [*NOT_TEXT, "", "a\nb", "a\r", "\x00", "\x7f", "\ud800"]
NOT_SECONDS: list[Any] = [None, "30", True, False, 0, -1, -0.0, math.nan, math.inf, -math.inf, 10**400, 1e10, [], 3j]
NOT_BYTES: list[Any] = [None, "1", True, 0, -1, 1.5, math.inf, []]
NOT_ENVIRONMENTS = ["", "Sandbox", "prod", "https://sandbox.trustly.one/api/v1", *NOT_TEXT]
NOT_URLS = [
    *NOT_TEXT[1:],
    *("", " ", "sandbox", "sandbox.trustly.one/api/v1", "//sandbox.trustly.one", "/api/v1", "https://", "https:///x"),
    *("https:", "ftp://example.test", "file:///etc/passwd", "javascript:alert(1)", "https//example.test"),
    *("https://exa mple.test", "https://example.test/a b", "https://example.test/\n", "\thttps://example.test"),
    *("https://example.test:port", "https://example.test:99999", "https://[::1", "https://[zz]/", "https://a..b"),
    *("https://user@example.test", "https://user:zqsecret@example.test", "https://@example.test"),
    *("https://example.test?x=1", "https://example.test?", "https://example.test#x", "https://example.test/#"),
    f"https://{'a' * 64}.test",
]
NOT_LOOPBACK = [
    *(
        "http://example.test",
        "HTTP://example.test",
        "http://sandbox.trustly.one/api/v1",
        "http://10.0.0.1",
        "http://0.0.0.0",
    ),
    *("http://127.0.0.1.example.test", "http://localhost.example.test", "http://xlocalhost", "http://[::2]:80"),
    *("http://2130706433", "http://128.0.0.1", "http://127.0.0.1\\.example.test", "http://127.0.0.1%2eexample.test"),
]

CLIENTS = pytest.mark.parametrize("client", [Trustly, AsyncTrustly])


def refusal(client: type[Trustly | AsyncTrustly], **arguments: Any) -> str:
    """Return the text with which a client refuses to be made."""
    with pytest.raises(InvalidRequestError) as caught:
        client(**{**GOOD, **arguments}, transport=httpx.MockTransport(_never))
    assert caught.value.__cause__ is None
    assert "zq" not in f"{caught.value} {caught.value!r} {caught.value.__context__!r}"
    return str(caught.value)


def _never(_: httpx.Request) -> httpx.Response:
    raise AssertionError


@CLIENTS
@pytest.mark.parametrize("name", ["access_id", "access_key"])
@pytest.mark.parametrize("value", NOT_CREDENTIALS, ids=repr)
def test_a_credential_must_be_text_without_control_characters(client: Any, name: str, value: Any) -> None:
    assert name in refusal(client, **{name: value})


@CLIENTS
def test_an_access_id_holds_no_colon(client: Any) -> None:
    assert "access_id must hold no colon" in refusal(client, access_id="zq:a")


@CLIENTS
@pytest.mark.parametrize("value", NOT_SECONDS, ids=lambda value: repr(value)[:20])
def test_a_timeout_must_be_seconds_above_zero(client: Any, value: Any) -> None:
    assert refusal(client, timeout=value).startswith("timeout must be a number of seconds above 0")


@CLIENTS
@pytest.mark.parametrize("value", NOT_BYTES, ids=repr)
def test_a_limit_must_be_whole_bytes(client: Any, value: Any) -> None:
    assert refusal(client, max_response_bytes=value).startswith("max_response_bytes must be a whole number")


@CLIENTS
@pytest.mark.parametrize("value", NOT_ENVIRONMENTS, ids=repr)
def test_an_environment_must_be_one_that_the_spec_names(client: Any, value: Any) -> None:
    assert refusal(client, environment=value) == f"environment must be one of {', '.join(sorted(SERVERS))}"


@CLIENTS
@pytest.mark.parametrize("value", NOT_URLS, ids=lambda value: repr(value)[:40])
def test_a_base_url_must_be_a_plain_url(client: Any, value: Any) -> None:
    assert refusal(client, base_url=value).startswith(("base_url must be a URL", "base_url must hold no credentials"))


@CLIENTS
@pytest.mark.parametrize("value", NOT_LOOPBACK)
def test_plain_http_is_for_loopback_alone(client: Any, value: str) -> None:
    assert "base_url must" in refusal(client, base_url=value)


@CLIENTS
@pytest.mark.parametrize(
    "value",
    ["http://127.0.0.1", "http://127.9.9.9:1/x", "http://LOCALHOST:8086", "http://[::1]", "HTTPS://EXAMPLE.test"],
)
def test_loopback_and_https_are_accepted(client: Any, value: str) -> None:
    assert value in repr(client(**GOOD, base_url=value, transport=httpx.MockTransport(_never)))


@CLIENTS
def test_an_option_that_does_not_exist_is_named_with_those_that_do(client: Any) -> None:
    text = refusal(client, time_out=1)
    assert text.startswith("time_out is no option")
    assert all(name in text for name in ClientOptions.__optional_keys__)


CONNECTIONS: dict[str, Any] = {
    "ssl_context": ssl.create_default_context(),
    "proxy": "http://zq.test:3128",
    "max_connections": 100,
}


@CLIENTS
@pytest.mark.parametrize("name", CONNECTIONS)
def test_what_a_transport_would_not_heed_is_refused_beside_one(
    client: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = f"{name} is heeded by the client's own transport alone; give it to the transport that you pass instead"
    assert refusal(client, **{name: CONNECTIONS[name]}) == words
    env(monkeypatch, ACCESS_ID="id", ACCESS_KEY="key")
    with pytest.raises(InvalidRequestError) as caught:
        client.from_env(transport=httpx.MockTransport(_never), **{name: CONNECTIONS[name]})
    assert str(caught.value) == words
    assert repr(client.from_env(**{name: CONNECTIONS[name]}))


@CLIENTS
def test_what_is_none_is_as_good_as_left_out_beside_a_transport(client: Any) -> None:
    assert repr(client(**GOOD, ssl_context=None, proxy=None, transport=httpx.MockTransport(_never)))


@CLIENTS
def test_missing_credentials_are_python_s_own_error(client: Any) -> None:
    with pytest.raises(TypeError, match="access_key"):
        client("id")


def env(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"TRUSTLY_{name}", value)


@CLIENTS
@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "TRUSTLY_ACCESS_ID and TRUSTLY_ACCESS_KEY must be set"),
        ({"ACCESS_ID": "id"}, "TRUSTLY_ACCESS_KEY must be set"),
        ({"ACCESS_KEY": "zqaccesskey"}, "TRUSTLY_ACCESS_ID must be set"),
        ({"ACCESS_ID": "", "ACCESS_KEY": ""}, "TRUSTLY_ACCESS_ID and TRUSTLY_ACCESS_KEY must be set"),
        ({"ACCESS_ID": "a:zq", "ACCESS_KEY": "k"}, "TRUSTLY_ACCESS_ID must hold no colon"),
        ({"ACCESS_ID": "a", "ACCESS_KEY": "zq\n"}, "TRUSTLY_ACCESS_KEY must"),
        ({"ACCESS_ID": "a", "ACCESS_KEY": "zq\udcff"}, "TRUSTLY_ACCESS_KEY must be valid Unicode"),
        ({"ACCESS_ID": "a", "ACCESS_KEY": "k", "ENVIRONMENT": "zqlive"}, "TRUSTLY_ENVIRONMENT must be one of"),
        ({"ACCESS_ID": "a", "ACCESS_KEY": "k", "BASE_URL": "zqhost"}, "TRUSTLY_BASE_URL must be a URL"),
        ({"ACCESS_ID": "a", "ACCESS_KEY": "k", "BASE_URL": "http://zq.test"}, "TRUSTLY_BASE_URL must begin with https"),
        (
            {"ACCESS_ID": "a", "ACCESS_KEY": "k", "BASE_URL": "https://a@zq"},
            "TRUSTLY_BASE_URL must hold no credentials",
        ),
    ],
)
def test_a_bad_variable_is_named(
    client: Any, given: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    env(monkeypatch, **given)
    with pytest.raises(InvalidRequestError, match=named) as caught:
        client.from_env(transport=httpx.MockTransport(_never))
    assert "zq" not in f"{caught.value} {caught.value.__context__!r}"


def sent_by_from_env(**options: Any) -> httpx.Request:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=_spec.example("CustomerResponse"))

    with Trustly.from_env(transport=httpx.MockTransport(answer), **options) as client:
        client.customers.get("1")
    return seen[0]


def test_the_environment_s_credentials_and_server_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    env(monkeypatch, ACCESS_ID="id", ACCESS_KEY="kéy")
    assert str(sent_by_from_env().url) == f"{SERVERS['sandbox']}/customers/1"
    assert httpx.BasicAuth("id", "kéy")._auth_header == sent_by_from_env().headers["authorization"]
    env(monkeypatch, ENVIRONMENT="production")
    assert str(sent_by_from_env().url) == f"{SERVERS['production']}/customers/1"
    env(monkeypatch, BASE_URL="https://example.test/x/")
    assert str(sent_by_from_env().url) == "https://example.test/x/customers/1"


def test_variables_that_are_empty_are_as_good_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    env(monkeypatch, ACCESS_ID="id", ACCESS_KEY="key", ENVIRONMENT="", BASE_URL="")
    assert str(sent_by_from_env().url) == f"{SERVERS['sandbox']}/customers/1"


def test_options_given_beat_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    env(monkeypatch, ACCESS_ID="id", ACCESS_KEY="key", ENVIRONMENT="sandbox")
    assert sent_by_from_env(environment="production").url.host == httpx.URL(SERVERS["production"]).host
    env(monkeypatch, BASE_URL="https://example.test")
    assert sent_by_from_env(base_url="https://other.test").url.host == "other.test"


def test_from_env_makes_an_instance_of_the_class_it_is_called_on(monkeypatch: pytest.MonkeyPatch) -> None:
    class Own(Trustly):
        pass

    env(monkeypatch, ACCESS_ID="id", ACCESS_KEY="key")
    assert type(Own.from_env(transport=httpx.MockTransport(_never))) is Own
    assert type(AsyncTrustly.from_env(transport=httpx.MockTransport(_never))) is AsyncTrustly

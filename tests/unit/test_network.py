"""No answer: each failure of the network as an error of this package, in its words alone."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator

import httpx
import pytest
import respx

from trustly_customers import APIConnectionError, APITimeoutError, TrustlyError

from . import _spec
from ._clients import CUSTOMER_ID, Client, Connect

pytestmark = pytest.mark.anyio

LIBRARY_WORDS = "zqsecret https://sandbox.trustly.one/api/v1/customers/zqcustomer77 [Errno 111] httpcore.X"
ORIGIN = "https://sandbox.trustly.one:443"  # which a connection that was not made is told with
FOREIGN = ("zq", "http", "sandbox", "trustly.one", "Errno", "httpx", "httpcore", "object at", CUSTOMER_ID)

NEVER_SENT = {httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol}


def raised_by_the_library() -> Iterator[type[httpx.RequestError]]:
    """Yield every failure of a request that the library can raise, those of its next version too."""
    pending: list[type[httpx.RequestError]] = [httpx.RequestError]
    while pending:
        kind = pending.pop()
        yield kind
        pending += kind.__subclasses__()


def no_foreign_words(error: BaseException) -> bool:
    texts = [text.replace(f" {ORIGIN}", "") for text in (str(error), repr(error))]
    return not any(word in text for text in texts for word in FOREIGN)


def failing(effect: Exception) -> httpx.MockTransport:
    """Return a transport that fails; what respx raises has a cause of respx's own."""

    def fail(_: httpx.Request) -> httpx.Response:
        raise effect

    return httpx.MockTransport(fail)


async def test_a_failure_of_the_library_becomes_ours_and_says_whether_an_update_may_have_been_applied(
    client: Client, server: respx.MockRouter, subtests: pytest.Subtests
) -> None:
    for kind in raised_by_the_library():
        with subtests.test(str(kind)):
            server["any"].mock(side_effect=kind(LIBRARY_WORDS))
            ours = APITimeoutError if issubclass(kind, httpx.TimeoutException) else APIConnectionError
            for operation_id, (method, path, _) in _spec.operations().items():
                with pytest.raises(APIConnectionError) as caught:
                    await client.call(operation_id)
                error = caught.value
                assert type(error) is ours
                assert error.may_have_been_applied == (kind not in NEVER_SENT)
                assert (error.request.operation_id, error.request.method, error.request.path) == (
                    operation_id,
                    method,
                    path,
                )
                assert str(error).startswith(f"{method} {path} ")
                assert no_foreign_words(error)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (httpx.ConnectError, f"no connection to {ORIGIN} could be made"),
        (httpx.ConnectTimeout, f"not answered within 30 seconds: no connection to {ORIGIN} was made"),
        (httpx.PoolTimeout, r"not answered within 30 seconds\. The"),
        (httpx.ReadTimeout, "not answered within 30 seconds"),
        (httpx.WriteTimeout, "not answered within 30 seconds"),
        (httpx.ReadError, "the connection broke"),
        (httpx.WriteError, "the connection broke"),
        (httpx.RemoteProtocolError, "did not speak HTTP"),
        (httpx.ProxyError, f"the proxy refused a connection to {ORIGIN}"),
        (httpx.DecodingError, "could not be decompressed"),
    ],
)
async def test_the_text_says_what_happened_and_what_to_do(
    kind: type[httpx.RequestError], reason: str, client: Client, server: respx.MockRouter
) -> None:
    server["any"].mock(side_effect=kind(LIBRARY_WORDS))
    with pytest.raises(APIConnectionError, match=reason) as caught:
        await client.update()
    advice = "The request was not sent." if kind in NEVER_SENT else "read the customer to see"
    assert advice in str(caught.value)
    with pytest.raises(APIConnectionError, match=reason) as caught:
        await client.get()
    assert ("not sent" if kind in NEVER_SENT else "safe to try again") in str(caught.value)


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (
            ssl.SSLCertVerificationError(1, LIBRARY_WORDS),
            f"certificate could not be verified for a connection to {ORIGIN}",
        ),
        (ssl.SSLError(1, LIBRARY_WORDS), f"no secure connection to {ORIGIN}"),
        (socket.gaierror(-2, LIBRARY_WORDS), f"name could not be looked up for a connection to {ORIGIN}"),
    ],
)
async def test_a_failure_of_tls_or_of_a_look_up_is_told_from_others(
    cause: OSError, reason: str, connect: Connect
) -> None:
    failure = httpx.ConnectError(LIBRARY_WORDS)
    failure.__cause__ = cause
    for effect in (failure, cause):
        with pytest.raises(APIConnectionError, match=reason) as caught:
            await connect(transport=failing(effect)).get()
        assert no_foreign_words(caught.value)


@pytest.mark.parametrize(
    ("base_url", "origin"),
    [("https://[::1]/x", "https://[::1]:443"), ("http://localhost/x", "http://localhost:80")],
)
async def test_where_a_connection_was_to_lead_is_told_with_its_port(
    base_url: str, origin: str, connect: Connect
) -> None:
    with pytest.raises(APIConnectionError, match=re.escape(f"no connection to {origin} could be made;")):
        await connect(base_url=base_url, transport=failing(httpx.ConnectError(LIBRARY_WORDS))).get()


async def test_what_failed_before_the_call_is_not_taken_for_its_reason(connect: Connect) -> None:
    client = connect(transport=failing(httpx.ReadError(LIBRARY_WORDS)))
    try:
        raise ssl.SSLError(1, "something of the caller's")  # noqa: TRY301 - stands for code of the caller's
    except ssl.SSLError:
        with pytest.raises(APIConnectionError, match="the connection broke"):
            await client.get()


@pytest.mark.parametrize("kind", [ConnectionResetError, BrokenPipeError, OSError])
async def test_an_error_of_the_operating_system_becomes_ours(
    kind: type[OSError], client: Client, server: respx.MockRouter
) -> None:
    server["any"].mock(side_effect=kind(104, LIBRARY_WORDS))
    with pytest.raises(APIConnectionError) as caught:
        await client.update()
    assert caught.value.may_have_been_applied
    assert no_foreign_words(caught.value)


@pytest.mark.parametrize("kind", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError])
async def test_nothing_of_the_library_hangs_on_the_error(kind: type[httpx.RequestError], connect: Connect) -> None:
    with pytest.raises(APIConnectionError) as caught:
        await connect(transport=failing(kind(LIBRARY_WORDS))).update()
    linked = [each for each in (caught.value.__cause__, caught.value.__context__) if each is not None]
    assert [each for each in linked if not no_foreign_words(each)] == []
    assert not any(hasattr(each, "request") for each in linked)


async def test_a_timeout_is_told_in_the_seconds_that_were_asked_for(connect: Connect, server: respx.MockRouter) -> None:
    server["any"].mock(side_effect=httpx.ReadTimeout)
    with pytest.raises(APITimeoutError, match=r"within 2\.5 seconds"):
        await connect(timeout=2.5).get()


async def test_a_client_goes_on_after_a_failure(client: Client, server: respx.MockRouter) -> None:
    good = httpx.Response(200, json=_spec.example("CustomerResponse"))
    server["any"].mock(side_effect=[httpx.ReadError, good])
    with pytest.raises(APIConnectionError):
        await client.get()
    assert (await client.get()).customer_id


async def test_an_update_is_sent_once_and_not_repeated(client: Client, server: respx.MockRouter) -> None:
    server["any"].mock(side_effect=httpx.ReadTimeout)
    with pytest.raises(APITimeoutError):
        await client.update()
    assert server.calls.call_count == 1


async def test_what_is_no_failure_of_the_network_is_not_disguised_as_one(
    client: Client, server: respx.MockRouter
) -> None:
    server["any"].mock(side_effect=KeyError("a defect of the transport"))
    with pytest.raises(KeyError):
        await client.get()


@pytest.mark.parametrize("base_url", [f"https://{'a' * 64}.example", "https://a..b"])
async def test_a_host_that_no_resolver_takes_is_a_typed_error(base_url: str, connect: Connect) -> None:
    with pytest.raises(TrustlyError, match="base_url"):
        await connect(base_url=base_url).get()


async def test_a_get_that_fails_again_leaves_nothing_in_doubt_and_tells_its_last_failure(
    connect: Connect, server: respx.MockRouter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", lambda *_: 0.0)
    server["any"].mock(side_effect=[httpx.Response(500), httpx.ConnectError])
    with pytest.raises(APIConnectionError) as caught:
        await connect(max_retries=1).get()
    assert (caught.value.tries, caught.value.may_have_been_applied) == (2, False)

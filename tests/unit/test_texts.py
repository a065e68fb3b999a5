"""The texts, word for word, and what decides them: they are what a person reads at three in the morning."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import httpx
import pytest

from trustly_api.models import ErrorDetail
from trustly_api.resources.customers import GET_CUSTOMER
from trustly_customers import (
    APIStatusError,
    AsyncTrustly,
    ConflictError,
    InvalidRequestError,
    RawResponse,
    RequestInfo,
    ResponseShapeError,
    Trustly,
)
from trustly_customers import _retry as retry
from trustly_customers._config import Settings
from trustly_customers._exchange import Request, interpret
from trustly_customers._flow import Try
from trustly_customers._hidden import Hidden
from trustly_customers._reading import Reading

GET = RequestInfo("getCustomer", "GET", "/customers/{customerId}")
UPDATE = RequestInfo("updateCustomer", "POST", "/customers/{customerId}")
DOMAIN = "com.trustly.merchantgateway.v1.exception.InvalidParameterException"


def told(request: RequestInfo, status: int, *codes: int, domain: str = DOMAIN) -> str:
    errors = tuple(ErrorDetail(domain=domain, code=code, message="zq") for code in codes)
    return str(APIStatusError.of(request, RawResponse(status, {}, b""), errors))


@pytest.mark.parametrize(
    ("tell", "wanted"),
    [
        (
            lambda: told(UPDATE, 400, 200),
            (
                "POST /customers/{customerId} was answered with 400 Bad Request. code 200, invalid parameter, from "
                f"{DOMAIN}. Nothing was changed. See `message` for the provider's words, which may repeat what "
                f"was sent."
            ),
        ),
        (
            lambda: told(GET, 401),
            (
                "GET /customers/{customerId} was answered with 401 Unauthorized. Check the access id and the "
                "access key, "
                "and that they belong to this environment."
            ),
        ),
        (
            lambda: told(GET, 404, 0, 9999, -1, 10_000, domain="d"),
            (
                "GET /customers/{customerId} was answered with 404 Not Found. code 0; code 9999; and 1 more. "
                "There is no "
                "customer with this id in this environment, or base_url is not that of the API."
            ),
        ),
        (
            lambda: told(UPDATE, 429, 210, 210, 210, domain="d"),
            (
                "POST /customers/{customerId} was answered with 429 Too Many Requests. code 210, duplicate; code 210, "
                "duplicate; code 210, duplicate. Nothing was changed. Wait before trying again."
            ),
        ),
        (
            lambda: told(GET, 302),
            (
                "GET /customers/{customerId} was answered with 302 Found. Redirects are not followed, since they would "
                "carry the credentials elsewhere. Check the base URL."
            ),
        ),
        (
            lambda: told(UPDATE, 503),
            (
                "POST /customers/{customerId} was answered with 503 Service Unavailable. Whether the update was "
                "applied "
                "is not known; read the customer to see."
            ),
        ),
        (lambda: told(GET, 520), "GET /customers/{customerId} was answered with 520 no standard status."),
    ],
    ids=["400", "401", "404", "429", "302", "503", "520"],
)
def test_a_status_is_told_so(tell: Callable[[], str], wanted: str) -> None:
    assert tell() == wanted


def test_a_success_of_the_wrong_form_is_told_so() -> None:
    response = RawResponse(200, {}, b"")
    assert str(ResponseShapeError("the body is empty", request=GET, response=response)) == (
        "GET /customers/{customerId} was answered with 200, yet the body is empty."
    )
    assert str(ResponseShapeError("the body is empty", request=UPDATE, response=response)) == (
        "POST /customers/{customerId} was answered with 200, yet the body is empty. The update was probably applied; "
        "read the customer to see."
    )


@pytest.mark.parametrize(
    ("request_info", "never_sent", "state"),
    [
        (GET, True, "The request was not sent."),
        (UPDATE, True, "The request was not sent."),
        (GET, False, "It is safe to try again."),
        (UPDATE, False, "Whether the update was applied is not known; read the customer to see."),
    ],
)
def test_a_failure_of_the_network_is_told_so(
    request_info: RequestInfo,
    never_sent: bool,  # noqa: FBT001 - a column of the table
    state: str,
) -> None:
    reading = Reading(Try(a_request(request_info), 0.25, 10))
    start = f"{request_info.method} /customers/{{customerId}}"
    broken = reading.broken("the connection broke", never_sent=never_sent)
    assert str(broken) == f"{start} got no answer: the connection broke. {state}"
    late = reading.timed_out(never_sent=never_sent)
    assert str(late) == f"{start} was not answered within 0.25 seconds. {state}"


def a_request(request_info: RequestInfo) -> Any:
    return Request(request_info, request_info.method, "https://h/", {}, None)


def test_a_pickle_keeps_status_codes_and_request_id_and_nothing_else_that_a_server_said() -> None:
    errors = (ErrorDetail(domain="zq", code=7, message="zq"),)
    response = RawResponse(400, {"request-id": "r1", "other": "zq"}, b"zq")
    kept = pickle.loads(pickle.dumps(APIStatusError.of(UPDATE, response, errors)))  # noqa: S301 - made here
    assert (kept.status, kept.codes, kept.request_id, kept.request) == (400, (7,), "r1", UPDATE)
    assert (kept.response.headers, kept.response.content) == ({"x-request-id": "r1"}, b"")
    assert (kept.domain, kept.message) == ("", "")
    nameless = pickle.loads(pickle.dumps(RawResponse(500, {"other": "zq"}, b"zq")))  # noqa: S301 - made here
    assert (nameless.status, nameless.headers, nameless.content) == (500, {}, b"")


def test_a_conflict_leaves_no_doubt_unless_told() -> None:
    conflict = ConflictError(request=UPDATE, sides=Hidden(({}, {"email": 1}, {})), declared={"email"})
    assert conflict.request == UPDATE
    assert not conflict.may_have_been_applied


class TestRetryAfter:
    NOW = 1_800_000_000.0

    @pytest.fixture(autouse=True)
    def a_clock(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("trustly_customers._retry.time.time", lambda: self.NOW)

    @pytest.mark.parametrize(
        ("value", "seconds"),
        [
            ("0", 0.0),
            (" 7 ", 7.0),
            (formatdate(NOW + 5, usegmt=True), 5.0),
            (formatdate(NOW - 5, usegmt=True), 0.0),
            (formatdate(NOW, usegmt=True), 0.0),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("9" * 10, None),
            ("Thu, 99 Jan 2026 00:00:00 GMT", None),
        ],
    )
    def test_it_is_read_in_seconds_or_as_a_date(self, value: str, seconds: float | None) -> None:
        assert retry.retry_after(RawResponse(503, {"retry-after": value}, b"")) == seconds

    def test_without_the_header_there_is_none(self) -> None:
        assert retry.retry_after(RawResponse(503, {}, b"")) is None


class TestClients:
    def answer(self, _request: httpx.Request) -> httpx.Response:
        return httpx.Response(404)

    def test_closing_a_changed_client_leaves_the_first_one_open(self) -> None:
        closed: list[str] = []

        class Transport(httpx.MockTransport):
            def close(self) -> None:
                closed.append("closed")

        client = Trustly("id", "key", transport=Transport(self.answer))
        with client.with_options(timeout=1):
            pass
        assert closed == []
        client.close()
        assert closed == ["closed"]

    @pytest.mark.anyio
    async def test_closing_a_changed_async_client_leaves_the_first_one_open(self, anyio_backend: str) -> None:
        assert anyio_backend
        closed: list[str] = []

        class Transport(httpx.MockTransport):
            async def aclose(self) -> None:
                closed.append("closed")

        client = AsyncTrustly("id", "key", transport=Transport(self.answer))
        async with client.with_options(timeout=1):
            pass
        assert closed == []
        await client.close()
        assert closed == ["closed"]

    @pytest.fixture
    def anyio_backend(self) -> str:
        return "asyncio"

    def test_the_repr_names_the_class_and_the_server(self) -> None:
        shown = "(base_url='https://sandbox.trustly.one/api/v1')"
        assert repr(Trustly("id", "key")) == f"Trustly{shown}"
        assert repr(AsyncTrustly("id", "key")) == f"AsyncTrustly{shown}"

    def test_from_env_takes_a_transport_and_an_environment_that_beats_the_variables(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("ACCESS_ID", "ACCESS_KEY"):
            monkeypatch.setenv(f"TRUSTLY_{name}", "x")
        monkeypatch.setenv("TRUSTLY_BASE_URL", "https://elsewhere.example")
        transport = httpx.MockTransport(self.answer)
        for kind in (Trustly, AsyncTrustly):
            client = kind.from_env(transport=transport, environment="production")
            assert "https://api.trustly.one/api/v1" in repr(client)
            assert client._http._given is transport

    @pytest.mark.parametrize("hooks", ["abc", [1], 5, {print}])
    def test_hooks_are_callables_in_a_list_or_tuple(self, hooks: Any) -> None:
        with pytest.raises(InvalidRequestError, match="hooks must be a list or tuple of callables"):
            Settings.checked(Hidden(("id", "key")), {"hooks": hooks})


def test_an_interpretation_needs_no_client() -> None:
    with pytest.raises(ResponseShapeError, match="yet the body is not JSON"):
        interpret(GET_CUSTOMER, a_request(GET), RawResponse(200, {}, b'{"customer": NaN}'))

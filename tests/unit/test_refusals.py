"""What is refused before anything is sent, word for word."""

from __future__ import annotations

import dataclasses
import json
import ssl
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from trustly_api.contract import PROVIDER_SET, SERVERS
from trustly_api.resources.customers import GET_CUSTOMER, UPDATE_CUSTOMER
from trustly_customers import (
    UNSET,
    AsyncTrustly,
    ClientOptions,
    CustomData,
    Customer,
    CustomerUpdate,
    InvalidRequestError,
    RawResponse,
    Trustly,
)
from trustly_customers import _exchange as exchange
from trustly_customers import _merge as merge
from trustly_customers._config import (
    RequestOptions,
    Settings,
    check_options,
    credentials_from_environment,
    options_from_environment,
)
from trustly_customers._deadline import Present
from trustly_customers._exchange import Request, info
from trustly_customers._flow import Try
from trustly_customers._hidden import Hidden
from trustly_customers._http import _failed
from trustly_customers._merge import base_problem, sendable
from trustly_customers._modify import held
from trustly_customers._reading import Reading

from ._clients import a_customer, an_update

UNVERIFIED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
UNVERIFIED.check_hostname = False

ENVIRONMENTS = ", ".join(sorted(SERVERS))


def settings(access_id: Any = "id", access_key: Any = "key", **options: Any) -> Settings:
    return Settings.checked(Hidden((access_id, access_key)), options)  # type: ignore[arg-type] # any options at all


def refusal(make: Callable[[], object]) -> str:
    with pytest.raises(InvalidRequestError) as caught:
        make()
    return str(caught.value)


CREDENTIAL = "must be a string that is not empty and holds no control characters"
SECONDS = "must be a number of seconds above 0 and at most 86400"
PROXY = "proxy must be the http or https URL of a proxy, or None"
CONTEXT = "ssl_context must be an ssl.SSLContext that verifies the server and its name, or None"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"access_id": ""}, f"access_id {CREDENTIAL}"),
        ({"access_key": "a\n"}, f"access_key {CREDENTIAL}"),
        ({"access_id": "a:b"}, "access_id must hold no colon, which HTTP Basic puts between the two"),
        ({"access_key": "\ud800"}, "access_id and access_key must be valid Unicode"),
        ({"environment": "live"}, f"environment must be one of {ENVIRONMENTS}"),
        ({"base_url": "h"}, "base_url must be a URL such as https://sandbox.trustly.one/api/v1"),
        (
            {"base_url": "https://u@h"},
            "base_url must hold no credentials, query or fragment; credentials are arguments of their own",
        ),
        (
            {"base_url": "http://h"},
            "base_url must begin with https://; plain http, which hides nothing, is for loopback alone",
        ),
        ({"timeout": 0}, f"timeout {SECONDS}"),
        ({"timeout": 86_401}, f"timeout {SECONDS}"),
        ({"deadline": True}, f"deadline {SECONDS}"),
        ({"max_retries": -1}, "max_retries must be a whole number, 0 or more"),
        ({"retry_updates": 1}, "retry_updates must be True or False"),
        ({"max_retry_after": -1}, "max_retry_after must be a number of seconds from 0 to 86400"),
        ({"max_response_bytes": 0}, "max_response_bytes must be a whole number of bytes, at least 1"),
        ({"validate": 1}, "validate must be True or False"),
        ({"on_response": 1}, "on_response must be callable, or None"),
        ({"hooks": [1]}, "hooks must be a list or tuple of callables"),
        ({"ssl_context": True}, CONTEXT),
        ({"ssl_context": UNVERIFIED}, CONTEXT),
        ({"proxy": "socks5://h"}, PROXY),
        ({"proxy": "https://h/a b"}, PROXY),
        ({"max_connections": 0}, "max_connections must be a whole number, at least 1"),
        (
            {"time_out": 1},
            (
                "time_out is no option here; there are base_url, deadline, environment, hooks, max_connections, "
                "max_response_bytes, max_retries, max_retry_after, on_response, proxy, retry_updates, ssl_context, "
                "timeout, validate"
            ),
        ),
    ],
    ids=lambda value: "" if isinstance(value, str) else next(iter(value)),
)
def test_a_client_that_cannot_be_made_says_why(arguments: dict[str, Any], text: str) -> None:
    assert refusal(lambda: settings(**arguments)) == text


def test_what_only_a_new_client_can_have_is_no_option_of_a_changed_one() -> None:
    text = (
        "proxy is no option here; there are deadline, hooks, max_response_bytes, max_retries, max_retry_after, "
        "on_response, retry_updates, timeout, validate"
    )
    assert refusal(lambda: settings().changed({"proxy": None})) == text  # type: ignore[typeddict-unknown-key] # refused
    check_options({"timeout": 86_400, "max_retry_after": 0}, RequestOptions)
    check_options(ClientOptions(proxy=None, timeout=1), ClientOptions)


def test_the_variables_that_are_missing_or_bad_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCESS_ID", "ACCESS_KEY"):
        monkeypatch.delenv(f"TRUSTLY_{name}", raising=False)
    both = "TRUSTLY_ACCESS_ID and TRUSTLY_ACCESS_KEY"
    assert refusal(credentials_from_environment) == f"{both} must be set in the environment"
    monkeypatch.setenv("TRUSTLY_ACCESS_ID", "a:b")
    monkeypatch.setenv("TRUSTLY_ACCESS_KEY", "k")
    assert refusal(credentials_from_environment).startswith("TRUSTLY_ACCESS_ID must hold no colon, ")
    monkeypatch.setenv("TRUSTLY_BASE_URL", "h")
    assert refusal(lambda: options_from_environment({})).startswith("TRUSTLY_BASE_URL must be a URL such as https://")
    assert options_from_environment({"environment": "production"}) == {"environment": "production"}
    monkeypatch.setenv("TRUSTLY_ENVIRONMENT", "live")
    text = f"TRUSTLY_ENVIRONMENT must be one of {ENVIRONMENTS}"
    assert refusal(lambda: options_from_environment({})) == text


FIT = "holds a value that is not of the type that the specification gives it"


MUST = "must be of type {}, and hold nothing but what JSON can"
ADDRESS = f"address {MUST.format('Address')}"


def changed(**properties: Any) -> Customer:
    customer = a_customer()
    for name, value in properties.items():
        setattr(customer, name, value)
    return customer


BRACKETS = "{} was set in brackets, which is for what has no attribute; set .{} instead"
TIER = "externalTier", "external_tier"


def bracketed(model: Any, name: str, value: object) -> Any:
    model[name] = value
    return model


def spoilt(model: Any) -> Any:
    model.address = None
    return model


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (lambda: sendable({}), "body must be a CustomerUpdate or a Customer"),
        (lambda: sendable(spoilt(a_customer())), ADDRESS),
        (lambda: sendable(spoilt(an_update())), ADDRESS),
        (lambda: sendable(changed(address=UNSET)), "address is missing"),
        (lambda: sendable(changed(address=CustomData())), f"body {FIT}"),
        (lambda: sendable(changed(driver_license={1})), f"driver_license {MUST.format('DriverLicense | None')}"),
        (lambda: sendable(bracketed(a_customer(), "taxId", None)), BRACKETS.format("taxId", "tax_id")),
        (
            lambda: sendable(bracketed(an_update(), "externalTier", "zq")),
            BRACKETS.format("externalTier", "external_tier"),
        ),
        (lambda: merge._all_written(bracketed(an_update(), "vip", "9")), BRACKETS.format("vip", "vip")),
        (lambda: base_problem({}), "base must be a Customer, as get returned it"),
        (lambda: base_problem(spoilt(a_customer())), f"base {FIT}"),
        (lambda: merge._to_edit(spoilt(a_customer()), Hidden({})), f"base or a keyword {FIT}"),
        (
            lambda: merge._edited(a_customer(), Hidden({}), Hidden(lambda _: an_update())),
            "edit must change the CustomerUpdate that it is given; it is not awaited, nor its result used",
        ),
        (
            lambda: merge.changes(a_customer(), Hidden({"address": {}}), Hidden(None)),
            "a property was set to a model that is not the one that the specification gives it",
        ),
        (
            lambda: merge._all_written(CustomerUpdate.from_dict({**an_update().to_dict(), "unknown": object()})),
            "a property that the specification does not name holds something that JSON cannot",
        ),
        (
            lambda: merge._written("vip", object()),
            "vip must be of type None | str, and hold nothing but what JSON can",
        ),
        (
            lambda: merge._name_problem(["external_teir"]),
            "external_teir is no property of a customer; did you mean external_tier?",
        ),
        (
            lambda: merge._name_problem(["zzz"]),
            f"zzz is no property of a customer; there are {', '.join(merge.DECLARED)}",
        ),
    ],
)
def test_what_cannot_be_merged_or_sent_is_told_so(problem: Callable[[], object], text: str) -> None:
    assert problem() == text


NAME = "customer_id must be a string that is neither empty nor made of dots alone"


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (lambda: exchange.identifier_problem("customer_id", 7), NAME),
        (lambda: exchange.identifier_problem("customer_id", ".."), NAME),
        (
            lambda: exchange.identifier_problem("customer_id", "\ud800"),
            "customer_id must be valid Unicode, without lone surrogates",
        ),
        (
            lambda: exchange._write(UPDATE_CUSTOMER, {"customer_id": "1", "body": {}}, validate=True),
            "the body or another argument holds a value that is not of the type that the specification gives it",
        ),
        (lambda: written("\ud800"), "the body holds a lone surrogate, which no UTF-8 can carry"),
        (lambda: written(nested(100_000)), "the body is nested too deeply"),
        (lambda: written(float("nan")), "the body holds a number that JSON has no form for, or holds itself"),
        (lambda: written(b""), "the body holds a value of a type that JSON has no form for"),
        (lambda: written({}), "name is missing"),
        (lambda: exchange._decoded(b"\xff"), "the body is not UTF-8"),
        (lambda: exchange._decoded(b""), "the body is empty"),
        (lambda: exchange._decoded(b"{"), "the body is not JSON"),
        (lambda: exchange._decoded(b"NaN"), "the body is not JSON"),
        (lambda: exchange._decoded(b"[" * 100_000), "the body is not JSON"),
        (lambda: exchange._decoded(b"[]"), "the body is not a JSON object"),
    ],
)
def test_what_cannot_be_written_or_read_is_told_so(problem: Callable[[], object], text: str) -> None:
    assert problem() == text


def written(body: object) -> object:
    return exchange._content(UPDATE_CUSTOMER, body, validate=True)


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("make", "method"),
    [
        (lambda: Trustly("id", "key", transport=httpx.AsyncHTTPTransport()), "handle_request"),  # type: ignore[arg-type]
        (lambda: Trustly("id", "key", transport="zq"), "handle_request"),  # type: ignore[arg-type]
        (lambda: AsyncTrustly("id", "key", transport=httpx.HTTPTransport()), "handle_async_request"),  # type: ignore[arg-type]
    ],
)
def test_a_transport_of_the_other_kind_is_told_so(make: Callable[[], object], method: str) -> None:
    assert refusal(make) == (
        f"transport must be an httpx transport with {method}: Trustly's blocks, AsyncTrustly's is awaited"
    )


def test_what_is_refused_was_not_sent() -> None:
    assert (
        refusal(lambda: exchange.prepare(GET_CUSTOMER, {"customer_id": ""}, settings())) == f"{NAME}; nothing was sent"
    )


@pytest.mark.parametrize("lock", [7, int, lambda _: None])
def test_what_is_no_lock_is_told_so(lock: Any) -> None:
    text = "lock must give, called with an id, an Customer; nothing was sent"
    assert refusal(lambda: held(lock, "1", Customer)) == text


def test_what_is_hidden_shows_as_three_stars() -> None:
    assert repr(Hidden("zq")) == "***"


@pytest.mark.parametrize("custom", [None, {"a": 1}, CustomData.from_dict({"a": 1})])
def test_a_customer_may_hold_what_modify_takes(custom: Any) -> None:
    customer = changed(custom_data=custom, driver_license=None)
    customer["unknown"] = [1]
    sent = sendable(customer)
    assert isinstance(sent, CustomerUpdate)
    plain = None if custom is None else {"a": 1}
    wanted = {**a_customer().to_dict(), "customData": plain, "driverLicense": None, "unknown": [1]}
    assert sent.to_dict() == {name: value for name, value in wanted.items() if name not in PROVIDER_SET["Customer"]}


def test_an_update_that_can_be_sent_is_sent_as_it_is() -> None:
    sent = sendable(an_update())
    assert sendable(sent) is sent


def test_a_failure_that_is_no_other_is_told_so() -> None:
    reading = Reading(Try(Request(info(GET_CUSTOMER), "GET", "https://h/", {}, None), 1.0, 1))
    text = str(_failed(OSError("zq"), reading, Present(0.0), "https://h"))
    assert text == "GET /customers/{customerId} got no answer: the connection broke. It is safe to try again."
    text = str(_failed(httpx.InvalidURL("zq"), reading, Present(0.0), "https://h"))
    assert text == "the id makes a URL that is too long or not valid; nothing was sent"


def test_a_success_that_cannot_be_read_is_told_so() -> None:
    def spoilt_parse(_: object) -> Customer:
        raise ValueError

    good = RawResponse(200, {}, json.dumps({"customer": a_customer().to_dict()}).encode())
    unreadable = dataclasses.replace(GET_CUSTOMER, parse=spoilt_parse)
    assert exchange._read(unreadable, good) == "the body could not be read as what the specification describes"
    several = dataclasses.replace(GET_CUSTOMER, success=frozenset({206, 200}))
    text = "the specification knows only 200, 206 as success"
    assert exchange._read(several, RawResponse(201, {}, b"")) == text

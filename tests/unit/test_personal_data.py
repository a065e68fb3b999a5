"""What may be seen of credentials and of what the specification marks sensitive: nothing, wherever it is looked for."""

from __future__ import annotations

import base64
import copy
import io
import json
import logging
import math
import pickle
import re
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import httpx
import pytest
import respx

import trustly_customers
from trustly_api.resources.customers import UPDATE_CUSTOMER
from trustly_customers import (
    UNSET,
    APIStatusError,
    AsyncTrustly,
    ConflictError,
    Customer,
    CustomerUpdate,
    InvalidRequestError,
    RawResponse,
    RequestInfo,
    ResponseShapeError,
    Trustly,
    TrustlyError,
    Unset,
)
from trustly_customers._config import Settings
from trustly_customers._exchange import prepare
from trustly_customers._hidden import Hidden

from . import _spec
from ._clients import ACCESS_ID, ACCESS_KEY, CUSTOMER_ID, Client, Connect

pytestmark = pytest.mark.anyio

MODELS = _spec.models()
CREDENTIALS = [ACCESS_KEY, base64.b64encode(f"{ACCESS_ID}:{ACCESS_KEY}".encode()).decode()]
SHOWN: list[Callable[[Any], str]] = [
    repr,
    str,
    "{}".format,
    "%s".__mod__,
    "{!a}".format,
    lambda it: f"{[it]} {{{it!r}}}",
]


def models(value: Any) -> Iterator[Any]:
    """Yield a model and every model within it."""
    if isinstance(value, list):
        for each in value:
            yield from models(each)
    elif attrs.has(type(value)):
        yield value
        for field in attrs.fields(type(value)):
            yield from models(getattr(value, field.name))


def planted(name: str, *, by_itself: bool = False) -> tuple[_spec.Planted, Any]:
    """Return a model full of secrets."""
    plan = _spec.Planted(name, by_itself=by_itself)
    return plan, getattr(trustly_customers, name).from_dict(plan.value)


def everything_shown(error: BaseException) -> str:
    """Return whatever an error shows: printed, logged, pickled, and along its chain."""
    stream = io.StringIO()
    logger = logging.Logger("test")  # noqa: LOG001 - of no hierarchy
    logger.addHandler(logging.StreamHandler(stream))
    logger.error("%s %r", error, error, exc_info=error)
    chain: list[BaseException | None] = [error]
    while (last := chain[-1]) is not None:
        chain.append(last.__cause__ or last.__context__)
    return "\n".join(
        (
            stream.getvalue(),
            *traceback.format_exception(error),
            *map(repr, chain),
            *map(str, chain),
            repr(vars(error)),
            repr(error.args),
            pickle.dumps(error, 0).decode("ascii", "backslashreplace"),
        )
    )


def test_the_plan_covers_every_sensitive_property_and_finds_what_is_shown() -> None:
    plan, customer = planted("Customer")
    assert plan.leaked(json.dumps(customer.to_dict())) == [each for each in plan.secrets if len(each) > 5]
    assert plan.leaked(repr(customer.to_dict())) == plan.secrets
    text = repr(plan.value)
    for field in _spec.fields("Customer"):
        assert field.within(plan.value), field
        if field.schema.get("x-sensitive") and _spec.types(field.schema) == {"string"}:
            hidden = copy.deepcopy(plan.value)
            field.put(hidden, "hidden")
            assert plan.leaked(repr(hidden)) != plan.leaked(text), field


@pytest.mark.parametrize("name", MODELS)
def test_no_model_shows_a_sensitive_property_or_anything_in_it(name: str) -> None:
    plan, model = planted(name)
    assert plan.secrets or _spec.component(name).get("additionalProperties") is False
    assert plan.leaked(" ".join(show(model) for show in SHOWN)) == []


@pytest.mark.parametrize("name", MODELS)
def test_a_model_within_another_shows_what_is_not_sensitive_alone(name: str) -> None:
    plan, model = planted(name, by_itself=True)
    shown = " ".join(show(each) for show in SHOWN for each in models(model))
    assert plan.leaked(shown) == []
    assert plan.unseen(shown) == []


def test_a_model_shows_whether_a_sensitive_property_is_set() -> None:
    plan, customer = planted("Customer")
    for field in attrs.fields(Customer):
        unset = re.compile(rf"\b{field.name}=UNSET")
        assert not unset.search(repr(customer))
        if field.default is UNSET:
            setattr(customer, field.name, UNSET)
            assert unset.search(repr(customer))
    assert plan.leaked(repr(customer)) == []
    assert repr(UNSET) == "UNSET"
    assert isinstance(UNSET, Unset)


@pytest.mark.parametrize("kind", [Trustly, AsyncTrustly])
def test_no_client_shows_its_credentials(kind: type[Trustly | AsyncTrustly]) -> None:
    client = kind(ACCESS_ID, ACCESS_KEY, transport=httpx.MockTransport(lambda _: httpx.Response(200)))
    shown = [show(each) for show in SHOWN for each in (client, vars(client), *vars(client).values())]
    assert "base_url='https://" in shown[0]
    assert not any(secret in text for secret in CREDENTIALS for text in shown)


def test_neither_settings_nor_a_request_show_what_they_hold() -> None:
    plan, update = planted("CustomerUpdate")
    settings = Settings.checked(Hidden((ACCESS_ID, ACCESS_KEY)), {})
    request = prepare(UPDATE_CUSTOMER, {"customer_id": CUSTOMER_ID, "body": update}, settings)
    assert CREDENTIALS[1] in request.headers["Authorization"]
    shown = " ".join(show(each) for show in SHOWN for each in (settings, request))
    assert "/customers/{customerId}" in shown
    assert plan.leaked(shown) == []
    assert not any(secret in shown for secret in (*CREDENTIALS, CUSTOMER_ID))


def test_a_raw_response_shows_its_status_alone() -> None:
    response = RawResponse(status=200, headers={"set-cookie": "zqcookie"}, content=b"zqcontent")
    assert repr(response) == "RawResponse(status=200)"


@pytest.mark.parametrize("status", [302, 400, 401, 404, 418, 429, 500, 503, 520])
async def test_no_failure_shows_what_the_server_says(status: int, client: Client, server: respx.MockRouter) -> None:
    plan = _spec.Planted("Customer")
    words = " ".join(plan.secrets)
    entry = {"domain": "Zq User", "code": 200, "message": words, "location": words, words: words}
    server["any"].respond(
        status,
        json={"errors": [entry, entry], words: words},
        headers={"X-Words": words, "Location": "https://zquser.test"},
    )
    with pytest.raises(APIStatusError) as caught:
        await client.update(body=Customer.from_dict(plan.value))
    assert caught.value.message == words
    shown = everything_shown(caught.value)
    assert leaks(plan, shown) == []
    assert "zquser" not in shown
    assert "Zq User" not in "".join((str(caught.value), *traceback.format_exception(caught.value)))


async def test_no_wrong_answer_is_shown(client: Client, server: respx.MockRouter) -> None:
    plan = _spec.Planted("CustomerResponse")
    for field in _spec.fields("CustomerResponse"):
        if _spec.types(field.schema) >= _spec.SAMPLES.keys():
            continue  # nothing is wrong for it
        body = copy.deepcopy(plan.value)
        wrong = ["zqwrong"] if "array" not in _spec.types(field.schema) else "zqwrong"
        field.put(body, wrong)
        server["any"].respond(json=body)
        with pytest.raises(ResponseShapeError) as caught:
            await client.update(body=Customer.from_dict(plan.value["customer"]))
        shown = everything_shown(caught.value)
        assert str(field) in shown
        assert leaks(plan, shown) == []
        assert "zqwrong" not in shown


async def test_no_refused_request_is_shown(client: Client, server: respx.MockRouter) -> None:
    plan = _spec.Planted("CustomerUpdate")
    for value in (math.nan, b"zqwrong", {("zqwrong",): 1}, "zqwrong\ud800", object()):
        update = CustomerUpdate.from_dict({**plan.value, "unknown": value})
        with pytest.raises(InvalidRequestError) as caught:
            await client.update(body=update)
        shown = everything_shown(caught.value)
        assert leaks(plan, shown) == []
        assert "zqwrong" not in shown
    assert not server.calls


@pytest.mark.parametrize("kind", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError, OSError])
async def test_no_failure_of_the_network_shows_the_request(kind: type[Exception], connect: Connect) -> None:
    plan = _spec.Planted("CustomerUpdate")

    def fail(request: httpx.Request) -> httpx.Response:
        raise kind(f"{request.content!r} {request.headers['authorization']} {request.url} zqwrong")

    with pytest.raises(TrustlyError) as caught:
        await connect(transport=httpx.MockTransport(fail)).update(body=CustomerUpdate.from_dict(plan.value))
    shown = everything_shown(caught.value)
    assert leaks(plan, shown) == []
    assert not any(word in shown for word in ("zqwrong", CUSTOMER_ID))


def test_a_conflict_shows_the_fields_alone() -> None:
    request = RequestInfo("updateCustomer", "POST", "/customers/{customerId}")
    error = ConflictError(
        request=request, sides=Hidden(({"email": "zq1"}, {"email": "zq2"}, {"email": "zq3"})), declared={"email"}
    )
    assert (error.base, error.mine, error.theirs) == ({"email": "zq1"}, {"email": "zq2"}, {"email": "zq3"})
    assert "email" in str(error)
    shown = f"{error} {error!r} {pickle.dumps(error, 0)!r} {''.join(traceback.format_exception(error))}"
    assert "zq" not in shown


async def test_an_error_survives_pickling_with_all_but_the_server_s_words(
    client: Client, server: respx.MockRouter
) -> None:
    server["any"].respond(
        400, json={"errors": [{"domain": "com.trustly.x", "code": 200, "message": "zq"}]}, headers={"X-Request-Id": "r"}
    )
    with pytest.raises(APIStatusError) as caught:
        await client.get()
    for again in (pickle.loads(pickle.dumps(caught.value)), copy.copy(caught.value), copy.deepcopy(caught.value)):  # noqa: S301 - its own
        assert type(again) is type(caught.value)
        assert str(again) == str(caught.value)
        assert (again.status, again.codes, again.domain, again.request_id) == (400, (200,), "com.trustly.x", "r")
        assert again.request == caught.value.request


@pytest.mark.parametrize("effect", [httpx.ReadTimeout, httpx.ConnectError])
async def test_a_failure_of_the_network_survives_pickling(
    effect: type[Exception], client: Client, server: respx.MockRouter
) -> None:
    server["any"].mock(side_effect=effect)
    with pytest.raises(trustly_customers.APIConnectionError) as caught:
        await client.update()
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - its own
    assert (type(again), str(again), vars(again)) == (type(caught.value), str(caught.value), vars(caught.value))


def leaks(plan: _spec.Planted, shown: str) -> list[str]:
    """Return the secrets shown, the credentials among them."""
    return plan.leaked(shown) + [each for each in CREDENTIALS if each in shown]

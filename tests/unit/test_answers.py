"""Successes: what becomes a customer, and each way in which a body can be wrong."""

from __future__ import annotations

import copy
import dataclasses
import gzip
import json
import zlib
from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import repeat
from typing import Any

import httpx
import pytest
import respx

from trustly_api.models import CustomerResponse
from trustly_api.resources.customers import GET_CUSTOMER
from trustly_customers import APITimeoutError, Customer, ResponseShapeError

from . import _spec
from ._clients import ABANDONED_BODY, CUSTOMER_ID, Client, Connect

pytestmark = pytest.mark.anyio

PLANTED = _spec.Planted("CustomerResponse")
FIELDS = _spec.fields("CustomerResponse")
REQUIRED = [each for each in FIELDS if each.required]
OPTIONAL = [each for each in FIELDS if not each.required]
INTEGERS = [each for each in FIELDS if _spec.types(each.schema) == {"integer"} and "enum" not in each.schema]
WRAPPER = FIELDS[0].path[0]

TEXT = json.dumps(_spec.example("CustomerResponse"))
CREATED = f'"createdAt": {_spec.example("CustomerResponse")["customer"]["createdAt"]}'
NAME = json.dumps(_spec.example("CustomerResponse")["customer"]["name"])


def with_unknown(text: str) -> bytes:
    """Return the example with one more property, given as JSON text."""
    return TEXT.replace('"customerId"', f'"zqunknown": {text}, "customerId"', 1).encode()


WRONG = {
    "empty": (b"", "empty"),
    "spaces": (b" \r\n ", "not JSON"),
    "html": (b"<!doctype html><title>zqsecret</title>", "not JSON"),
    "text": (b"OK", "not JSON"),
    "truncated": (TEXT[:-3].encode(), "not JSON"),
    "trailing": (TEXT.encode() + b"x", "not JSON"),
    "two documents": (TEXT.encode() * 2, "not JSON"),
    "single quotes": (TEXT.replace('"', "'").encode(), "not JSON"),
    "not utf-8": (TEXT.replace("Joe", "J\xf6e").encode("latin-1"), "UTF-8"),
    "utf-16": (TEXT.encode("utf-16"), "UTF-8"),
    "utf-8 with a mark": (b"\xef\xbb\xbf" + TEXT.encode(), "not JSON"),
    "nan": (with_unknown("NaN"), "not JSON"),
    "infinity": (with_unknown("-Infinity"), "not JSON"),
    "nested 100,000 deep": (with_unknown("[" * 100_000 + "]" * 100_000), ""),
    "nested deep where a string belongs": (TEXT.replace(NAME, "[" * 400 + "]" * 400).encode(), ""),
    "a number of 5,000 digits": (with_unknown("7" * 5000), ""),
    "a lone surrogate as a name": (TEXT.replace('"customerId"', '"\\ud800": 1, "customerId"').encode(), ""),
    "an overflowing number": (TEXT.replace(CREATED, '"createdAt": 1e999').encode(), "createdAt is not of type integer"),
    "null": (b"null", "not a JSON object"),
    "array": (b"[]", "not a JSON object"),
    "array of one": (f"[{TEXT}]".encode(), "not a JSON object"),
    "string": (b'"customer"', "not a JSON object"),
    "number": (b"0", "not a JSON object"),
    "true": (b"true", "not a JSON object"),
    "no customer": (b"{}", "customer is missing"),
    "error envelope": (json.dumps(_spec.example("InvalidParameter")).encode(), "customer is missing"),
    "unwrapped": (json.dumps(_spec.example("CustomerResponse")["customer"]).encode(), "customer is missing"),
    "null customer": (b'{"customer": null}', "customer is not of type object"),
    "empty customer": (b'{"customer": {}}', "is missing"),
    "array customer": (b'{"customer": []}', "customer is not of type object"),
    "text customer": (b'{"customer": "zqsecret"}', "customer is not of type object"),
}


async def refused(client: Client, server: respx.MockRouter, response: httpx.Response) -> ResponseShapeError:
    """Return the error that an answer to an update becomes."""
    server["any"].mock(return_value=response)
    with pytest.raises(ResponseShapeError) as caught:
        await client.update()
    return caught.value


@pytest.mark.parametrize("operation_id", [_spec.GET, _spec.UPDATE])
async def test_a_good_answer_becomes_the_customer_it_holds_unknown_properties_included(
    operation_id: str, client: Client, server: respx.MockRouter
) -> None:
    server["any"].respond(json=PLANTED.value)
    customer = await client.call(operation_id)
    assert isinstance(customer, Customer)
    assert customer.to_dict() == PLANTED.value[WRAPPER]


@pytest.mark.parametrize("operation_id", [_spec.GET, _spec.UPDATE])
async def test_a_body_that_is_no_customer_is_refused(
    operation_id: str, client: Client, server: respx.MockRouter, subtests: pytest.Subtests
) -> None:
    method, path, _ = _spec.operations()[operation_id]
    for name, (content, problem) in WRONG.items():
        with subtests.test(name):
            server["any"].respond(200, content=content)
            with pytest.raises(ResponseShapeError, match=problem or None) as caught:
                await client.call(operation_id)
            error = caught.value
            assert str(error).startswith(f"{method} {path} was answered with 200, yet ")
            assert "zq" not in str(error)
            assert (error.response.status, error.response.content) == (200, content)
            assert error.request.operation_id == operation_id


async def test_after_an_update_the_error_says_that_it_was_probably_applied(
    client: Client, server: respx.MockRouter
) -> None:
    assert "The update was probably applied" in str(await refused(client, server, httpx.Response(200)))
    with pytest.raises(ResponseShapeError) as caught:
        await client.get()
    assert "applied" not in str(caught.value)


async def test_a_required_property_that_is_missing_is_named(
    client: Client, server: respx.MockRouter, subtests: pytest.Subtests
) -> None:
    for field in REQUIRED:
        with subtests.test(str(field)):
            body = copy.deepcopy(PLANTED.value)
            field.drop(body)
            error = await refused(client, server, httpx.Response(200, json=body))
            assert f"{field} is missing" in str(error)
            assert PLANTED.leaked(f"{error!r} {error}") == []


async def test_a_property_of_another_type_is_named(
    client: Client, server: respx.MockRouter, subtests: pytest.Subtests
) -> None:
    for field in FIELDS:
        with subtests.test(str(field)):
            allowed = _spec.types(field.schema)
            for kind, sample in _spec.SAMPLES.items():
                if _spec.allows(field.schema, kind) or (kind == "null" and not field.required):
                    continue
                body = copy.deepcopy(PLANTED.value)
                field.put(body, sample)
                error = await refused(client, server, httpx.Response(200, json=body))
                assert f"{field} is not of type {' or '.join(sorted(allowed))}" in str(error), kind
                assert PLANTED.leaked(f"{error!r} {error}") == []


async def test_an_optional_property_that_is_null_or_missing_is_unset(
    client: Client, server: respx.MockRouter, subtests: pytest.Subtests
) -> None:
    for field in OPTIONAL:
        with subtests.test(str(field)):
            without = copy.deepcopy(PLANTED.value)
            field.drop(without)
            null = copy.deepcopy(PLANTED.value)
            field.put(null, None)
            for body in (without, null):
                server["any"].respond(json=body)
                assert CustomerResponse(await client.get()).to_dict() == {WRAPPER: without[WRAPPER]}


async def test_a_whole_number_is_an_int_however_it_is_written(
    client: Client, server: respx.MockRouter, subtests: pytest.Subtests
) -> None:
    for field in INTEGERS:
        with subtests.test(str(field)):
            for text, number in {"1555696836548.0": 1555696836548, "1e12": 10**12, "1.5e3": 1500, "-0.0": 0}.items():
                body = copy.deepcopy(PLANTED.value)
                field.put(body, "zqnumber")
                server["any"].respond(content=json.dumps(body).replace('"zqnumber"', text))
                read = CustomerResponse(await client.get()).to_dict()
                field.put(body, number)
                # Compared as text, since 1.0 == 1.
                assert json.dumps(read, sort_keys=True) == json.dumps({WRAPPER: body[WRAPPER]}, sort_keys=True)


async def test_what_the_models_cannot_take_is_a_wrong_answer_too(client: Client, server: respx.MockRouter) -> None:
    def parse(_: object) -> Customer:
        msg = "zqsecret is no date, as a generated model may find"
        raise ValueError(msg)

    operation = dataclasses.replace(GET_CUSTOMER, parse=parse)
    with pytest.raises(ResponseShapeError) as caught:
        await client.send(operation, customer_id="1")
    assert server.calls.call_count == 1
    assert "zq" not in f"{caught.value!r} {caught.value.__context__!r}"


async def test_unknown_nulls_and_nulls_of_custom_data_are_kept(client: Client, server: respx.MockRouter) -> None:
    body = _spec.example("CustomerResponse")
    body["customer"] |= {"unknown": None, "customData": {"a": None, "b": [None]}}
    server["any"].respond(json=body)
    assert (await client.get()).to_dict() == body["customer"]


async def test_an_answer_that_breaks_a_bound_is_still_a_customer(client: Client, server: respx.MockRouter) -> None:
    body = _spec.example("CustomerResponse")
    body["customer"] |= {"name": "", "externalId": "", "enrollDate": -(10**30), "address": {"country": "usa"}}
    server["any"].respond(json=body)
    assert (await client.get()).to_dict() == body["customer"]


async def test_values_arrive_exactly(client: Client, server: respx.MockRouter) -> None:
    body = _spec.example("CustomerResponse")
    body["customer"]["name"] = " \x00e\u0301 \u00e9 \u2028😀 "
    body["customer"]["customData"] = {
        "big": 10**999 + 1,
        "negative": -(10**40),
        "deep": json.loads("[" * 200 + "]" * 200),
    }
    server["any"].respond(json=body)
    assert (await client.get()).to_dict() == body["customer"]


@pytest.mark.parametrize("status", [201, 204, 206])
async def test_a_success_that_the_specification_does_not_know_is_refused(
    status: int, client: Client, server: respx.MockRouter
) -> None:
    error = await refused(client, server, httpx.Response(status, content=b"" if status == 204 else TEXT.encode()))
    assert f"was answered with {status}, yet the specification knows only 200" in str(error)
    assert error.response.status == status


@ABANDONED_BODY
async def test_a_body_may_be_as_long_as_allowed_and_no_longer(connect: Connect, server: respx.MockRouter) -> None:
    content = TEXT.encode()
    server["any"].respond(200, content=content)
    assert (await connect(max_response_bytes=len(content)).get()).customer_id
    with pytest.raises(ResponseShapeError, match=f"longer than the {len(content) - 1} bytes allowed") as caught:
        await connect(max_response_bytes=len(content) - 1).get()
    assert content.startswith(caught.value.response.content)


@ABANDONED_BODY
@pytest.mark.parametrize(
    ("encoding", "compress"), [("gzip", gzip.compress), ("deflate", zlib.compress)], ids=["gzip", "deflate"]
)
async def test_the_limit_counts_what_a_compressed_body_becomes(
    encoding: str, compress: Any, connect: Connect, server: respx.MockRouter
) -> None:
    content = TEXT.encode() + b" " * 100_000
    packed = compress(content)
    assert len(packed) < 1000
    server["any"].mock(
        side_effect=lambda _: httpx.Response(200, headers={"content-encoding": encoding}, stream=Body([packed]))
    )
    assert (await connect(max_response_bytes=len(content)).get()).customer_id
    with pytest.raises(ResponseShapeError, match="longer than the 1000 bytes"):
        await connect(max_response_bytes=1000).get()


@ABANDONED_BODY
async def test_a_body_without_end_is_read_no_further_than_allowed(connect: Connect) -> None:
    body = Body(repeat(b"x" * 1000, 100))
    client = connect(transport=httpx.MockTransport(lambda _: httpx.Response(200, stream=body)), max_response_bytes=5000)
    with pytest.raises(ResponseShapeError, match="longer"):
        await client.update()
    assert body.taken == 6
    assert body.closed


@ABANDONED_BODY
@pytest.mark.parametrize("operation_id", [_spec.GET, _spec.UPDATE])
async def test_an_answer_that_drips_past_the_timeout_is_given_up(operation_id: str, connect: Connect) -> None:
    body = Body(repeat(b" ", 20_000_000))
    client = connect(
        transport=httpx.MockTransport(lambda _: httpx.Response(200, stream=body)),
        timeout=0.02,
        max_response_bytes=10**9,
    )
    with pytest.raises(APITimeoutError, match=r"within 0\.02 seconds") as caught:
        await client.call(operation_id)
    assert caught.value.may_have_been_applied
    assert 0 < body.taken < 20_000_000
    assert body.closed
    assert CUSTOMER_ID not in str(caught.value)


class Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body in pieces, for either client, which counts what was taken of it."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self.taken = 0
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.taken += 1
            yield piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True

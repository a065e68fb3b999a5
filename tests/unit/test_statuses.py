"""Each status that is not a success: the error's class, its attributes, and its text."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

import httpx
import pytest
import respx

from trustly_customers import (
    UNSET,
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ErrorDetail,
    NotFoundError,
    RateLimitError,
    ServerError,
    TrustlyError,
)

from . import _spec
from ._clients import ABANDONED_BODY, CUSTOMER_ID, Client, Connect

pytestmark = pytest.mark.anyio

OWN_CLASS = {400: BadRequestError, 401: AuthenticationError, 404: NotFoundError, 429: RateLimitError}
UNDOCUMENTED = [
    300,
    302,
    304,
    307,
    308,
    402,
    403,
    409,
    410,
    418,
    422,
    429,
    451,
    499,
    501,
    502,
    504,
    520,
    529,
    599,
    600,
    999,
]
ADVISED = {400: "message", 401: "access", 404: "no customer", 413: "Send less", 429: "Wait", 302: "base URL"}

PLANTED = _spec.Planted("ErrorEnvelope")
GOOD = {"domain": "com.trustly.x.Broken", "code": 200, "message": "m"}

NEITHER: list[Any] = [None, True, 1.5, [], {}]
BROKEN: dict[str, bytes] = {
    "empty": b"",
    "spaces": b"  \n",
    "html": b"<html><body>502 Bad Gateway</body></html>",
    "text": b"upstream connect error",
    "truncated": b'{"errors": [{"domain": "com.trustly.x", "code": 2',
    "trailing": b'{"errors": []} {}',
    "not utf-8": b'{"errors": [{"domain": "\xff\xfe"}]}',
    "utf-16": '{"errors": []}'.encode("utf-16"),
    "binary": bytes(range(256)),
    "nul bytes": b"\x00" * 64,
    "bom": b"\xef\xbb\xbf{}",
    "nan": b'{"errors": [{"domain": "d", "code": NaN, "message": "m"}]}',
    "deep": b"[" * 100_000,
    "deep envelope": b'{"errors":' + b"[" * 5000 + b"]" * 5000 + b"}",
    "long number": b'{"errors": [{"domain": "d", "code": ' + b"9" * 5000 + b', "message": "m"}]}',
    "lone surrogate": b'{"errors": [{"domain": "\\ud800", "code": 1, "message": "\\udfff"}], "\\udc00": 1}',
    **{
        f"json {text}": text.encode()
        for text in (
            *("null", "true", "0", "1.5", '"errors"', "[]", "[null]", "[1, 2]", '["errors"]', "{}"),
            *(
                '{"errors": ' + inner + "}"
                for inner in ("null", "1", "true", '"text"', '"ab"', "{}", '{"ab": 1}', "[]")
            ),
            *('{"errors": [' + inner + "]}" for inner in ("null", "1", '"ab"', "[]", '["ab"]', "{}", '{"code": 200}')),
            '{"error": "unauthorized"}',
            '{"message": "Forbidden"}',
            '{"errors": {"domain": "d", "code": 1, "message": "m"}}',
            '{"Errors": [{"domain": "d", "code": 1, "message": "m"}]}',
        )
    },
    **{
        f"{name} is {json.dumps(value)}": json.dumps({"errors": [{**GOOD, name: value}]}).encode()
        for name in GOOD
        for value in (*NEITHER, "x" if name == "code" else 7)
    },
}


async def failed(
    client: Client, server: respx.MockRouter, operation_id: str, response: httpx.Response
) -> APIStatusError:
    """Return the error that an answer becomes."""
    server["any"].mock(return_value=response)
    server.calls.clear()
    with pytest.raises(APIStatusError) as caught:
        await client.call(operation_id)
    assert server.calls.call_count == 1
    return caught.value


def expected_class(status: int) -> type[APIStatusError]:
    return OWN_CLASS.get(status, ServerError if status // 100 == 5 else APIStatusError)


@pytest.mark.parametrize(("operation_id", "status", "envelope"), _spec.failures())
async def test_a_documented_failure_carries_what_the_server_said_and_tells_it_in_our_words(
    operation_id: str, status: int, envelope: Any, client: Client, server: respx.MockRouter
) -> None:
    content = json.dumps(envelope).encode()
    response = httpx.Response(status, content=content, headers={"X-Request-Id": "r-1", "Retry-After": "3"})
    error = await failed(client, server, operation_id, response)
    errors = envelope.get("errors", [])  # none in a body that has another form
    first = errors[0] if errors else {}
    assert type(error) is expected_class(status)
    assert error.status == status
    assert [each.to_dict() for each in error.errors] == errors
    assert error.codes == tuple(each["code"] for each in errors)
    assert error.domain == first.get("domain")
    assert error.message == first.get("message")
    assert error.request_id == "r-1"
    assert (error.response.status, error.response.content) == (status, content)
    assert error.response.headers["retry-after"] == "3"
    method, path, _ = _spec.operations()[operation_id]
    assert (error.request.operation_id, error.request.method, error.request.path) == (operation_id, method, path)

    text = str(error)
    assert f"{method} {path}" in text
    assert f"{status} {HTTPStatus(status).phrase}" in text
    for each in errors[:1]:
        assert f"code {each['code']}, {_spec.known_codes()[each['code']]}" in text
        assert each["domain"] in text
    said = [first["message"]] if errors else [value for value in envelope.values() if isinstance(value, str)]
    assert [words for words in said if words in text] == []
    assert CUSTOMER_ID not in text
    assert ADVISED.get(status, "") in text


@pytest.mark.parametrize("operation_id", [_spec.GET, _spec.UPDATE])
async def test_an_undocumented_status_is_an_error_of_its_class(
    operation_id: str, client: Client, server: respx.MockRouter, subtests: pytest.Subtests
) -> None:
    for status in UNDOCUMENTED:
        with subtests.test(str(status)):
            error = await failed(client, server, operation_id, httpx.Response(status))
            assert type(error) is expected_class(status)
            assert (error.status, error.errors, error.codes) == (status, (), ())
            assert (error.domain, error.message) == (None, None)
            assert f"was answered with {status} " in str(error)
            assert ADVISED.get(status, "") in str(error)


@pytest.mark.parametrize("status", [500, 502, 503, 520])
async def test_a_failed_update_may_have_been_applied_and_says_so_while_a_get_has_nothing_to_say(
    status: int, client: Client, server: respx.MockRouter
) -> None:
    server["any"].respond(status)
    with pytest.raises(ServerError, match="Whether the update was applied is not known"):
        await client.update()
    with pytest.raises(ServerError) as caught:
        await client.get()
    assert "applied" not in str(caught.value)


@pytest.mark.parametrize("status", [301, 307])
@pytest.mark.parametrize("location", ["https://elsewhere.test/", "/api/v1/customers/2", "http://sandbox.trustly.one/"])
async def test_a_redirect_is_not_followed(status: int, location: str, client: Client, server: respx.MockRouter) -> None:
    response = httpx.Response(status, headers={"location": location})
    error = await failed(client, server, _spec.UPDATE, response)
    assert type(error) is APIStatusError
    assert location not in str(error)


async def test_a_broken_envelope_is_an_error_of_its_status_all_the_same(
    client: Client, server: respx.MockRouter, subtests: pytest.Subtests
) -> None:
    for name, content in BROKEN.items():
        with subtests.test(name):
            error = await failed(client, server, _spec.UPDATE, httpx.Response(400, content=content))
            assert type(error) is BadRequestError
            assert error.response.content == content
            assert (error.domain is None) == (error.message is None) == (error.codes == ())
            for each in error.errors:
                assert (type(each.domain), type(each.code), type(each.message)) == (str, int, str)
            assert str(error).encode()


async def test_an_error_that_is_well_formed_is_kept_beside_those_that_are_not(
    client: Client, server: respx.MockRouter
) -> None:
    bad: list[Any] = [None, 1, "x", [], {}, {"code": 1}, {**GOOD, "code": "200"}, {**GOOD, "message": None}]
    error = await failed(client, server, _spec.UPDATE, httpx.Response(400, json={"errors": [*bad, GOOD, *bad, GOOD]}))
    assert [each.to_dict() for each in error.errors] == [GOOD, GOOD]


@pytest.mark.parametrize("field", [each for each in _spec.fields("ErrorDetail") if not each.required], ids=str)
async def test_an_optional_part_of_an_error_has_its_declared_type_or_is_unset(
    field: _spec.Field, client: Client, server: respx.MockRouter
) -> None:
    attribute = _spec.attribute(ErrorDetail, str(field))
    for kind, value in _spec.SAMPLES.items():
        if not _spec.allows(field.schema, kind):
            response = httpx.Response(500, json={"errors": [{**GOOD, field.path[0]: value}]})
            server["any"].mock(return_value=response)
            with pytest.raises(ServerError) as caught:
                await client.get()
            assert [getattr(each, attribute) for each in caught.value.errors] in ([], [UNSET]), kind


async def test_every_known_code_is_explained_and_an_unknown_one_only_named(
    client: Client, server: respx.MockRouter
) -> None:
    assert _spec.known_codes()
    for code, meaning in {**_spec.known_codes(), 4711: ""}.items():
        server["any"].respond(400, json={"errors": [{**GOOD, "code": code}]})
        with pytest.raises(BadRequestError, match=f"code {code}{meaning and f', {meaning}'}, from"):
            await client.get()


async def test_several_errors_are_all_told(client: Client, server: respx.MockRouter) -> None:
    codes = tuple(_spec.known_codes())[:3]
    envelope = {"errors": [{**GOOD, "code": code, "message": f"words {code}"} for code in codes]}
    error = await failed(client, server, _spec.GET, httpx.Response(400, json=envelope))
    assert error.codes == codes
    assert error.message == f"words {codes[0]}"
    assert all(_spec.known_codes()[code] in str(error) for code in codes)


FOREIGN_DOMAINS = [
    *("zqsecret", "John Smith", "", "com.trustly", "com.trustly.", "com.trustly..x", "com.trustly.x y", "\x1b[31m"),
    *(
        "com.trustly.x@zqsecret",
        "com.trustly.9",
        "com.trustlyzq.x",
        "xcom.trustly.x",
        "com.trustly.x\nzq",
        "COM.TRUSTLY.X",
    ),
    *("com.trustly.Müller", "com.trustly.\u0660"),
]


async def test_a_domain_that_is_not_the_providers_is_an_attribute_only(
    client: Client, server: respx.MockRouter, subtests: pytest.Subtests
) -> None:
    for domain in FOREIGN_DOMAINS:
        with subtests.test(domain):
            response = httpx.Response(400, json={"errors": [{**GOOD, "domain": domain}]})
            error = await failed(client, server, _spec.GET, response)
            assert error.domain == domain
            assert "from" not in str(error)
            assert not domain or domain not in str(error)


async def test_a_code_that_could_be_somebodys_number_is_an_attribute_only(
    client: Client, server: respx.MockRouter
) -> None:
    for code in (-1, 10_000, 123_456_789, 10**30):
        error = await failed(client, server, _spec.GET, httpx.Response(400, json={"errors": [{**GOOD, "code": code}]}))
        assert error.codes == (code,)
        assert str(code) not in f"{error} {error!r}"


@pytest.mark.parametrize(
    "envelope",
    [
        {"errors": [GOOD] * 10_000},
        {"errors": [{**GOOD, "domain": f"com.trustly.{'a' * 100_000}"}]},
        {"errors": [{**GOOD, "message": "m" * 100_000}]},
    ],
    ids=["many errors", "long domain", "long message"],
)
async def test_a_server_cannot_make_the_text_long(envelope: Any, client: Client, server: respx.MockRouter) -> None:
    error = await failed(client, server, _spec.GET, httpx.Response(400, json=envelope))
    assert [each.to_dict() for each in error.errors] == envelope["errors"]
    assert len(str(error)) < 1_000


@pytest.mark.parametrize("header", ["X-Request-Id", "Request-Id", "X-Correlation-Id"])
async def test_a_request_id_is_found_under_its_usual_names(
    header: str, client: Client, server: respx.MockRouter
) -> None:
    error = await failed(client, server, _spec.GET, httpx.Response(503, headers={header: "abc"}))
    assert error.request_id == "abc"
    assert "abc" not in str(error)


async def test_without_a_request_id_there_is_none(client: Client, server: respx.MockRouter) -> None:
    assert (await failed(client, server, _spec.GET, httpx.Response(503))).request_id is None


@ABANDONED_BODY
@pytest.mark.parametrize("status", [400, 404, 418, 503])
async def test_a_failure_with_too_long_a_body_is_still_the_error_of_its_status(
    status: int, connect: Connect, server: respx.MockRouter
) -> None:
    server["any"].respond(status, content=b"x" * 5000)
    with pytest.raises(TrustlyError) as caught:
        await connect(max_response_bytes=1000).update()
    assert type(caught.value) is expected_class(status)
    assert "probably applied" not in str(caught.value)

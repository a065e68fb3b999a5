"""Which bodies are taken, which are refused, and that a refusal repeats nothing."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.anyio

LIMIT = 64 * 1024
SECRET = "S3CRET"


async def post(
    api: httpx.AsyncClient, path: str, body: bytes, content_type: str = "application/json"
) -> httpx.Response:
    return await api.post(path, content=body, headers={"content-type": content_type})


def with_data(update: dict[str, Any], text: str) -> bytes:
    """The update with customData given as raw JSON text."""
    return json.dumps({**update, "customData": 0}).replace('"customData": 0', f'"customData": {text}').encode()


def nested(levels: int) -> str:
    """An object `levels` deep, arrays and objects by turns."""
    pairs = [('{"a":', "}"), ("[", "]")]
    opening, closing = "", ""
    for level in range(levels - 1):
        opening += pairs[level % 2][0]
        closing = pairs[level % 2][1] + closing
    return opening + "{}" + closing


# Each is the valid update but for one thing: {whole} is all of it, {open} all but the last brace.
BROKEN = {
    "empty": b"",
    "white space": b" \n",
    "truncated": b"{open}",
    "truncated in a string": b'{open}, "x": "y',
    "trailing data": b"{whole} x",
    "trailing brace": b"{whole}}",
    "two documents": b"{whole}{whole}",
    "two documents on two lines": b"{whole}\n{whole}",
    "trailing comma": b"{open},}",
    "single quotes": b"{open}, 'x': 1}",
    "no quotes": b"{open}, x: 1}",
    "comment": b"{whole}/* */",
    "byte order mark": b"\xef\xbb\xbf{whole}",
    "not UTF-8": b'{open}, "x": "\xff"}',
    "UTF-8 longer than need be": b'{open}, "x": "\xc0\x80"}',
    "surrogates in UTF-8": b'{open}, "x": "\xed\xa0\x80"}',
    "form feed as white space": b"{whole}\x0c",
    "no-break space as white space": b"\xc2\xa0{whole}",
    "control character in a string": b'{open}, "x": "\x01"}',
    "line end in a string": b'{open}, "x": "\n"}',
    "NUL after the end": b"{whole}\0",
    "unknown escape": b'{open}, "x": "\\x41"}',
    "leading zero": b'{open}, "x": 01}',
    "lone minus": b'{open}, "x": -}',
    "plus": b'{open}, "x": +1}',
    "no digit after the point": b'{open}, "x": 1.}',
    "hexadecimal": b'{open}, "x": 0x1}',
    "digits of another script": b'{open}, "x": \xd9\xa1}',
    "capital literal": b'{open}, "x": True}',
    "duplicate of a declared property": b'{open}, "name": "x"}',
}
BROKEN_DATA = {
    "lone high surrogate": '{"a":"\\ud800"}',
    "lone low surrogate": '{"a":"\\udc00"}',
    "surrogates in the wrong order": '{"a":"\\udc00\\ud800"}',
    "lone surrogate in a key": '{"\\ud800":1}',
    "lone surrogate deep inside": '{"a":[[{"b":"\\uDfff"}]]}',
    "duplicate keys": '{"a":1,"a":1}',
    "duplicate keys, one escaped": '{"a":1,"\\u0061":1}',
    "duplicate keys deep inside": '{"x":[{"a":1,"a":2}]}',
    "NaN": '{"a":NaN}',
    "Infinity": '{"a":Infinity}',
    "minus Infinity": '{"a":-Infinity}',
    "overflow": '{"a":1e400}',
    "negative overflow": '{"a":-1.5E+999}',
    "integer too long for the reader": f'{{"a":{"9" * 5000}}}',
    "nested too deep": nested(200),
    "nested far too deep": '{"a":' + "[" * 30000 + "]" * 30000 + "}",
    "opened and never closed": "[" * 60000,
}


@pytest.mark.clause("strict-json")
@pytest.mark.clause("nesting")
@pytest.mark.clause("no-echo")
@pytest.mark.parametrize("name", [*BROKEN, *BROKEN_DATA])
async def test_a_body_that_is_not_one_strict_json_text_is_400_and_changes_nothing(
    api: httpx.AsyncClient, path: str, update: dict[str, Any], name: str
) -> None:
    update["name"] = SECRET
    if name in BROKEN:
        whole = json.dumps(update).encode()
        body = BROKEN[name].replace(b"{whole}", whole).replace(b"{open}", whole[:-1])
    else:
        body = with_data(update, BROKEN_DATA[name])
    before = (await api.get(path)).json()
    answer = await post(api, path, body)
    assert answer.status_code == 400
    assert answer.json()["errors"]
    assert SECRET not in answer.text
    assert (await api.get(path)).json() == before


@pytest.mark.clause("strict-json")
async def test_utf_16_is_400(api: httpx.AsyncClient, path: str, update: dict[str, Any]) -> None:
    for encoding in ("utf-16", "utf-16-be", "utf-32"):
        assert (await post(api, path, json.dumps(update).encode(encoding))).status_code == 400


@pytest.mark.clause("strict-json")
@pytest.mark.parametrize(
    "text",
    [
        '{"a":"\\ud83d\\ude00"}',
        '{"a":"\\u0000\\u00e9"}',
        '{"a":-0.0,"b":1e-400,"c":1.7976931348623157e308}',
        '{"a":"[[[{{{\\"' + "[" * 500 + '"}',
        '{"":{"":""}}',
    ],
)
async def test_what_only_looks_dangerous_is_accepted(
    api: httpx.AsyncClient, path: str, update: dict[str, Any], text: str
) -> None:
    answer = await post(api, path, with_data(update, text))
    assert answer.status_code == 200
    assert answer.json()["customer"]["customData"] == json.loads(text)


@pytest.mark.clause("nesting")
@pytest.mark.parametrize("levels", [62, 63, 64, 120])
async def test_64_levels_of_nesting_come_back(
    api: httpx.AsyncClient, path: str, update: dict[str, Any], levels: int
) -> None:
    answer = await post(api, path, with_data(update, nested(levels)))
    assert answer.status_code == 200
    assert (await api.get(path)).json()["customer"]["customData"] == json.loads(nested(levels))


@pytest.mark.clause("nesting")
async def test_brackets_that_close_again_do_not_add_up_to_depth(
    api: httpx.AsyncClient, path: str, update: dict[str, Any]
) -> None:
    answer = await post(api, path, with_data(update, '{"a":[' + "[]," * 5000 + "{}]}"))
    assert answer.status_code == 200


@pytest.mark.clause("exact-integers")
@pytest.mark.parametrize(
    "number", [2**53 + 1, 2**63, 2**64 + 1, -(2**70), 10**999, -(10**1000 - 1)], ids=int.bit_length
)
async def test_integers_of_a_thousand_digits_come_back_exactly(
    api: httpx.AsyncClient, path: str, update: dict[str, Any], number: int
) -> None:
    await post(api, path, with_data(update, f'{{"n":{number}}}'))
    assert f'"n":{number}}}' in (await api.get(path)).text


@pytest.mark.parametrize("number", ["1.5", "0.1", "1e-7", "123456789.123456789", "5e-324", "1.0"])
async def test_numbers_with_a_fraction_come_back_as_the_same_double(
    api: httpx.AsyncClient, path: str, update: dict[str, Any], number: str
) -> None:
    await post(api, path, with_data(update, f'{{"n":{number}}}'))
    back = (await api.get(path)).json()["customer"]["customData"]["n"]
    assert isinstance(back, float)
    assert back == float(number)


@pytest.mark.clause("body-limit")
@pytest.mark.parametrize("length", [LIMIT, LIMIT + 1, 10 * LIMIT])
@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_is_taken_up_to_64_kib_and_refused_beyond(
    api: httpx.AsyncClient, path: str, update: dict[str, Any], length: int, *, chunked: bool
) -> None:
    body = json.dumps(update).encode()
    body += b" " * (length - len(body))

    async def chunks() -> Any:
        for start in range(0, length, 10_000):
            yield body[start : start + 10_000]

    answer = await api.post(path, content=chunks() if chunked else body, headers={"content-type": "application/json"})
    assert answer.status_code == (200 if length <= LIMIT else 413)


@pytest.mark.clause("body-limit")
async def test_a_body_without_a_length_is_not_read_beyond_the_limit(in_process: httpx.AsyncClient, path: str) -> None:
    # On a socket, who sends without end never gets round to reading the answer.
    taken = 0

    async def endless() -> Any:
        nonlocal taken
        while True:
            taken += 1000
            yield b" " * 1000

    answer = await in_process.post(path, content=endless(), headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert taken <= LIMIT + 2000


@pytest.mark.clause("content-type")
@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("APPLICATION/Json", 200),
        ("application/json;charset=utf-8", 200),
        ("application/json ; Charset=UTF-8", 200),
        ('application/json; charset="utf-8"', 200),
        ("application/json;", 200),
        ("application/json; charset=iso-8859-1", 415),
        ("application/json; charset=utf-16", 415),
        ("application/json; charset=utf-8; charset=latin1", 415),
        ("application/json; charset", 415),
        ("application/jsonp", 415),
        ("application/json, text/plain", 415),
        ("application/problem+json", 415),
        ("text/json", 415),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/json" + "; " * 3000 + "x", 415),
        ("", 415),
    ],
)
async def test_only_json_in_utf_8_is_a_content_type(
    api: httpx.AsyncClient, path: str, update: dict[str, Any], content_type: str, status: int
) -> None:
    assert (await post(api, path, json.dumps(update).encode(), content_type)).status_code == status


@pytest.mark.clause("content-type")
@pytest.mark.parametrize("types", [[], ["application/json", "application/json"], ["application/json", "text/plain"]])
async def test_a_content_type_that_is_missing_or_there_twice_is_415(
    api: httpx.AsyncClient, path: str, update: dict[str, Any], types: list[str]
) -> None:
    request = api.build_request("POST", path, content=json.dumps(update).encode())
    request.headers = httpx.Headers([*request.headers.raw, *((b"content-type", value.encode()) for value in types)])
    assert (await api.send(request)).status_code == 415


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"null", b"1", b"true", b"{}"])
async def test_a_json_text_that_is_no_customer_is_400(api: httpx.AsyncClient, path: str, body: bytes) -> None:
    assert (await post(api, path, body)).status_code == 400


@pytest.mark.clause("no-echo")
@pytest.mark.parametrize(
    ("change", "location"),
    [
        ({"email": ""}, "/email"),
        ({"name": {SECRET: SECRET}}, "/name"),
        ({"address": {"country": SECRET, SECRET: SECRET}}, "/address/country"),
        ({"address": {SECRET: SECRET}}, "/address/country"),
        ({"driverLicense": {"number": SECRET}}, "/driverLicense/state"),
        ({"driverLicense": {"number": SECRET, "state": SECRET}}, "/driverLicense/state"),
        ({"driverLicense": SECRET}, "/driverLicense"),
        ({"customData": [SECRET]}, "/customData"),
        ({"enrollDate": SECRET}, "/enrollDate"),
        ({"enrollDate": 2**63}, "/enrollDate"),
        ({"enrollDate": -1}, "/enrollDate"),
        ({"enrollDate": 10**1000}, "/enrollDate"),
        ({"enrollDate": 1.5}, "/enrollDate"),
    ],
)
async def test_a_broken_rule_is_named_by_the_place_and_never_by_the_value(
    api: httpx.AsyncClient, path: str, update: dict[str, Any], change: dict[str, Any], location: str
) -> None:
    answer = await api.post(path, json={**update, **change})
    assert answer.status_code == 400
    assert [error["location"] for error in answer.json()["errors"]] == [location]
    assert SECRET not in answer.text
    assert "9223372036854775808" not in answer.text

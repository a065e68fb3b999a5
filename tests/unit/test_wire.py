"""What is sent: method, URL, headers and body, exactly."""

from __future__ import annotations

import base64
import copy
import enum
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
from ruamel.yaml import YAML

from trustly_api.contract import PROVIDER_SET, SERVERS
from trustly_customers import (
    SPEC_VERSION,
    UNSET,
    Address,
    CustomData,
    Customer,
    CustomerUpdate,
    DriverLicense,
    __version__,
)

from . import _spec
from ._clients import ACCESS_ID, ACCESS_KEY, CUSTOMER_ID, Client, Connect, a_customer, an_update

pytestmark = pytest.mark.anyio

SPEC_FILE = Path(__file__).parents[2] / "openapi" / "customers.yaml"

# The identifier, and what of the URL it becomes: everything but unreserved characters encoded, once.
IDENTIFIERS = {
    "1002580963": "1002580963",
    "a/b": "a%2Fb",
    "100%": "100%25",
    "a?b=c": "a%3Fb%3Dc",
    "a#b": "a%23b",
    "a b": "a%20b",
    " ": "%20",
    "a+b": "a%2Bb",
    "a&b;c=d,e": "a%26b%3Bc%3Dd%2Ce",
    "a:b@c": "a%3Ab%40c",
    "a..b": "a..b",
    "..a": "..a",
    "../x": "..%2Fx",
    "/..": "%2F..",
    "%2F": "%252F",
    "%2e%2e": "%252e%252e",
    "%252F": "%25252F",
    "a\\b": "a%5Cb",
    "ünï/😀": "%C3%BCn%C3%AF%2F%F0%9F%98%80",
    "e\u0301": "e%CC%81",
    "\x00\r\n": "%00%0D%0A",
    "-._~": "-._~",
    "[::1]": "%5B%3A%3A1%5D",
    "{customerId}": "%7BcustomerId%7D",
    "x" * 2000: "x" * 2000,
}


def sent(server: respx.MockRouter, *, calls: int = 1) -> httpx.Request:
    """Return the last request, after so many calls."""
    assert server.calls.call_count == calls
    request: httpx.Request = server.calls.last.request
    return request


def sent_body(server: respx.MockRouter) -> Any:
    """Return the body that was sent, decoded."""
    return json.loads(sent(server).content)


def without_provider_set(value: dict[str, Any]) -> dict[str, Any]:
    return {name: inner for name, inner in value.items() if name not in _spec.provider_set()}


@pytest.mark.parametrize("operation_id", [_spec.GET, _spec.UPDATE])
async def test_each_operation_is_sent_to_the_method_and_path_of_the_spec(
    operation_id: str, client: Client, server: respx.MockRouter
) -> None:
    await client.call(operation_id)
    method, path, _ = _spec.operations()[operation_id]
    assert sent(server).method == method
    assert str(sent(server).url) == SERVERS["sandbox"] + path.replace("{customerId}", CUSTOMER_ID)


async def test_a_get_has_these_headers_and_no_others_and_no_body(client: Client, server: respx.MockRouter) -> None:
    await client.get()
    assert dict(sent(server).headers) == expected_headers()
    assert sent(server).content == b""


async def test_an_update_has_these_headers_and_no_others(client: Client, server: respx.MockRouter) -> None:
    await client.update()
    request = sent(server)
    assert dict(request.headers) == {
        **expected_headers(),
        "content-type": "application/json",
        "content-length": str(len(request.content)),
    }


def expected_headers() -> dict[str, str]:
    return {
        "host": httpx.URL(SERVERS["sandbox"]).host,
        "accept": "application/json",
        # A customer takes a kilobyte or two: nothing is gained by compressing it.
        "accept-encoding": "identity",
        "user-agent": f"trustly-customers/{__version__} (spec {SPEC_VERSION})",
        "authorization": "Basic " + base64.b64encode(f"{ACCESS_ID}:{ACCESS_KEY}".encode()).decode(),
    }


@pytest.mark.parametrize("operation_id", [_spec.GET, _spec.UPDATE])
async def test_an_identifier_is_percent_encoded_exactly_once(
    operation_id: str, client: Client, server: respx.MockRouter, subtests: pytest.Subtests
) -> None:
    for identifier, encoded in IDENTIFIERS.items():
        with subtests.test(repr(identifier)[:20]):
            server.calls.clear()
            await (client.get(identifier) if operation_id == _spec.GET else client.update(identifier))
            assert sent(server).url.raw_path.decode() == f"/api/v1/customers/{encoded}"


class Known(str, enum.Enum):  # noqa: UP042 - a StrEnum prints as its value
    """Identifiers as a user may well hold them; `str()` of one is its Python name."""

    JOE = "1002580963"


async def test_an_identifier_of_a_subclass_of_str_is_sent_by_its_value(
    client: Client, server: respx.MockRouter
) -> None:
    await client.get(Known.JOE)
    assert sent(server).url.path.endswith("/customers/1002580963")


@pytest.mark.parametrize(
    ("access_id", "access_key"),
    [("Jörg", "pässwörd"), ("id", "a:b:c"), ("密", "🔑"), ("id", " spaced "), ("i" * 300, "k" * 300)],
)
async def test_credentials_are_sent_as_basic_in_utf_8(
    access_id: str, access_key: str, connect: Connect, server: respx.MockRouter
) -> None:
    await connect(access_id, access_key).get()
    scheme, _, pair = sent(server).headers["authorization"].partition(" ")
    assert (scheme, base64.b64decode(pair, validate=True).decode()) == ("Basic", f"{access_id}:{access_key}")


@pytest.mark.parametrize("environment", ["sandbox", "production"])
async def test_an_environment_is_the_server_that_the_spec_names(
    environment: Any, connect: Connect, server: respx.MockRouter
) -> None:
    await connect(environment=environment).get()
    assert str(sent(server).url) == f"{SERVERS[environment]}/customers/{CUSTOMER_ID}"


def test_the_generated_contract_says_what_the_specification_says() -> None:
    spec = YAML(typ="safe", pure=True).load(SPEC_FILE.read_text(encoding="utf-8"))
    assert {each["x-environment"]: each["url"] for each in spec["servers"]} == SERVERS
    assert spec["info"]["version"] == SPEC_VERSION
    assert {name: set(found) for name, found in PROVIDER_SET.items()} == {"Customer": set(_spec.provider_set())}
    assert _spec.provider_set()


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("https://example.test/api/v1", "https://example.test/api/v1/customers/1"),
        ("https://example.test/api/v1/", "https://example.test/api/v1/customers/1"),
        ("https://example.test", "https://example.test/customers/1"),
        ("https://example.test:8443/x", "https://example.test:8443/x/customers/1"),
        ("http://127.0.0.1:8086/api/v1", "http://127.0.0.1:8086/api/v1/customers/1"),
        ("http://[::1]:8086", "http://[::1]:8086/customers/1"),
        ("http://localhost:8086", "http://localhost:8086/customers/1"),
    ],
)
async def test_a_base_url_beats_the_environment(
    base_url: str, url: str, connect: Connect, server: respx.MockRouter
) -> None:
    await connect(environment="production", base_url=base_url).get("1")
    assert str(sent(server).url) == url


async def test_a_body_is_compact_json_in_utf_8_byte_for_byte(client: Client, server: respx.MockRouter) -> None:
    custom = CustomData()
    custom["big"] = 10**999 + 1
    custom["list"] = [1, 2.5, True, None, {"a": []}]
    license_ = DriverLicense(number='q"\\/', state="CA")
    license_["class"] = "C"
    update = an_update()
    update.name = "  José \x00 e\u0301 😀\u2028 "
    update.address = Address(country="US", city="")
    update.vip = None
    update.enroll_date = 2**63 - 1
    update.custom_data = custom
    update.driver_license = license_
    await client.update(body=update)
    body = sent(server).content.decode()
    for part in (
        '"name":"  José \\u0000 e\u0301 😀\u2028 ","address":{"country":"US","city":""}',
        '"enrollDate":9223372036854775807',
        '"vip":null',
        '"customData":{"big":1' + "0" * 998 + '1,"list":[1,2.5,true,null,{"a":[]}]}',
        '"driverLicense":{"class":"C","number":"q\\"\\\\/","state":"CA"}',
    ):
        assert part in body
    assert body == json.dumps(json.loads(body), ensure_ascii=False, separators=(",", ":"))


async def test_everything_that_was_read_is_sent_back_but_what_the_provider_sets(
    client: Client, server: respx.MockRouter
) -> None:
    planted = _spec.Planted("CustomerResponse").value
    server["any"].respond(json=planted)
    customer = await client.get()
    await client.update(body=customer)
    body = json.loads(sent(server, calls=2).content)
    assert body == without_provider_set(planted["customer"])
    assert set(planted["customer"]) - set(body) == _spec.provider_set()


async def test_what_the_provider_sets_is_dropped_from_an_update_too(client: Client, server: respx.MockRouter) -> None:
    update = an_update()
    for name in _spec.provider_set():
        update[name] = "1001165729"
    await client.update(body=update)
    assert sent_body(server) == without_provider_set(_spec.example("CustomerUpdate"))


async def test_a_nested_property_named_like_a_provider_set_one_is_sent(
    client: Client, server: respx.MockRouter
) -> None:
    update = an_update()
    update.custom_data = CustomData.from_dict(dict.fromkeys(_spec.provider_set(), 1))
    for name in _spec.provider_set():
        update.address[name] = 2
    await client.update(body=update)
    body = sent_body(server)
    assert body["customData"] == dict.fromkeys(_spec.provider_set(), 1)
    assert {name: body["address"][name] for name in _spec.provider_set()} == dict.fromkeys(_spec.provider_set(), 2)


async def test_unknown_properties_are_sent_at_every_level(client: Client, server: respx.MockRouter) -> None:
    update = an_update()
    update["newInVersion2"] = {"deep": [None, {"x": 1}]}
    update["unknownNull"] = None
    update.address["what3words"] = "a.b.c"
    await client.update(body=update)
    expected = without_provider_set(_spec.example("CustomerUpdate"))
    expected |= {"newInVersion2": {"deep": [None, {"x": 1}]}, "unknownNull": None}
    expected["address"]["what3words"] = "a.b.c"
    assert sent_body(server) == expected


async def test_only_the_required_properties_are_sent_when_the_rest_is_unset(
    client: Client, server: respx.MockRouter
) -> None:
    required = {name: _spec.example("CustomerUpdate")[name] for name in _spec.component("CustomerUpdate")["required"]}
    await client.update(body=CustomerUpdate.from_dict(required))
    assert sent_body(server) == required


async def test_a_none_is_sent_as_null_for_each_property_that_can_be_removed(
    client: Client, server: respx.MockRouter
) -> None:
    schema = _spec.component("CustomerUpdate")
    removable = {name for name, inner in schema["properties"].items() if "null" in _spec.types(inner)}
    assert removable
    required = {name: _spec.example("CustomerUpdate")[name] for name in schema["required"]}
    await client.update(body=CustomerUpdate.from_dict({**required, **dict.fromkeys(removable)}))
    assert sent_body(server) == {**required, **dict.fromkeys(removable)}


async def test_an_attribute_set_to_unset_is_left_out(client: Client, server: respx.MockRouter) -> None:
    customer = a_customer()
    assert customer.tax_id
    customer.tax_id = UNSET
    await client.update(body=customer)
    read = _spec.example("CustomerResponse")["customer"]
    assert sent_body(server) == {name: value for name, value in without_provider_set(read).items() if name != "taxId"}


@pytest.mark.parametrize("make", [a_customer, an_update])
@pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, *(lambda value, n=n: pickle.loads(pickle.dumps(value, n)) for n in range(2, 6))],  # noqa: S301 - its own
)
async def test_a_copied_or_pickled_model_is_sent_like_the_original(
    make: Callable[[], Customer | CustomerUpdate],
    duplicate: Callable[[Any], Any],
    client: Client,
    server: respx.MockRouter,
) -> None:
    await client.update(body=duplicate(make()))
    assert sent_body(server) == without_provider_set(make().to_dict())


async def test_sending_a_model_leaves_it_as_it_was(client: Client, server: respx.MockRouter) -> None:
    customer = Customer.from_dict(_spec.Planted("Customer").value)
    before = copy.deepcopy(customer)
    await client.update(body=customer)
    assert customer == before
    assert sent(server).content


async def test_an_update_returns_what_the_server_answered_and_not_what_was_sent(
    client: Client, server: respx.MockRouter
) -> None:
    assert (await client.update()).to_dict() == _spec.example("CustomerResponse")["customer"]
    assert sent_body(server)["name"] != _spec.example("CustomerResponse")["customer"]["name"]


async def test_one_client_sends_each_call_anew(client: Client, server: respx.MockRouter) -> None:
    await client.get("1")
    await client.update("2")
    await client.get("3")
    assert [call.request.url.path.rpartition("/")[2] for call in server.calls] == ["1", "2", "3"]
    assert ["content-type" in call.request.headers for call in server.calls] == [False, True, False]

"""What errors say to a person: in the specification's words, with the place, and with what to do."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from trustly_customers.sandbox import SandboxError
from trustly_customers.sandbox._api.auth import BasicCredentials
from trustly_customers.sandbox._api.records import (
    MAX_CUSTOMER,
    MAX_ID,
    CustomerTooLargeError,
    RecordError,
    Records,
    kept,
)
from trustly_customers.sandbox._spec import Spec

pytestmark = pytest.mark.anyio
UNFIT = r"^the sandbox's access id and access key may not be empty, nor the id hold a colon or a tilde$"


@pytest.fixture
def customer(document: dict[str, Any]) -> dict[str, Any]:
    """The provider's example of an answer."""
    found: dict[str, Any] = document["components"]["examples"]["CustomerResponse"]["value"]["customer"]
    return found


def records(document: dict[str, Any]) -> Records:
    spec = Spec(document)
    return Records(spec, spec.operation("getCustomer"))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"name": 7}, "/name: type"),
        ({"address": {"country": "usa"}}, "/address/country: pattern"),
        ({"address": {}}, "/address/country: required"),
        (None, "The body: type"),
    ],
)
async def test_the_message_of_an_invalid_body_ends_in_the_place_and_the_rule(
    api: httpx.AsyncClient, path: str, update: dict[str, Any], change: dict[str, Any] | None, place: str
) -> None:
    answer = await api.post(path, json=[] if change is None else {**update, **change})
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["message"].endswith(f" {place}")
    assert error["location"] == place.partition(":")[0].removeprefix("The body")


@pytest.mark.parametrize(
    ("method", "body", "media_type", "status", "message"),
    [
        ("POST", b"{", "application/json", 400, "The body is not one strict JSON text in UTF-8."),
        ("DELETE", b"", "application/json", 405, "The path does not know the method."),
        ("POST", b" " * 70_000, "application/json", 413, "The body is longer than 64 KiB."),
        ("POST", b"{}", "text/plain", 415, "The body is not declared as JSON in UTF-8."),
    ],
)
async def test_an_error_says_the_first_sentence_of_the_specification_and_has_the_nearest_code(  # noqa: PLR0913, PLR0917 - the columns of the table
    api: httpx.AsyncClient, path: str, method: str, body: bytes, media_type: str, status: int, message: str
) -> None:
    answer = await api.request(method, path, content=body, headers={"Content-Type": media_type})
    assert answer.status_code == status
    (error,) = answer.json()["errors"]
    assert (error["message"], error["code"]) == (message, 200)


@pytest.mark.parametrize(("status", "code"), [(400, 200), (499, 200), (500, 100), (502, 100), (599, 100)])
async def test_a_status_without_an_error_of_its_own_has_the_code_of_the_nearest(
    api: httpx.AsyncClient, path: str, status: int, code: int
) -> None:
    answer = await api.get(path, headers={"Prefer": f"code={status}"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)


@pytest.mark.parametrize(
    ("access_id", "access_key", "told"),
    [
        ("", "k", UNFIT),
        ("i", "", UNFIT),
        ("i:", "k", UNFIT),
        ("i~", "k", UNFIT),
        ("i", "\ud800", r"^the sandbox's access id and access key must be valid Unicode$"),
    ],
)
def test_credentials_that_basic_cannot_carry_are_told_so(access_id: str, access_key: str, told: str) -> None:
    with pytest.raises(SandboxError, match=told):
        BasicCredentials(access_id, access_key)


def test_an_operation_that_is_missing_is_told_with_what_to_do(document: dict[str, Any]) -> None:
    with pytest.raises(SandboxError) as caught:
        Spec(document).operation("gone")
    assert str(caught.value) == (
        "the installed spec has no operation gone, without which there is nothing to serve; "
        "install trustly-customers again, or run `make generate` in its repository"
    )


@pytest.mark.parametrize(("status", "message"), [(418, "I'm a Teapot."), (507, "Insufficient Storage.")])
async def test_a_status_that_the_specification_does_not_know_has_https_own_name(
    api: httpx.AsyncClient, path: str, status: int, message: str
) -> None:
    answer = await api.get(path, headers={"Prefer": f"code={status}"})
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (status, message)


async def test_a_namespace_that_cannot_be_is_told_what_its_name_may_have(api: httpx.AsyncClient, path: str) -> None:
    answer = await api.get(path, auth=("sandbox~not one", "sandbox"))
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["message"].startswith("The namespace in the access id may have 1 to 64 letters")
    assert {name.lower() for name, _ in answer.headers.raw} == {name for name, _ in answer.headers.raw}, (
        "as ASGI has it"
    )


async def test_a_path_that_is_none_is_told_so(api: httpx.AsyncClient, path: str) -> None:
    answer = await api.get(f"{path}/more")
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (404, "There is no such path.")


def test_all_that_is_wrong_with_a_customer_is_told_at_once(document: dict[str, Any], customer: dict[str, Any]) -> None:
    with pytest.raises(RecordError) as caught:
        records(document).record({**customer, "name": 7, "address": {"country": "usa"}})
    assert set(str(caught.value).split("; ")) == {"/name: type", "/address/country: pattern"}


def test_what_is_wrong_with_the_whole_of_a_customer_is_told_so(
    document: dict[str, Any], customer: dict[str, Any]
) -> None:
    document["components"]["schemas"]["Customer"]["minProperties"] = 100
    with pytest.raises(RecordError, match=r"^the whole: minProperties$"):
        records(document).record(customer)


def test_the_longest_identifier_that_is_kept_is_kept(document: dict[str, Any], customer: dict[str, Any]) -> None:
    kept = records(document)
    assert kept.record({**customer, "customerId": "x" * MAX_ID})[0] == "x" * MAX_ID
    with pytest.raises(RecordError, match="longer than this sandbox keeps"):
        kept.record({**customer, "customerId": "x" * (MAX_ID + 1)})


def test_the_largest_customer_that_is_kept_is_kept() -> None:
    room = MAX_CUSTOMER - len(kept({"x": ""}))
    assert len(kept({"x": "a" * room})) == MAX_CUSTOMER
    with pytest.raises(CustomerTooLargeError):
        kept({"x": "a" * (room + 1)})

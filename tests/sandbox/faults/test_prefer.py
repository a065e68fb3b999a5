"""The `Prefer` header: how it is read, and what is said of one that asks for what is not there."""

from __future__ import annotations

import httpx
import pytest

from trustly_customers.sandbox._faults.prefer import preferences

from ._calls import ID, Place
from ._expected import EXPECTED

URL = f"http://sandbox/api/v1/customers/{ID}"


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([b"code=503"], {"code": "503"}),
        ([b"Code = 503"], {"code": "503"}),
        ([b'code="503"'], {"code": "503"}),
        ([b'code="5\\03"'], {"code": "503"}),
        ([b"code=503, fault=latency"], {"code": "503", "fault": "latency"}),
        ([b"code=503", b"fault=latency"], {"code": "503", "fault": "latency"}),
        ([b"code=503,code=500", b"CODE=501"], {"code": "503"}),
        ([b"respond-async, wait=10; x=y;z, code=503"], {"respond-async": "", "wait": "10", "code": "503"}),
        ([b'a="b, fault=latency", code=503'], {"a": "b, fault=latency", "code": "503"}),
        ([b'a; b="c, fault=latency", code=503'], {"a": "", "code": "503"}),
        ([b", ,code=503,,"], {"code": "503"}),
        ([b'code=""'], {"code": ""}),
        ([b"code="], {"code": ""}),
        ([b"code"], {"code": ""}),
        ([b"code=503 500, fault=latency"], {}),
        ([b'a="b, code=503'], {}),
        ([b"a=\xff, code=503"], {}),
        ([b""], {}),
    ],
)
def test_preferences_are_read_as_the_standard_says(values: list[bytes], found: dict[str, str]) -> None:
    assert preferences(values) == found


@pytest.mark.parametrize("hostile", [b'a="' + b"\\" * 60_000, b"a;" * 30_000, b" " * 60_000, b'a;"' * 20_000])
def test_a_hostile_header_is_read_in_one_pass(hostile: bytes) -> None:
    assert preferences([hostile]).keys() <= {"a"}


@pytest.mark.parametrize("value", ["respond-async", "wait=10", "return=minimal", "code2=500", "", "x;code=503"])
def test_other_preferences_are_ignored(place: Place, value: str) -> None:
    with httpx.Client(transport=place.sandbox.transport(), auth=place.credentials) as client:
        assert client.get(URL, headers={"Prefer": value}).status_code == 200


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("fault=hush", f"fault must be one of {', '.join(EXPECTED)}."),
        ("fault", f"fault must be one of {', '.join(EXPECTED)}."),
        *(
            (f"code={code}", "code must be one of 400 to 599.")
            for code in ("200", "399", "600", "hush", "5e2", "0503", "")
        ),
    ],
)
def test_a_fault_or_a_code_that_is_not_there_is_a_bad_request_with_the_list(
    place: Place, value: str, words: str
) -> None:
    place.ask("reset-before")
    with httpx.Client(transport=place.sandbox.transport(), auth=place.credentials) as client:
        answer = client.get(URL, headers={"Prefer": value})
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["message"].endswith(words)
    assert "hush" not in answer.text
    assert len(place.rules.list(place.namespace)) == 1, "a refused request met the rule"


def test_a_preference_without_credentials_is_401(place: Place) -> None:
    with httpx.Client(transport=place.sandbox.transport()) as client:
        assert client.get(URL, headers={"Prefer": "code=503"}).status_code == 401


def test_a_fault_and_a_code_apply_together(place: Place) -> None:
    with httpx.Client(transport=place.sandbox.transport(), auth=place.credentials) as client:
        answer = client.get(URL, headers={"Prefer": "code=503, fault=malformed-body"})
        assert answer.status_code == 503
        with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
            answer.json()

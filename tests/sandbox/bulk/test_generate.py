"""Synthetic customers: like real ones, allowed by the specification, the same for everybody, and nobody's."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import subprocess
import sys
from itertools import islice
from typing import Any

import jsonschema_rs
import pytest
from faker.utils.checksums import luhn_checksum

from trustly_customers.sandbox import SandboxError
from trustly_customers.sandbox._bulk.generate import MOST, generate
from trustly_customers.sandbox._bulk.transfer import write_generated

DIGEST = """
import hashlib, io
from trustly_customers.sandbox._bulk.transfer import write_generated
target = io.BytesIO()
write_generated(target, 50, 3, lambda _: None)
print(hashlib.sha256(target.getvalue()).hexdigest())
"""


@pytest.fixture(scope="module")
def drawn() -> list[dict[str, Any]]:
    return list(generate(5000, 7))


def test_every_customer_is_allowed_by_the_specification_and_none_of_its_properties_is_unknown(
    drawn: list[dict[str, Any]], components: Any
) -> None:
    closed = {**components["schemas"]["Customer"], "unevaluatedProperties": False, "components": components}
    closed.pop("additionalProperties")
    validator = jsonschema_rs.Draft202012Validator(closed)
    for customer in drawn:
        validator.validate(customer)


def test_each_has_an_id_of_its_own_and_an_external_one_and_neither_is_an_examples(
    drawn: list[dict[str, Any]], components: Any
) -> None:
    ids = {customer["customerId"] for customer in drawn}
    assert len(ids) == len({customer["externalId"] for customer in drawn}) == len(drawn)
    assert all(re.fullmatch(r"\d{10}", customer_id) for customer_id in ids)
    assert not ids & {"1002580963", components["examples"]["CustomerUpdate"]["value"]["customerId"]}


def test_they_differ_as_real_ones_do(drawn: list[dict[str, Any]]) -> None:
    assert {customer["address"]["country"] for customer in drawn} == {"US", "CA"}
    assert len({customer["name"] for customer in drawn}) > 4000
    assert len({customer["address"]["state"] for customer in drawn}) > 50
    assert len({frozenset(customer) for customer in drawn}) > 30


def test_nobody_can_be_reached_and_no_tax_id_is_anybodys(drawn: list[dict[str, Any]]) -> None:
    for customer in drawn:
        assert re.fullmatch(r"[a-z0-9.]+@example\.(com|net|org)", customer["email"])
        assert re.fullmatch(r"\+1[2-9]\d\d55501\d\d", customer["phone"])
        american = customer["address"]["country"] == "US"
        tax_id = customer.get("taxId", "000000001")
        assert re.fullmatch(r"000\d{6}" if american else r"0\d{8}", tax_id)
        assert american or luhn_checksum(int(tax_id))


def test_the_first_ones_are_the_same_however_many_are_drawn_and_another_seed_draws_others(
    drawn: list[dict[str, Any]],
) -> None:
    assert list(generate(50, 7)) == drawn[:50]
    assert not {each["customerId"] for each in generate(50, 8)} & {each["customerId"] for each in drawn[:50]}


def test_the_same_seed_draws_the_same_customers_in_every_process() -> None:
    target = io.BytesIO()
    write_generated(target, 50, 3, lambda _: None)
    expected = hashlib.sha256(target.getvalue()).hexdigest()
    environment = {**os.environ, "PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    done = subprocess.run([sys.executable, "-c", DIGEST], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == expected
    assert all(json.loads(line) for line in target.getvalue().splitlines())


def test_more_than_there_are_ids_are_refused() -> None:
    with pytest.raises(SandboxError, match="different ids"):
        next(generate(MOST + 1, 7))
    assert len(list(islice(generate(MOST, 7), 2))) == 2


def test_without_faker_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faker", None)
    with pytest.raises(SandboxError, match=r"faker.*trustly-customers\[sandbox\]"):
        next(generate(1, 7))

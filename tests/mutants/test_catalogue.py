"""What holds of every mutant, without running the check against it: `make mutants` does that."""

from __future__ import annotations

import asyncio
import copy
from collections import Counter

import httpx
import pytest

from ._mutant import ACCESS_ID, ACCESS_KEY, Mutant, application, specification
from .catalogue import GROUPS, MUTANTS, SERVERS, VARIANTS

_LEAST = 540


def test_there_are_as_many_mutants_as_promised_of_every_group() -> None:
    assert len(MUTANTS) >= _LEAST
    assert min(map(len, GROUPS.values())) >= 10


def test_no_name_and_no_defect_stands_twice() -> None:
    mutants = [*(one for group in GROUPS.values() for one in group), *VARIANTS.values()]
    assert [name for name, count in Counter(one.name for one in mutants).items() if count > 1] == []
    assert [text for text, count in Counter(one.defect for one in mutants).items() if count > 1] == []


def test_a_variant_is_no_mutant() -> None:
    assert VARIANTS
    assert {one.group for one in VARIANTS.values()} == {"variants"}
    assert "variants" not in GROUPS
    assert {name.startswith("v-") for name in VARIANTS} == {True}
    assert {name.startswith("v-") for name in MUTANTS} == {False}


def test_each_server_has_one_cause() -> None:
    assert [name for name, one in SERVERS.items() if (one.around is None) == (one.edit is None)] == []


@pytest.mark.parametrize("mutant", [one for one in SERVERS.values() if one.around], ids=lambda one: one.name)
def test_a_server_still_answers_a_read_so_that_the_check_begins(mutant: Mutant) -> None:
    async def read() -> httpx.Response:
        app, close = application(mutant)
        try:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), auth=(ACCESS_ID, ACCESS_KEY)) as client:
                return await client.get("http://127.0.0.1/api/v1/customers/1002580963")
        finally:
            await close()

    answer = asyncio.run(read())
    assert answer.status_code == 200
    assert isinstance(answer.json()["customer"], dict)


@pytest.mark.parametrize("mutant", [one for one in MUTANTS.values() if one.edit], ids=lambda one: one.name)
def test_an_edit_changes_requests_alone(mutant: Mutant) -> None:
    document = copy.deepcopy(specification())
    assert mutant.edit is not None
    mutant.edit(document)
    before, after = (each["components"]["schemas"] for each in (specification(), document))
    (changed,) = [name for name in before if after[name] != before[name]]
    assert changed in {"CustomerUpdate", "Address", "DriverLicense", "CustomData"}

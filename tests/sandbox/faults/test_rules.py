"""How rules are read, and which requests meet them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from trustly_customers import ServerError
from trustly_customers.sandbox._api.exchange import Exchange
from trustly_customers.sandbox._faults.catalogue import UnknownFaultError
from trustly_customers.sandbox._faults.parameters import RuleError
from trustly_customers.sandbox._faults.rules import MOST_FAULTS, MOST_RULES
from trustly_customers.sandbox._spec import load_spec

from ._calls import ID, UPDATE, Place, api_of
from ._expected import EXPECTED

OTHER: str = UPDATE["customerId"]
SECRET = "hush"
WRONG_CHANGES: list[Any] = [
    {},
    [],
    None,
    {"customerId": SECRET},
    {"name": None},
    {"name": ""},
    {"address": {}},
    {"vip": 3},
]


def failures(place: Place, *ids: str) -> str:
    """Read customers in turn; an x for each that met a fault."""
    seen = ""
    with place.client(max_retries=0) as client:
        for customer_id in ids:
            try:
                client.customers.get(customer_id)
                seen += "."
            except ServerError:
                seen += "x"
    return seen


def test_a_rule_is_for_the_next_request_and_spent_then(place: Place) -> None:
    place.ask("status")
    assert failures(place, ID, ID) == "x."
    assert place.rules.list(place.namespace) == []


def test_a_rule_is_spent_after_so_many_requests_and_null_is_for_ever(place: Place) -> None:
    place.ask("status", times=3)
    assert failures(place, *[ID] * 5) == "xxx.."
    place.ask("status", times=None)
    assert failures(place, *[ID] * 5) == "xxxxx"
    assert place.rules.list(place.namespace)[0]["met"] == 5


def test_a_rule_for_a_customer_waits_for_it(place: Place) -> None:
    place.ask("status", customerId=OTHER)
    assert failures(place, ID, ID, OTHER, OTHER) == "..x."


def test_a_rule_for_an_operation_waits_for_it(place: Place) -> None:
    place.ask("status", operation="updateCustomer")
    assert failures(place, ID) == "."
    with place.client(max_retries=0) as client, pytest.raises(ServerError):
        client.customers.modify(ID, vip="3")


def test_a_fraction_with_a_seed_meets_the_same_requests_each_time(place: Place) -> None:
    runs = []
    for seed in (7, 7, 8):
        place.ask("status", times=None, fraction=0.5, seed=seed)
        runs.append(failures(place, *[ID] * 40))
        place.rules.clear(place.namespace)
    assert runs[0] == runs[1] != runs[2]
    assert 8 <= runs[0].count("x") <= 32
    place.ask("status", times=None, fraction=0)
    assert failures(place, *[ID] * 10) == "." * 10


def test_a_request_that_chance_spares_does_not_count(place: Place) -> None:
    place.ask("status", times=2, fraction=0.5, seed=7)
    assert failures(place, *[ID] * 40).count("x") == 2


def test_rules_apply_together_in_the_order_in_which_they_came(place: Place) -> None:
    place.ask("reset-after")
    place.ask({"name": "status", "status": 500}, times=2)
    place.ask({"name": "status", "status": 502}, times=2)
    statuses = []
    with place.client(max_retries=0) as client:
        for _ in range(2):
            with pytest.raises(ServerError) as caught:
                client.customers.get(ID)
            statuses.append(caught.value.status)
    assert statuses == [500, 500]
    assert place.rules.list(place.namespace) == []


def test_an_exchange_names_what_it_met_outermost_first(place: Place) -> None:
    api, portal = api_of(place)
    place.ask("malformed-body", {"name": "latency", "seconds": 0})
    headers = [(b"authorization", httpx.BasicAuth(*place.credentials)._auth_header.encode()), (b"prefer", b"code=503")]

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    path = f"{load_spec().base_path}/customers/fault-reset-after".encode()
    exchange = Exchange("GET", path, tuple(headers), receive)
    portal.call(api.answer, exchange)
    assert exchange.faults == ("reset-after", "status", "malformed-body", "latency")


def test_namespaces_have_rules_of_their_own(place: Place) -> None:
    other = Place(place.sandbox, f"{place.namespace}-other")
    rule = place.ask("status", times=None)
    assert failures(other, ID) == "."
    assert other.rules.list(other.namespace) == []
    assert not other.rules.remove(other.namespace, rule["id"])
    other.rules.clear(other.namespace)
    assert failures(place, ID) == "x"


def test_rules_can_be_listed_removed_and_cleared(place: Place) -> None:
    added = [place.ask("status", times=None), place.ask("answer-lost"), place.ask("no-answer")]
    assert place.rules.list(place.namespace) == added
    assert place.rules.remove(place.namespace, added[0]["id"])
    assert not place.rules.remove(place.namespace, added[0]["id"])
    assert place.rules.list(place.namespace) == added[1:]
    place.rules.clear(place.namespace)
    assert place.rules.list(place.namespace) == []
    assert failures(place, ID) == "."


def test_a_rule_comes_back_with_nothing_left_out(place: Place) -> None:
    rule = place.ask("latency", {"name": "status", "code": 150.0}, times=2.0)
    assert rule.pop("id") > 0
    assert rule == {
        "faults": [
            {"name": "latency", "seconds": 1, "spread": 0},
            {"name": "status", "status": 503, "code": 150, "domain": None, "retryAfter": None},
        ],
        "times": 2,
        "fraction": 1,
        "seed": None,
        "customerId": None,
        "operation": None,
        "met": 0,
    }
    assert isinstance(rule["times"], int)


def test_every_fault_is_described_with_its_parameters_and_defaults(place: Place) -> None:
    described = {each["name"]: each["parameters"] for each in place.rules._catalogue.described()}
    assert described["latency"]["seconds"] == {"default": 1, "allowed": "a number from 0 to 3600"}
    assert described["status"]["code"]["allowed"] == "a whole number from 0 to 2147483647 or null"
    for name, parameters in described.items():
        (form,) = place.ask({"name": name, **{key: each["default"] for key, each in parameters.items()}})["faults"]
        assert form == place.ask(name)["faults"][0]


@pytest.mark.parametrize("fault", ["reset", "", "RESET-BEFORE", {}, {"name": "503"}, {"name": []}, 3, None, [SECRET]])
def test_an_unknown_fault_is_refused_with_the_names(place: Place, fault: object) -> None:
    with pytest.raises(UnknownFaultError, match=r"^faults\[1\] of the rule must be a name.*") as caught:
        place.ask("status", fault)
    assert str(caught.value).endswith(", ".join(EXPECTED))
    assert place.rules.list(place.namespace) == []


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (
            {"name": "reset-before", SECRET: 1},
            "the fault reset-before has a member that is not known; it takes no parameters",
        ),
        ({"name": "latency", SECRET: 1}, "the fault latency has a member that is not known; it takes seconds, spread"),
        ({"name": "latency", "seconds": SECRET}, "seconds of the fault latency must be a number from 0 to 3600"),
        ({"name": "latency", "seconds": True}, "seconds of the fault latency must be a number from 0 to 3600"),
        ({"name": "latency", "seconds": -1}, "seconds of the fault latency must be a number from 0 to 3600"),
        ({"name": "latency", "spread": 3601}, "spread of the fault latency must be a number from 0 to 3600"),
        ({"name": "status", "status": 200}, "status of the fault status must be a whole number from 400 to 599"),
        ({"name": "status", "status": 600}, "status of the fault status must be a whole number from 400 to 599"),
        ({"name": "status", "status": None}, "status of the fault status must be a whole number from 400 to 599"),
        ({"name": "status", "domain": ""}, "domain of the fault status must be a text of 1 to 200 characters or null"),
        ({"name": "status", "retryAfter": 0.5}, "retryAfter of the fault status must be a whole number"),
        *(
            ({"name": "other-writer", "set": changes}, "set of the fault other-writer must be an object of properties")
            for changes in WRONG_CHANGES
        ),
    ],
)
def test_a_parameter_that_is_not_allowed_is_refused_in_words_and_not_repeated(
    place: Place, fault: object, words: str
) -> None:
    with pytest.raises(RuleError) as caught:
        place.ask(fault)
    assert str(caught.value).startswith(words)
    assert SECRET not in str(caught.value)
    assert place.rules.list(place.namespace) == []


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "the rule must be a JSON object"),
        ({}, "the rule must have faults, a list of 1 to 20 faults"),
        ({"faults": []}, "faults of the rule must be a list of 1 to 20 faults"),
        ({"faults": None}, "faults of the rule must be a list of 1 to 20 faults"),
        ({"faults": ["status"] * (MOST_FAULTS + 1)}, "faults of the rule must be a list of 1 to 20 faults"),
        ({"faults": SECRET}, "faults of the rule must be a list of 1 to 20 faults"),
        (
            {"faults": ["status"], SECRET: 1},
            "the rule has a member that is not known; it takes faults, times, fraction",
        ),
        ({"faults": ["status"], "times": 0}, "times of the rule must be a whole number from 1 to 2147483647 or null"),
        ({"faults": ["status"], "times": 1.5}, "times of the rule must be a whole number from 1"),
        ({"faults": ["status"], "fraction": 1.1}, "fraction of the rule must be a number from 0 to 1"),
        ({"faults": ["status"], "fraction": None}, "fraction of the rule must be a number from 0 to 1"),
        ({"faults": ["status"], "seed": SECRET}, "seed of the rule must be a whole number"),
        ({"faults": ["status"], "customerId": 3}, "customerId of the rule must be a text or null"),
        (
            {"faults": ["status"], "operation": SECRET},
            "operation of the rule must be one of getCustomer, updateCustomer",
        ),
    ],
)
def test_a_rule_that_cannot_be_one_is_refused_in_words(place: Place, document: Any, words: str) -> None:
    with pytest.raises(RuleError) as caught:
        place.rules.add(place.namespace, document)
    assert str(caught.value).startswith(words)
    assert SECRET not in str(caught.value)
    assert place.rules.list(place.namespace) == []


def test_a_namespace_has_so_many_rules_and_no_more(place: Place) -> None:
    for _ in range(MOST_RULES):
        place.ask("status", customerId=OTHER)
    with pytest.raises(RuleError, match="has 1000 rules"):
        place.ask("status")
    Place(place.sandbox, f"{place.namespace}-other").ask("status")
    assert failures(place, ID, OTHER) == ".x"
    assert place.rules.list(place.namespace) == []

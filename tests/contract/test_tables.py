"""Every field of the request with every kind of value, valid and invalid, as the spec has them.

The tables are made from the spec when the tests are collected: a new property is in all of them at once.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from ._compare import differences, same
from ._customers import Customers, Expectation
from ._ledger import Ledger
from ._spec import Field, Spec
from ._target import current_spec
from ._values import ONE_OF_EACH_TYPE, REMOVAL, Sample, Violation, errors_of, valid_samples, violations
from ._wire import dump

Json = Any

SPEC = current_spec()
SAMPLES = {field.name: valid_samples(field) for field in SPEC.fields}
LEAST = {field.name: SAMPLES[field.name][0].value for field in SPEC.fields if field.required}
OPTIONAL = [field for field in SPEC.fields if not field.required]
REMOVABLE = [field for field in SPEC.fields if field.nullable]
BARE = {**LEAST, **dict.fromkeys(field.name for field in REMOVABLE)}
"""Leaves a customer of whom as little as possible is known."""
# What a server that takes over the good parts of a bad update would set, and remove.
_MORE = {
    field.name: None if number % 2 and field.nullable else SAMPLES[field.name][0].value
    for number, field in enumerate(OPTIONAL)
}
VIOLATIONS = violations(SPEC, LEAST, _MORE)
_TIERS = [field for field in SPEC.fields if field.name == "vip"]
_NAMED = {field.name for field in SPEC.fields}
_MISSPELT = (
    *(field.name.upper() for field in OPTIONAL),
    *(re.sub("[A-Z]", r"_\g<0>", field.name).lower() for field in OPTIONAL if not field.name.islower()),
    *(f"{field.name}.{name}" for field in SPEC.fields for name in field.schema.get("properties", ())),
)
_UNKNOWN = (
    *("contractCheck", "$contractCheck", "", "@type", "$type", "constructor", "x" * 300),
    *(name for name in dict.fromkeys(_MISSPELT) if name not in _NAMED),
)
"""Properties that the spec does not name."""
_WITHIN = {field.name: SAMPLES[field.name][:2][-1].value for field in OPTIONAL}
_AROUND = (
    *(SPEC.wrapper, "__proto__", "$set"),
    *(field.name for field in OPTIONAL if not errors_of(field.schema, _WITHIN)),
)
"""Properties whose members are none of the customer."""
_ANOTHER = " of another"
_OWN = {"externalId"}
"""Properties that the provider may keep two customers from sharing: their descriptions say so."""
_ODD: list[Json] = [None, 7, "surprising text", {}]
_BAD_REQUEST = 400


def named(fields: list[Field]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("field", fields, ids=lambda field: field.name)


def full(number: int = 0) -> dict[str, Json]:
    """Return a body with every property, in the first or the last of its kinds of value."""
    return {name: samples[min(number, len(samples) - 1)].value for name, samples in SAMPLES.items()}


def of_another(body: dict[str, Json]) -> dict[str, Json]:
    """Return a body for a second customer, with texts of its own where two may not have the same."""
    shared = {name: body[name] for name in _OWN & body.keys() if isinstance(body[name], str)}
    return {**body, **{name: f"{text.removesuffix(_ANOTHER)}{_ANOTHER}" for name, text in shared.items()}}


def claims_of(field: Field, sample: Sample) -> list[str]:
    """Return what it takes for a value to come back as it was sent: for odd ones more than is documented."""
    if "object" in field.schema.get("type", ()):
        return ["set-fields", "replace-nested", "exact-strings", "exact-integers"]
    odd = "exact-strings" if isinstance(sample.value, str) else "exact-integers"
    return ["set-fields"] if sample is SAMPLES[field.name][0] else ["set-fields", odd]


@pytest.mark.reads
def test_a_customer_reads_the_same_twice(customers: Customers, one: str, other: str) -> None:
    for customer in (one, other, one, other):
        customers.read(customer)


@named(list(SPEC.fields))
def test_each_valid_value_is_set_and_read_back_and_no_other_customer_changes(
    field: Field, customers: Customers, ledger: Ledger, one: str, other: str
) -> None:
    untouched = customers.read(other)
    for sample in SAMPLES[field.name]:
        claims = claims_of(field, sample)
        exchange, after = customers.update(one, {**LEAST, field.name: sample.value}, claims, what=sample.kind)
        if not after:
            continue
        customers.read(one)
        differing = differences(untouched, customers.read(other))
        ledger.holds("one-customer", not differing, f"another customer changed in {differing}", exchange)


@named(OPTIONAL)
def test_an_update_that_leaves_a_field_out_keeps_it(
    field: Field, customers: Customers, ledger: Ledger, one: str
) -> None:
    _, before = customers.update(one, full())
    others = {name: value for name, value in full(1).items() if name != field.name}
    exchange, after = customers.update(one, others)
    kept = same(after.get(field.name), before.get(field.name))
    ledger.holds("keep-omitted", kept, f"{field.name} was left out and changed", exchange)
    exchange, after = customers.update(one, LEAST)
    ledger.holds("keep-omitted", same(after.get(field.name), before.get(field.name)), f"{field.name} changed", exchange)
    customers.read(one)


@named(REMOVABLE)
def test_null_removes_a_field_where_the_schema_allows_it_and_nothing_else(
    field: Field, customers: Customers, ledger: Ledger, one: str
) -> None:
    _, before = customers.update(one, full())
    for attempt in ("at first", "when there is none"):
        exchange, after = customers.update(one, {**LEAST, field.name: None}, REMOVAL, what=f"a removal {attempt}")
        if not after:
            return
        differing = set(differences(before, after)) - {field.name, *SPEC.provider_set}
        ledger.holds("keep-omitted", not differing, f"{sorted(differing)} changed as well", exchange)
        ledger.holds(REMOVAL, field.name not in customers.read(one), f"a read shows {field.name} again", exchange)


@named(_TIERS)
def test_a_vip_tier_is_a_number_from_1_upwards_in_a_string_and_a_removed_customer_has_none(
    field: Field, customers: Customers, one: str
) -> None:
    for tier in (tier for tier in ("1", "2", "9", "10", "100") if not errors_of(field.schema, tier)):
        customers.update(one, {**LEAST, field.name: tier}, "vip-tier", what=f"tier {tier}")
        customers.read(one)
    customers.update(one, {**LEAST, field.name: None}, ["vip-tier", REMOVAL], what="no tier any more")


@pytest.mark.parametrize("name", _UNKNOWN, ids=lambda name: name[:40])
def test_a_property_that_the_spec_does_not_name_is_accepted_with_any_value(
    name: str, customers: Customers, one: str
) -> None:
    customers.update(one, full())
    # What becomes of it nobody says. The last value takes it away again, where one was kept.
    few = [each for each in ONE_OF_EACH_TYPE if each[0] in {"string", "object"}]
    for kind, value in (*(ONE_OF_EACH_TYPE if name == _UNKNOWN[0] else few), ("null", None)):
        if not customers.update(one, {**LEAST, name: value}, "unknown-fields", what=f"{kind} beside it")[1]:
            return
        customers.read(one)


@pytest.mark.parametrize("name", _AROUND)
def test_what_has_the_name_of_a_property_elsewhere_is_none(name: str, customers: Customers, one: str) -> None:
    customers.update(one, full())
    for value in (_WITHIN, None):
        if not customers.update(one, {**LEAST, name: value}, "unknown-fields")[1]:
            return
        customers.read(one)


def test_two_customers_that_hold_the_same_keep_apart(customers: Customers, one: str, other: str) -> None:
    alike = full()
    for customer, body in ((other, of_another(alike)), (one, alike)):
        customers.update(customer, body)
    for field in SPEC.fields:
        sample = SAMPLES[field.name][:2][-1]
        for value in (sample.value, *([None] if field.nullable else [])):
            exchange, _ = customers.update(one, {**LEAST, field.name: value}, claims_of(field, sample))
            customers.read(other, "one-customer", blamed=exchange)
        customers.update(one, alike)


def test_an_update_with_every_field_sets_them_all(customers: Customers, one: str) -> None:
    for body in (full(), full(1), dict(reversed(full().items()))):
        customers.update(one, body)
        customers.read(one)


@named([field for field in SPEC.fields if field.schema.get("additionalProperties") and "properties" in field.schema])
def test_a_nested_object_is_replaced_whole_whatever_members_of_its_own_it_had(
    field: Field, customers: Customers, one: str
) -> None:
    least = SAMPLES[field.name][0].value
    for own in (value for _, value in ONE_OF_EACH_TYPE if value is not None):
        customers.update(one, {**LEAST, field.name: {**least, _UNKNOWN[0]: own}}, "unknown-fields")
        customers.update(one, {**LEAST, field.name: least}, "replace-nested", what="an object without its old members")


def test_every_field_that_may_be_removed_can_be_at_once(customers: Customers, one: str) -> None:
    customers.update(one, full())
    customers.update(one, BARE, REMOVAL)
    customers.read(one)


def test_what_only_the_provider_sets_is_accepted_and_ignored(
    spec: Spec, customers: Customers, ledger: Ledger, one: str, other: str
) -> None:
    before = customers.read(one)
    foreign = {name: other if isinstance(before.get(name), str) else 1 for name in spec.provider_set}
    odd = [{**LEAST, name: value} for name in foreign for value in _ODD]
    odd += [{**LEAST, name: other} for name in ("id", "_id")]
    for body in ({**LEAST, **foreign}, *({**LEAST, name: value} for name, value in foreign.items()), *odd):
        exchange, after = customers.update(one, body, "provider-set")
        taken = [name for name, value in foreign.items() if same(after.get(name), value)]
        ledger.holds("provider-set", not taken, f"{taken} were taken from the request", exchange)
        customers.read(one)


def test_a_customer_can_be_got_changed_and_sent_back_whole(customers: Customers, ledger: Ledger, one: str) -> None:
    customers.update(one, full())
    whole = customers.read(one)
    changed = next(field.name for field in OPTIONAL)
    value = full(1)[changed]
    exchange, after = customers.update(one, {**whole, changed: value}, ["set-fields", "provider-set"])
    differing = set(differences({**whole, changed: value}, after)) - set(SPEC.provider_set)
    ledger.holds(["set-fields", "provider-set"], not differing, f"{sorted(differing)} came back changed", exchange)


def test_the_same_update_twice_leaves_the_same_customer(customers: Customers, ledger: Ledger, one: str) -> None:
    _, first = customers.update(one, full())
    exchange, second = customers.update(one, full())
    differing = set(differences(first, second)) - set(SPEC.provider_set)
    ledger.holds("set-fields", not differing, f"{sorted(differing)} changed", exchange)


@pytest.mark.parametrize("where", sorted({violation.where for violation in VIOLATIONS}))
def test_each_invalid_value_is_refused_and_changes_nothing(
    where: str, customers: Customers, one: str, other: str
) -> None:
    # Every value differs from those of the refused bodies, so that one taken over in passing shows.
    customers.update(one, full(1))
    customers.read(other)
    for violation in VIOLATIONS:
        if violation.where == where:
            _refused(violation, customers, one)
    customers.read(other)
    # Nothing of what was refused comes with the next one.
    customers.update(one, LEAST)


def _refused(violation: Violation, customers: Customers, one: str) -> None:
    expect = Expectation(violation.claim, _BAD_REQUEST, f"{violation.where} ({violation.kind})")
    exchange = customers.try_update(one, dump(violation.body), expect)
    if exchange.status == _BAD_REQUEST:
        customers.read(one, "atomic-rejection", blamed=exchange)

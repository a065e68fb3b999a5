"""Sequences of requests against a model: whatever was sent in whatever order, a read shows what the model says.

The model is a dictionary for each customer, begun with what the server holds. It knows setting, keeping,
removing and refusing, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from ._customers import Customers, Expectation, differences
from ._ledger import Ledger
from ._spec import Field
from ._target import current_settings
from ._values import Violation, errors_of, grounds_of
from ._wire import basic, dump, encode_id
from .test_access import NOBODY
from .test_tables import LEAST, OPTIONAL, SAMPLES, SPEC, VIOLATIONS

Json = Any

SETTINGS = current_settings()
_SEQUENCES = {"fast": 15, "full": 400}
_STEPS = {"fast": 10, "full": 40}
_BAD_REQUEST, _UNAUTHORIZED, _NOT_FOUND = 400, 401, 404


def _values(field: Field) -> st.SearchStrategy[Json]:
    """Return any value the property allows, `null` only where the schema has it."""
    values: st.SearchStrategy[Json] = st.sampled_from(SAMPLES[field.name]).map(lambda sample: sample.value)
    if not errors_of(field.schema, "any text"):
        values |= st.text(st.characters(codec="utf-8"), max_size=40).filter(
            lambda text: not errors_of(field.schema, text)
        )
    return values | st.none() if field.nullable else values


_REQUIRED = {field.name: _values(field) for field in SPEC.fields if field.required}
_OPTIONAL = {field.name: _values(field) for field in OPTIONAL}
_CHANGES = st.fixed_dictionaries(_REQUIRED, optional=_OPTIONAL)


@dataclass
class World:
    """The server, and what the model thinks it holds."""

    customers: Customers
    ledger: Ledger
    model: dict[str, dict[str, Json]]

    def update(self, customer: str, changes: dict[str, Json]) -> None:
        """An update that the spec allows sets, and removes, exactly what it holds."""
        _, after = self.customers.update(customer, changes, ["set-fields", "exact-strings", "provider-set"])
        if not after:
            return
        held = self.model[customer]
        held.update({name: value for name, value in changes.items() if value is not None})
        for name in [name for name, value in changes.items() if value is None]:
            held.pop(name, None)

    def send_back(self, customer: str, changes: dict[str, Json]) -> None:
        """What was read is sent back whole, with changes, as the provider advises."""
        whole = self.customers.read(customer)
        self.update(customer, {name: whole[name] for name in whole if name not in SPEC.provider_set} | changes)

    def refused(self, customer: str, body: dict[str, Json]) -> None:
        """An update that the spec forbids changes nothing."""
        grounds = Violation("the body", "invalid", body, grounds_of(SPEC, body))
        self.customers.try_update(customer, dump(body), Expectation(grounds.claim, _BAD_REQUEST, "an invalid body"))

    def unknown(self, _customer: str, changes: dict[str, Json]) -> None:
        """An update of a customer that is not there changes nothing and creates nothing."""
        self.customers.try_update(NOBODY, dump(changes), Expectation("unknown-id", _NOT_FOUND, "an unknown customer"))

    def unauthorized(self, customer: str, changes: dict[str, Json]) -> None:
        """An update by somebody else changes nothing."""
        path, wrong = self.customers.path(encode_id(customer)), basic(self.customers.target.access_id, "wrong-key")
        expect = Expectation("basic-auth", _UNAUTHORIZED, "a wrong key")
        self.customers.send(SPEC.update.method, path, body=dump(changes), authorization=wrong, expect=expect)

    def agrees(self) -> None:
        """Compare every customer with the model."""
        for customer, held in self.model.items():
            shown = self.customers.read(customer)
            wrong = [name for name in differences(held, shown) if name not in SPEC.provider_set]
            message = f"{wrong} differ from the model"
            self.ledger.holds(["read-your-writes", "keep-omitted"], not wrong, message, self.customers.last)


_Step = tuple[Callable[[World, str, dict[str, Json]], None], int, dict[str, Json]]
_WHO = st.sampled_from([0, 0, 0, 1])
_STEP: st.SearchStrategy[_Step] = st.one_of(
    st.tuples(st.just(World.update), _WHO, _CHANGES),
    st.tuples(st.just(World.send_back), _WHO, st.fixed_dictionaries({}, optional=_OPTIONAL)),
    st.tuples(st.just(World.refused), _WHO, st.sampled_from(VIOLATIONS).map(lambda violation: violation.body)),
    st.tuples(st.just(World.unknown), _WHO, st.just(LEAST)),
    st.tuples(st.just(World.unauthorized), _WHO, _CHANGES),
)


@seed(SETTINGS.seed)
@settings(
    max_examples=_SEQUENCES[SETTINGS.profile],
    deadline=None,
    database=None,
    print_blob=False,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(steps=st.lists(_STEP, min_size=1, max_size=_STEPS[SETTINGS.profile]))
def test_after_any_sequence_of_requests_a_read_shows_what_the_model_holds(
    steps: list[_Step], customers: Customers, ledger: Ledger, one: str, other: str
) -> None:
    customers.forget()
    held = {customer: customers.read(customer) for customer in (one, other)}
    world = World(customers, ledger, {customer: dict(state) for customer, state in held.items()})
    for act, who, argument in steps:
        act(world, (one, other)[who], argument)
        world.agrees()

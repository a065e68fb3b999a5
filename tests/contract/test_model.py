"""Sequences of requests against a model: whatever was sent in whatever order, a read shows what the model says.

The model is a dictionary for each customer, begun with what the server holds. It knows setting, keeping,
removing and refusing, and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from ._compare import differences
from ._customers import Customers, Expectation
from ._spec import Field
from ._target import current_settings
from ._values import Violation, errors_of
from ._wire import Exchange, dump, encode_id
from .test_access import CREDENTIALS, NOBODY
from .test_bodies import REFUSED, Body
from .test_tables import OPTIONAL, SAMPLES, SPEC, VIOLATIONS, of_another

Json = Any
T = TypeVar("T")

SETTINGS = current_settings()
_SEQUENCES = {"fast": 15, "full": 400}
_STEPS = {"fast": 10, "full": 40}
_BAD_REQUEST, _UNAUTHORIZED, _NOT_FOUND = 400, 401, 404


def _one_of(some: Sequence[T]) -> st.SearchStrategy[T]:
    # Hypothesis warns where a strategy would be long to show, as one of so many is.
    return st.integers(0, len(some) - 1).map(lambda number: some[number])


def _values(field: Field) -> st.SearchStrategy[Json]:
    """Return any value the property allows, `null` only where the schema has it."""
    values: st.SearchStrategy[Json] = _one_of(SAMPLES[field.name]).map(lambda sample: sample.value)
    if not errors_of(field.schema, "any text"):
        values |= st.text(st.characters(codec="utf-8"), max_size=40).filter(
            lambda text: not errors_of(field.schema, text)
        )
    return values | st.none() if field.nullable else values


_REQUIRED = {field.name: _values(field) for field in SPEC.fields if field.required}
_OPTIONAL = {field.name: _values(field) for field in OPTIONAL}
_CHANGES = st.fixed_dictionaries(_REQUIRED, optional=_OPTIONAL)


_WHO = st.sampled_from([0, 0, 0, 1])
_PARTS = st.fixed_dictionaries({}, optional=_OPTIONAL)


class Sequences(RuleBasedStateMachine):
    """Whatever a caller may do to two customers, and what the model says they hold then."""

    def __init__(self, customers: Customers, ids: tuple[str, str]) -> None:
        super().__init__()
        self.customers, self.ids = customers, ids
        customers.forget()
        self.model = {customer: dict(customers.read(customer)) for customer in ids}
        self.sent: tuple[int, dict[str, Json]] | None = None

    @rule(who=_WHO, changes=_CHANGES)
    def update(self, who: int, changes: dict[str, Json]) -> None:
        """An update that the spec allows sets, and removes, exactly what it holds."""
        self.sent = who, changes
        changes = of_another(changes) if who else changes
        _, after = self.customers.update(self.ids[who], changes, ["set-fields", "exact-strings", "provider-set"])
        if not after:
            return
        held = self.model[self.ids[who]]
        held.update({name: value for name, value in changes.items() if value is not None})
        for name in [name for name, value in changes.items() if value is None]:
            held.pop(name, None)

    @precondition(lambda self: self.sent is not None)
    @rule()
    def repeat(self) -> None:
        """The same update once more, whatever happened since."""
        if self.sent is not None:
            self.update(*self.sent)

    @rule(who=_WHO, changes=_PARTS)
    def send_back(self, who: int, changes: dict[str, Json]) -> None:
        """What was read is sent back whole, with changes, as the provider advises."""
        self.update(who, self.customers.read(self.ids[who]) | changes)

    @rule(who=_WHO, violation=_one_of(VIOLATIONS))
    def refused(self, who: int, violation: Violation) -> None:
        """An update that the spec forbids changes nothing."""
        expect = Expectation(violation.claim, _BAD_REQUEST, f"{violation.where} ({violation.kind})")
        self._refused(self.customers.try_update(self.ids[who], dump(violation.body), expect), _BAD_REQUEST)

    def _refused(self, exchange: Exchange, status: int) -> None:
        """Begin anew with what the server holds, where a request was not refused and that is only a finding."""
        if exchange.status != status:
            self.model = {customer: dict(self.customers.read(customer)) for customer in self.ids}

    @rule(who=_WHO, body=_one_of(REFUSED))
    def unreadable(self, who: int, body: Body) -> None:
        """A body that is no JSON changes nothing."""
        expect = Expectation(body.clause, _BAD_REQUEST, body.name)
        self._refused(self.customers.try_update(self.ids[who], body.data, expect), _BAD_REQUEST)

    @rule(changes=_CHANGES)
    def unknown(self, changes: dict[str, Json]) -> None:
        """An update of a customer that is not there changes nothing and creates nothing."""
        expect = Expectation("unknown-id", _NOT_FOUND, "an unknown customer")
        self.customers.try_update(NOBODY, dump(changes), expect)
        self.customers.send(SPEC.read.method, self.customers.path(NOBODY), expect=expect)

    @precondition(lambda _self: not SETTINGS.remote)
    @rule(who=_WHO, changes=_CHANGES, kind=st.sampled_from(sorted(CREDENTIALS)))
    def unauthorized(self, who: int, changes: dict[str, Json], kind: str) -> None:
        """Somebody else changes nothing, and reads nothing."""
        expect, target = Expectation("exact-credentials", _UNAUTHORIZED, kind), self.customers.target
        path, wrong = (
            self.customers.path(encode_id(self.ids[who])),
            CREDENTIALS[kind](target.access_id, target.access_key),
        )
        exchange = self.customers.send(SPEC.update.method, path, body=dump(changes), authorization=wrong, expect=expect)
        self._refused(exchange, _UNAUTHORIZED)
        self.customers.send(SPEC.read.method, path, authorization=wrong, expect=expect)

    @invariant()
    def agrees(self) -> None:
        """A read shows what the model holds, whoever was spoken to."""
        for customer, held in self.model.items():
            shown = self.customers.read(customer)
            wrong = [name for name in differences(held, shown) if name not in SPEC.provider_set]
            message = f"{wrong} differ from the model"
            self.customers.ledger.holds(["read-your-writes", "keep-omitted"], not wrong, message, self.customers.last)


def test_after_any_sequence_of_requests_a_read_shows_what_the_model_holds(
    customers: Customers, one: str, other: str
) -> None:
    @seed(SETTINGS.seed)
    class Here(Sequences):
        def __init__(self) -> None:
            super().__init__(customers, (one, other))

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=_SEQUENCES[SETTINGS.profile],
            stateful_step_count=_STEPS[SETTINGS.profile],
            # To find a smaller sequence takes minutes: for the run that has them.
            phases=[Phase.generate, Phase.shrink] if SETTINGS.thorough else [Phase.generate],
            deadline=None,
            database=None,
            print_blob=False,
            report_multiple_bugs=False,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )

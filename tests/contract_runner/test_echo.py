"""What counts as an echo of a request: a value of its own, and no word that every error says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.contract._customers import Customers
from tests.contract._ledger import BrokenClaimError, Ledger
from tests.contract._server import reach
from tests.contract._spec import Spec
from tests.contract._target import target_from
from tests.contract._wire import dump

from ._command import SPEC


@contextmanager
def customers(application: str) -> Iterator[Customers]:
    spec = Spec.load(SPEC)
    target = target_from({"CONTRACT_APP": f"tests.contract_runner.applications:{application}"}, spec)
    with reach(target) as server:
        yield Customers(server, spec, Ledger(spec, target))


def test_a_word_of_the_errors_themselves_is_no_echo() -> None:
    with customers("sandbox") as found:
        word = "merchantgateway"
        refused = found.try_update(found.target.ids[0], dump({"name": word}))
        assert word in refused.body.decode(), "the error does not say it any more: take another word"


def test_a_value_of_the_request_is_one() -> None:
    with customers("Echoes") as found, pytest.raises(BrokenClaimError, match="no-echo"):
        found.try_update(found.target.ids[0], dump({"name": "Erika Mustermann"}))


def test_what_the_server_tells_others_too_is_no_echo() -> None:
    """Such as a media type, which a generated value may be by chance."""
    with customers("sandbox") as found:
        one = found.target.ids[0]
        found.try_update(one, dump({"name": 1}))
        for word in ("application/json", "no-store", "The body is not one strict JSON text"):
            found.try_update(one, b"not JSON")
            found.try_update(one, dump({"vip": word})[:-1])


def test_what_the_server_told_before_to_him_who_said_it_is_one_all_the_same() -> None:
    with customers("Echoes") as found:
        for _ in range(2):
            with pytest.raises(BrokenClaimError, match="no-echo"):
                found.try_update(found.target.ids[0], dump({"name": "Erika Mustermann"}))

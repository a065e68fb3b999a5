"""Whatever faults come together, an update is applied whole or not at all, and the server goes on."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ._calls import FIRST, ID, UPDATE
from ._expected import EXPECTED
from ._served import TIMEOUT, Served, get, heard, path_of, post, serving

BARRIERS = {"status", "no-answer", "reset-before"}
PARAMETERS: dict[str, dict[str, Any]] = {"latency": {"seconds": 0}, "other-writer": {"set": {"vip": "9"}}}
NAMESPACES = (f"any-{number}" for number in itertools.count())


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving("httptools, uvloop") as running:
        yield running


@settings(
    derandomize=True, deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(names=st.lists(st.sampled_from(list(EXPECTED)), min_size=1, max_size=5))
def test_any_faults_together_leave_one_of_two_states_and_a_server_that_answers(
    served: Served, names: list[str]
) -> None:
    namespace = next(NAMESPACES)
    served.rules.add(namespace, {"faults": [{"name": name, **PARAMETERS.get(name, {})} for name in names]})
    with served.connect() as connection:
        connection.sendall(post(ID, namespace))
        if "no-answer" not in names:
            heard(connection)
    served.ended.get(timeout=TIMEOUT)

    received, end = served.asked(get(ID, namespace))
    assert (end, served.ended.get(timeout=TIMEOUT)) == ("whole", path_of(ID))
    stored = json.loads(received.partition(b"\r\n\r\n")[2])["customer"]
    reached = list(itertools.takewhile(lambda name: name not in BARRIERS, names))
    assert stored.pop("vip", None) == ("9" if "other-writer" in reached else None)
    assert (stored.pop("updatedAt") > FIRST["updatedAt"]) is (reached == names or "other-writer" in reached)
    update = {**UPDATE, "customerId": ID} if reached == names else {}
    assert stored == {name: value for name, value in {**FIRST, **update}.items() if name != "updatedAt"}

"""schemathesis: generated requests, positive and negative, against every check it has.

The customers' identifiers are given, since a run whose requests all end in 404 proves nothing; that each
operation did answer 200 to what the spec allows is asserted at the end of each.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.generation.meta import negated_parameters

from ._customers import ANSWERED, Customers
from ._documented import documented
from ._generated import TRANSPORT, schema_of
from ._ledger import Ledger
from ._promises import OK
from ._restore import NotRestoredError, Snapshot
from ._server import INTERRUPTED, HeldBackError, NoAnswerError, Server
from ._spec import Claim, Operation
from ._target import current_settings, current_spec
from ._values import grounds_of
from ._wire import SAFE_METHODS, Exchange, Json, NotJSONError, parse

SPEC = current_spec()
SETTINGS = current_settings()
_EXAMPLES = {"fast": 40, "full": 1000}
_NOT_IMPLEMENTED = 501
_IMPLEMENTED = Claim("implemented", "A server carries out every operation of the spec.", inferred=False)
_CONFORMS = Claim("conformance", "A request is answered as the operation and its schemas say.", inferred=False)
# What the checks of schemathesis rest on, where that is not simply the operation and its schemas.
_CLAUSES: dict[str, str] = {
    "ignored_auth": "basic-auth",
    "unsupported_method": "methods",
    "allow_header_conformance": "options",
}


def _document() -> dict[str, Any]:
    """Return the document to generate from: where inferred claims are not asserted, without them."""
    document: dict[str, Any] = copy.deepcopy(SPEC.raw if SETTINGS.scope == "all" else documented(SPEC))
    # A request that loses its base URL must not find its way to the provider.
    document["servers"] = [{"url": f"http://127.0.0.1:9{SPEC.base_path}"}]
    return document


def _config() -> dict[str, Any]:
    scheme = next(iter(SPEC.raw["components"]["securitySchemes"]))
    return {
        "seed": SETTINGS.seed,
        "cache": {"enabled": False},
        "parameters": {f"path.{SPEC.path_parameter['name']}": SETTINGS.ids[0]},
        "auth": {"openapi": {scheme: {"username": SETTINGS.access_id, "password": SETTINGS.access_key}}},
        "generation": {"max-examples": _EXAMPLES[SETTINGS.profile], "database": "none"},
        # What is in the sources of an application in process must not decide what is sent.
        "analysis": {"constants": {"enabled": False}},
        "checks": {
            "positive_data_acceptance": {"expected-statuses": ["200"]},
            "negative_data_rejection": {"expected-statuses": ["400", "401", "404", "405", "415"]},
            # It sends each accepted request again with credentials that are none.
            "ignored_auth": {"enabled": not SETTINGS.remote},
        },
        "phases": {"coverage": {} if not SETTINGS.remote else {"unexpected-methods": []}},
    }


schema = schema_of(_document(), _config())


def test_the_spec_gives_nothing_to_warn_of() -> None:
    """Whatever a run of schemathesis would warn of in the document: a reference, a pattern, an unused scheme."""
    assert [f"{warning.kind}: {warning.message}" for warning in schema.iter_schema_warnings()] == []


@pytest.fixture(scope="module", autouse=True)
def _gate(server: Server) -> Iterator[None]:
    """Send what is generated past the gate, on one connection."""
    link = server.connect()
    TRANSPORT.use(link, urlsplit(server.target.base_url).path)
    yield
    link.close()


@pytest.fixture
def answers(ledger: Ledger) -> Iterator[Counter[int]]:
    """Count the answers to valid requests, and call a run blind that ends well without a 200.

    That each valid request gets 200 is for the checks; here it is made sure that there were any.
    """
    counted: Counter[int] = Counter()
    failed = len(ledger.failures)
    yield counted
    told = len(ledger.failures) > failed or counted[_NOT_IMPLEMENTED] or INTERRUPTED.is_set()
    if not told and not counted[OK]:
        statuses = ", ".join(f"{count} times {status}" for status, count in sorted(counted.items()))
        pytest.fail(f"blind: no valid request was answered with 200, but {statuses or 'there was none'}")


def _property_of(operation: Operation) -> Any:
    # The count is meant to run over all the requests of one operation; a shared machine may be slow at any time.
    @schema.include(operation_id=operation.id).parametrize()
    @settings(
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    def test(case: schemathesis.Case[Any], answers: Counter[int], customers: Customers, snapshot: Snapshot) -> None:
        _hold(case, answers, customers, snapshot)

    return pytest.mark.reads(test) if operation.method in SAFE_METHODS else test


# One function each: pytest 9.2 gives the items that schemathesis makes of one function one and the same id, and
# whatever selects or distributes tests by their ids then runs only the last of them.
for _operation in SPEC.operations:
    globals()[f"test_{_operation.id}_answers_generated_requests_as_the_spec_says"] = _property_of(_operation)


def _hold(case: schemathesis.Case[Any], answers: Counter[int], customers: Customers, snapshot: Snapshot) -> None:
    base_url, ledger = customers.target.base_url, customers.ledger
    try:
        response = case.call(base_url=base_url)
    except HeldBackError as error:
        # No marker can know what is made up; the gate does.
        ledger.left_out[f"a generated request: {error}"] += 1
        return
    except NoAnswerError as error:
        ledger.holds(ANSWERED, condition=False, message=str(error), seen=error.seen)
        raise
    exchange = TRANSPORT.last
    ledger.sent(exchange)
    if case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE:
        answers[response.status_code] += 1
    message = f"{case.operation.definition.raw['operationId']} is not implemented"
    ledger.holds(_IMPLEMENTED, response.status_code != _NOT_IMPLEMENTED, message, exchange)
    try:
        case.validate_response(response, transport_kwargs={"base_url": base_url})
    except FailureGroup as group:
        # What should have been refused and is now held would make the next answers look wrong.
        if not customers.target.read_only:
            with suppress(NotRestoredError):
                snapshot.restore()
        for failure in sorted(group.exceptions, key=_rank):
            ledger.holds(_claim(failure, case, exchange), condition=False, message=_message(failure), seen=exchange)
    else:
        ledger.holds(_CONFORMS, condition=True, message="", seen=exchange)


def _rank(failure: Failure) -> bool:
    """Put the acceptance of what is invalid first: the odd answers to it only follow."""
    return "negative_data_rejection" not in failure.checks


def _claim(failure: Failure, case: schemathesis.Case[Any], exchange: Exchange) -> Claim:
    check = failure.checks[0] if failure.checks else type(failure).__name__
    if check in _CLAUSES:
        return SPEC.clauses[_CLAUSES[check]]
    if check == "negative_data_rejection" and (claim := _parameter_claim(case)):
        return claim
    body, is_update = _sent(exchange), case.operation.definition.raw["operationId"] == SPEC.update.id
    if check == "negative_data_rejection" and is_update and (grounds := grounds_of(SPEC, body)):
        return next((claim for claim in grounds if not claim.inferred), grounds[0])
    if check == "positive_data_acceptance" and (clause := _oddity(body)):
        return SPEC.clauses[clause]
    return Claim(f"schemathesis.{check}", _CONFORMS.text, inferred=False)


def _parameter_claim(case: schemathesis.Case[Any]) -> Claim | None:
    """Return the claim of the parameter that made a request invalid, if one did."""
    operation = case.operation.definition.raw["operationId"]
    broken = {(location.value, name) for name, location in negated_parameters(case.meta)}
    claims = (SPEC.parameter_claim(operation, place, name) for place, name in sorted(broken))
    return next(filter(None, claims), None)


def _sent(exchange: Exchange) -> Json:
    try:
        return parse(exchange.request.body or b"")
    except NotJSONError:
        return None


def _oddity(body: Json) -> str | None:
    """Return the clause that the acceptance of a valid body rests on beyond what is documented, if any."""
    unknown = set(body) - {field.name for field in SPEC.fields} if isinstance(body, dict) else set()
    if unknown:
        return "provider-set" if unknown <= set(SPEC.provider_set) else "unknown-fields"
    text = json.dumps(body, ensure_ascii=False)
    return None if text.isascii() and "\\" not in text else "exact-strings"


def _message(failure: Failure) -> str:
    """Say what schemathesis found and where, without its own text: that may show what a customer holds."""
    where = [str(step) for step in getattr(failure, "schema_path", ())]
    return f"{failure.title} ({'.'.join(where)})" if where else failure.title

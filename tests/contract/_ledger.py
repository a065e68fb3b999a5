"""The one way to assert: every assertion names the claim it rests on, and here it is decided what a break means.

A broken claim fails the test, unless only we inferred it and the run is `documented`: then it is a finding.
What leaves this module for a report holds no credential and nothing that a customer held before the run.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from ._echo import Echoes
from ._spec import Claim, Spec
from ._target import SANDBOX_CREDENTIALS, Target
from ._wire import Exchange, Json, Request, basic

Claims = str | Claim | Sequence[str | Claim]
"""A claim or several, a clause of `x-contract` by its id."""
LAYERS = {
    "test_conformance": "conformance",
    "test_tables": "tables",
    "test_bodies": "tables",
    "test_access": "tables",
    "test_identifiers": "tables",
    "test_faults": "tables",
    "test_model": "model",
    "test_concurrency": "concurrency",
}
"""The layer of the check that each module of tests belongs to."""
OTHER = "other methods"
"""Stands for the operation where a request's method is none of the spec's."""
_SHORTEST_SECRET, _LONG_SECRET = 3, 6
_HIDDEN = "***"


@dataclass(frozen=True)
class Break:
    """A claim that did not hold: what a person needs to see it for himself."""

    claim: str
    provenance: str
    text: str
    message: str
    request: str
    status: int | None
    test: str = ""
    layer: str = ""
    change: str = ""
    """What to change in the spec, should the server be right: for claims that only we inferred."""


class BrokenClaimError(AssertionError):
    """A claim did not hold, and the run's scope asserts it."""

    def __init__(self, found: Break) -> None:
        super().__init__(f"{found.claim}: {found.message}")
        self.found = found


class UnknownClauseError(Exception):
    """The check rests on a clause that the spec does not hold."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the spec has no clause {name}, on which the check rests; give it back its id, "
            f"or tell the check the new one (git grep {name} tests/contract)"
        )


class Ledger:
    """Counts what was asked and what was asserted, and keeps what did not hold."""

    def __init__(self, spec: Spec, target: Target) -> None:
        self._spec = spec
        self._asserts_inferred = target.scope == "all"
        # The sandbox's credentials are known to everybody, and a word that reports need.
        own = (target.access_id, target.access_key)
        self._secrets: set[str] = {basic(*own).partition(" ")[2], *own} - {*SANDBOX_CREDENTIALS}
        self.echoes = Echoes(spec.wording)
        self.test = self.layer = ""
        self.left_out: Counter[str] = Counter()
        self.breaks = 0
        self.not_restored = ""
        self.checks: Counter[str] = Counter()
        self.requests: Counter[str] = Counter()
        self.layers: Counter[str] = Counter()
        self.outcomes: Counter[tuple[Claim, str, str]] = Counter()
        """How often each claim, by operation, was held, broken or a finding."""
        self.when_sent: Callable[[], None] = lambda: None
        self.raised: BrokenClaimError | None = None
        """What was raised last."""
        self.failures: list[Break] = []
        self.findings: dict[tuple[str, str], Break] = {}

    def holds(self, claims: Claims, condition: object, message: str, seen: Exchange) -> bool:
        """Assert that `condition` is true by the strength of `claims`; all of them must be documented to be documented.

        `message` says what went wrong and names fields, never values. Returns the truth of `condition`, so that
        a test can stop where a finding leaves it nothing to go on with. Raises BrokenClaimError, and UnknownClauseError
        for a clause that the spec does not hold.
        """
        __tracebackhide__ = True
        named = [claims] if isinstance(claims, (str, Claim)) else list(claims)
        resolved = [self._clause(claim) if isinstance(claim, str) else claim for claim in named]
        weakest = next((claim for claim in resolved if claim.inferred), resolved[0])
        operation = self._operation_of(seen.request)
        for claim in resolved:
            self.checks[claim.id] += 1
        if condition:
            for claim in resolved:
                self.outcomes[claim, operation, "held"] += 1
            return True
        self.breaks += 1
        found = self._describe(weakest, message, seen)
        asserted = not weakest.inferred or self._asserts_inferred
        self.outcomes[weakest, operation, "broken" if asserted else "finding"] += 1
        if asserted:
            self.raised = BrokenClaimError(found)
            raise self.raised
        kept = self.findings.setdefault((found.claim, self.test), found)
        # The smallest request that shows it is the one worth reading.
        if len(found.request) < len(kept.request):
            self.findings[found.claim, self.test] = found
        return False

    def _operation_of(self, request: Request) -> str:
        """Return the operation that a request is one of: its method's, and where there are several, its path's."""
        found = [operation for operation in self._spec.operations if operation.method == request.method]
        if len(found) <= 1:
            return found[0].id if found else OTHER
        depth = request.path.partition("?")[0].count("/")
        # A path is not compared word by word: identifiers that are none are asked for too.
        found.sort(
            key=lambda operation: (
                operation.path.count("/") != depth,
                not request.path.startswith(operation.path.partition("{")[0]),
            )
        )
        return found[0].id

    def _clause(self, name: str) -> Claim:
        try:
            return self._spec.clauses[name]
        except KeyError:
            raise UnknownClauseError(name) from None

    def sent(self, exchange: Exchange) -> None:
        """Count a request by operation and status, and by layer."""
        self.requests[f"{self._operation_of(exchange.request)} {exchange.status}"] += 1
        self.layers[self.layer] += 1
        self.when_sent()

    def by_claim(self) -> list[dict[str, object]]:
        """Return every clause of the spec, and every other claim that was checked, with its outcomes by operation."""
        claims = {claim.id: claim for claim in self._spec.clauses.values()}
        claims |= {claim.id: claim for claim, _, _ in self.outcomes}
        outcomes: dict[str, dict[str, dict[str, int]]] = {name: {} for name in claims}
        for (claim, operation, outcome), count in self.outcomes.items():
            of_operation = outcomes[claim.id].setdefault(operation, {})
            of_operation[outcome] = of_operation.get(outcome, 0) + count
        return [
            {"claim": claim.id, "provenance": claim.provenance, "text": claim.text, "outcomes": outcomes[claim.id]}
            for claim in claims.values()
        ]

    def fail(self, found: Break, test: str, layer: str) -> None:
        """Keep a break that failed a test, perhaps before the test had begun."""
        self.failures.append(Break(**{**asdict(found), "test": test, "layer": layer}))

    def hide(self, value: Json) -> None:
        """Never let the strings and numbers in `value` into a report."""
        if isinstance(value, dict):
            for item in value.values():
                self.hide(item)
        elif isinstance(value, list):
            for item in value:
                self.hide(item)
        elif isinstance(value, (str, int, float)) and len(str(value)) >= _SHORTEST_SECRET:
            self._secrets.add(str(value))

    def redact(self, text: str) -> str:
        """Return `text` with everything secret masked, as it is and as JSON writes it."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            for form in {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}:
                text = _masked(text, form) if form else text
        return text

    def _describe(self, claim: Claim, message: str, seen: Exchange) -> Break:
        return Break(
            claim=claim.id,
            provenance=claim.provenance,
            text=claim.text,
            message=_printable(self.redact(message)),
            request=_printable(self.redact(seen.request.as_curl())),
            status=seen.status or None,
            test=self.test,
            layer=self.layer,
            change=_change(claim) if claim.inferred else "",
        )


def _masked(text: str, secret: str) -> str:
    if len(secret) >= _LONG_SECRET:
        return text.replace(secret, _HIDDEN)
    # As a word: an access id such as `me` is no secret within `customers`, and the curl lines have to run.
    return re.sub(rf"(?<![^\W_]){re.escape(secret)}(?![^\W_])", _HIDDEN, text)


def _change(claim: Claim) -> str:
    return (
        f"if the provider means it so: in {claim.place}, say what it does instead, and mark that as documented; "
        "if it only says so nowhere: leave the claim as it is, inferred"
    )


def _printable(text: str) -> str:
    """Escape what would move a terminal's cursor or turn the direction of writing: servers choose some of the words."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)

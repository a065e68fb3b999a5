"""Customers over the wire, each answer held against the spec and against what was known before.

The tests ask through this, so that whatever they are about, every answer on the way is checked for the
general promises: documented status, schema, envelope, headers, timestamps, nothing echoed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ._compare import differences, same
from ._ledger import Claims, Ledger
from ._promises import OK, Promises, counts_milliseconds, is_punctual, number
from ._server import NoAnswerError, Server
from ._spec import NO_NULLS, Claim, Operation, Spec
from ._values import REMOVAL
from ._wire import JSON_TYPE, Exchange, Request, basic, dump, encode_id, names_in

Json = Any

ANSWERED = Claim("answered", "Every request is answered.", inferred=False)
EXISTING = Claim("existing-customer", "A customer that exists is answered with 200.", inferred=False)


@dataclass(frozen=True)
class Expectation:
    """The status that some claims promise for a request; `what` says in words what was sent."""

    claims: Claims
    status: int
    what: str


class Customers:
    """The two operations against one target, with the last known state of each customer."""

    def __init__(self, server: Server, spec: Spec, ledger: Ledger) -> None:
        self.server, self.target, self.spec, self.ledger = server, server.target, spec, ledger
        self.promises = Promises(spec, ledger)
        self._link = server.connect()
        self._known: dict[str, Json] = {}
        self.unseen: set[str] = set()
        """Names of what was sent in updates since a customer was last read."""
        self.last: Exchange
        """The exchange that ended last."""
        self._fields = {field.name: field for field in spec.fields}
        self._template = spec.read.path.replace(spec.path_parameter["name"], "id")

    def close(self) -> None:
        self._link.close()

    def forget(self) -> None:
        """Expect nothing of the next answers: somebody else may have written."""
        self._known.clear()

    def path(self, encoded_id: str) -> str:
        """Return the path of a customer whose identifier is percent-encoded already, or deliberately is not."""
        return self._template.format(id=encoded_id)

    def path_of(self, operation: Operation, customer_id: str) -> str:
        """Return the path of any operation, of this customer if it is about one."""
        return operation.path.replace(f"{{{self.spec.path_parameter['name']}}}", encode_id(customer_id))

    @property
    def authorization(self) -> str:
        return basic(self.target.access_id, self.target.access_key)

    def send(  # noqa: PLR0913 - the parts of a request, by keyword
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        authorization: str | None = "",
        content_type: str | None = JSON_TYPE,
        headers: Mapping[str, str] | None = None,
        expect: Expectation | None = None,
    ) -> Exchange:
        """Send one request and hold the answer against what is expected, then against the general promises.

        The right credentials go along unless others are given; None leaves them, or the content type, out. What
        the server knows of the customers is anybody's guess once an expectation was not met.
        """
        sent = dict(headers or {})
        if authorization is not None:
            sent["Authorization"] = authorization or self.authorization
        if body is not None and content_type is not None:
            sent["Content-Type"] = content_type
        exchange = self.last = self._answer(Request(method, path, sent, body))
        if method == self.spec.update.method:
            self.unseen |= names_in(body)
        self.ledger.sent(exchange)
        if expect is None or self._meets(exchange, expect):
            self.promises.held(exchange)
        else:
            self.forget()
        return exchange

    def _answer(self, request: Request) -> Exchange:
        try:
            return self._link.send(request)
        except NoAnswerError as error:
            self.ledger.holds(ANSWERED, condition=False, message=str(error), seen=error.seen)
            raise

    def _meets(self, exchange: Exchange, expect: Expectation) -> bool:
        message = f"{expect.what} was answered with {exchange.status}, not {expect.status}"
        return self.ledger.holds(expect.claims, exchange.status == expect.status, message, exchange)

    def request(self, operation: Operation, customer_id: str, body: bytes | None = None) -> Request:
        """Return a plain request about a customer, with the right credentials."""
        headers = {"Authorization": self.authorization} | ({} if body is None else {"Content-Type": JSON_TYPE})
        return Request(operation.method, self.path(encode_id(customer_id)), headers, body)

    def unjudged(self, operation: Operation, customer_id: str, body: bytes | None = None) -> Exchange:
        """Send a plain request that puts a customer back; make nothing of the answer, but raise NoAnswerError."""
        self.last = self._link.send(self.request(operation, customer_id, body), puts_back=True)
        return self.last

    def read(
        self,
        customer_id: str,
        claims: Claims = "read-your-writes",
        *,
        what: str = "a read",
        blamed: Exchange | None = None,
        **form: Any,
    ) -> dict[str, Json]:
        """Return a customer that exists; it is as the last accepted update left it.

        `claims` says so, and `blamed` is the request that is to blame if it is not, where that is not the read itself.
        `form` is what else `send` takes, where a read is not sent as usual; that it is answered rests on the claims
        then. Where that is a finding only, the customer returned is empty.
        """
        expect = Expectation(claims, OK, what) if form else None
        path = self.path(encode_id(customer_id))
        exchange = self.send(self.spec.read.method, **{"path": path, "expect": expect, **form})
        if expect and exchange.status != OK:
            return {}
        customer = self._customer(exchange, customer_id)
        self.unseen.clear()
        if customer_id in self._known:
            differing = differences(self._known[customer_id], customer)
            message = f"{what} shows other values in {differing}"
            self.ledger.holds(claims, not differing, message, blamed or exchange)
        self._known[customer_id] = customer
        return customer

    def update(
        self,
        customer_id: str,
        changes: Mapping[str, Json],
        claims: Claims = (),
        *,
        what: str = "a valid update",
        **form: Any,
    ) -> tuple[Exchange, dict[str, Json]]:
        """Send an update that the spec allows, and return the answer and the customer in it.

        `claims` is what its acceptance, and that it comes back as it was sent, rest on beside the general promises;
        where the acceptance is a finding only, the customer returned is empty. `form` is what else `send` takes, where
        it is not sent as usual.
        """
        claims = [claims] if isinstance(claims, (str, Claim)) else claims
        before = self._known.get(customer_id) or self.read(customer_id)
        expect = Expectation(claims or EXISTING, OK, what)
        usual = {"path": self.path(encode_id(customer_id)), "body": dump(changes), "expect": expect}
        exchange = self.send(self.spec.update.method, **{**usual, **form})
        if exchange.status != OK:
            return exchange, {}
        after = self._customer(exchange, customer_id)
        holds = self.ledger.holds
        holds("created-at", same(after.get("createdAt"), before.get("createdAt")), "createdAt changed", exchange)
        old, new = number(before.get("updatedAt")), number(after.get("updatedAt"))
        holds("updated-at", new > old, "updatedAt did not increase", exchange)
        holds("milliseconds", is_punctual(new, exchange), "updatedAt is not the time of the update", exchange)
        kept = [name for name in differences(before, after) if name not in {*changes, *self.spec.provider_set}]
        holds("keep-omitted", not kept, f"{kept} were left out and changed", exchange)
        sent = {name: changes[name] for name in self._fields.keys() & changes.keys()}
        left = sorted(name for name, value in sent.items() if value is None and name in after)
        if None in sent.values():
            holds([*claims, REMOVAL], not left, f"{left} are still there", exchange)
        wrong = sorted(name for name, value in sent.items() if value is not None and not self._set(name, value, after))
        holds([*claims, "set-fields"], not wrong, f"{what}: {wrong} came back changed", exchange)
        self._known[customer_id] = after
        return exchange, after

    def _set(self, name: str, value: Json, after: Mapping[str, Json]) -> bool:
        """Whether a customer holds what was sent, but for members that the spec does not name, which may be dropped."""
        named, found = self._fields[name].schema.get("properties"), after.get(name)
        if not named or not isinstance(value, dict) or not isinstance(found, dict):
            return same(found, value)
        unnamed = value.keys() - named.keys()
        return same(*({key: item for key, item in one.items() if key not in unnamed} for one in (found, value)))

    def try_update(self, customer_id: str, body: bytes, expect: Expectation | None = None) -> Exchange:
        """Send any bytes as an update; what is to come of it is for the caller to say."""
        return self.send(self.spec.update.method, self.path(encode_id(customer_id)), body=body, expect=expect)

    def _customer(self, exchange: Exchange, customer_id: str) -> dict[str, Json]:
        self.ledger.holds(EXISTING, exchange.status == OK, f"{exchange.status} for a customer that exists", exchange)
        customer = exchange.json().get(self.spec.wrapper) if exchange.status == OK else None
        if not isinstance(customer, dict):
            return {}
        own = customer.get(self.spec.path_parameter["name"])
        self.ledger.holds("provider-set", own == customer_id, "the answer is about another customer", exchange)
        self.ledger.holds(NO_NULLS, None not in customer.values(), "a property of the customer is null", exchange)
        for name in ("createdAt", "updatedAt"):
            self.ledger.holds(
                "milliseconds", counts_milliseconds(customer.get(name)), f"{name} counts no milliseconds", exchange
            )
        # In an order of its own: what is sent back must be the same from run to run, whatever the server's order.
        # Of a property that the spec does not name, nothing is promised.
        return {name: customer[name] for name in sorted(customer) if name in self.spec.customer_schema["properties"]}

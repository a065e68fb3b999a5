"""Customers over the wire, each answer held against the spec and against what was known before.

The tests ask through this, so that whatever they are about, every answer on the way is checked for the
general promises: documented status, schema, envelope, headers, timestamps, nothing echoed.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from ._ledger import Claims, Ledger
from ._server import NoAnswerError, Server
from ._spec import NO_NULLS, Answer, Claim, Operation, Spec, keyword_claim
from ._values import REMOVAL, errors_of
from ._wire import JSON_TYPE, Exchange, NotJSONError, Request, basic, dump, encode_id

Json = Any

OK = 200
_METHOD_NOT_ALLOWED, _UNAUTHORIZED, _FIRST_ERROR = 405, 401, 400
_FIRST, _LAST = 10**12, 10**13
"""Times from 2001 to 2286 in milliseconds; no time of these years is in there in seconds or in microseconds."""
_PUNCTUAL = 600_000
"""Milliseconds by which a server's clocks may differ; another time zone does by more."""
_STATUS = Claim("documented-status", "An operation answers with a status that the spec lists for it.", inferred=False)
_MEDIA_TYPE = Claim("media-type", "An answer with a body is application/json.", inferred=False)
ANSWERED = Claim("answered", "Every request is answered.", inferred=False)
EXISTING = Claim("existing-customer", "A customer that exists is answered with 200.", inferred=False)
_URL = re.compile(r"https?://[\w.-]+\.[a-z]+(/[^\s\"]*)?", re.IGNORECASE)
"""A page for people, whatever its address ends in."""
_INTERNALS = re.compile(
    # Traces: of Python, of Java and JavaScript, of Go, of Rust, of .NET; what these say without one; the file names of
    # these and others; queries, which in small letters may be words to people; databases; classes of exceptions; and
    # addresses of a network inside.
    r"Traceback|File \"|\bat [\w$.<>]+ ?\([^)]*:\d+\)|goroutine \d+|panicked at|(?-i:\bSystem\.[A-Z]\w)"
    r"|'\w+' object (has|is|does|cannot)\b|Cannot read propert|\bjava\.\w+\.|\bGo struct\b|nil pointer"
    r"|\b[\w-]+\.(pyc?|java|kt|scala|m?[jt]s|go|rb|php|cs|rs|exs?|cpp|dll)\b"
    r"|/(home|usr|srv|opt|var|app)/|\b[A-Z]:\\|site-packages"
    r"|(?-i:\bSELECT .+ FROM |INSERT INTO|DELETE FROM|\bUPDATE \w+ SET\b)|\bselect .+ from .+ where [\w.]+ *="
    r"|insert into \w+ *\(|delete from \w+ where\b|\bupdate \w+ set [\w.]+ *="
    r"|sqlite|SQLSTATE|SQL syntax|ORA-\d|\bpq: |\bE11000\b|ECONN[A-Z]+"
    r"|\[Source: |(?-i:\b(?:[a-z]\w*\.){2,}[A-Z]\w*(?:Exception|Error)\b)"
    r"|violates (unique|foreign key|check|not-null|exclusion) constraint|\b(10|127|192\.168)(\.\d{1,3}){2,3}:\d+",
    re.IGNORECASE,
)
_OF_BROWSERS = {"set-cookie", "link", "location", "content-security-policy"}
"""Headers that hold paths which are nobody's secret."""
_BASIC = re.compile(r"""(^|, *)Basic +([\w-]+ *= *("(\\.|[^"\\])*"|[^\s,"]+) *, *)*(?i:realm) *=""")
"""A challenge of the scheme, alone or among others, whose parameters come in any order."""


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
        self._link = server.connect()
        self._known: dict[str, Json] = {}
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
        self.ledger.sent(exchange)
        if expect is None or self._meets(exchange, expect):
            self.conforms(exchange)
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
        old, new = _number(before.get("updatedAt")), _number(after.get("updatedAt"))
        holds("updated-at", new > old, "updatedAt did not increase", exchange)
        punctual = abs(new - _now(exchange)) < _PUNCTUAL
        holds("milliseconds", punctual, "updatedAt is not the time of the update", exchange)
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
            is_such = name not in customer or _FIRST <= _number(customer[name], _FIRST) < _LAST
            self.ledger.holds("milliseconds", is_such, f"{name} counts no milliseconds", exchange)
        # In an order of its own: what is sent back must be the same from run to run, whatever the server's order.
        # Of a property that the spec does not name, nothing is promised.
        return {name: customer[name] for name in sorted(customer) if name in self.spec.customer_schema["properties"]}

    def conforms(self, exchange: Exchange) -> None:
        """Hold an answer against the general promises, whoever asked for it."""
        operation = self._operation_of(exchange.request)
        if exchange.request.method == "HEAD" or (operation is None and exchange.status != _METHOD_NOT_ALLOWED):
            return
        answers = (operation or self.spec.update).answers
        if not self.ledger.holds(
            _STATUS, exchange.status in answers, f"status {exchange.status} is not among {sorted(answers)}", exchange
        ):
            return
        answer = answers[exchange.status]
        self._headers_conform(exchange, answer)
        media_type = exchange.headers.get_content_type()
        self.ledger.holds(_MEDIA_TYPE, media_type == JSON_TYPE, f"the answer is {media_type}", exchange)
        charset = exchange.headers.get_content_charset("utf-8")
        self.ledger.holds(_MEDIA_TYPE, charset in {"utf-8", "utf8"}, f"the answer is said to be in {charset}", exchange)
        self._body_conforms(exchange, answer)
        if exchange.status >= _FIRST_ERROR:
            self._keeps_secrets(exchange, answer)

    def _operation_of(self, request: Request) -> Operation | None:
        elsewhere = [each for each in self.spec.operations if each.path == request.path.partition("?")[0]]
        known = elsewhere or (self.spec.read, self.spec.update)
        return next((operation for operation in known if operation.method == request.method), None)

    def _headers_conform(self, exchange: Exchange, answer: Answer) -> None:
        for name, header in answer.headers.items():
            claim = Claim(
                f"header.{name}",
                f"{name}: {header['description']}",
                header.get("x-provenance") == "inferred",
                f"the responses, header `{name}`",
            )
            values = exchange.headers.get_all(name, [])
            there = bool(values) or not header.get("required")
            self.ledger.holds(claim, there, f"{name} is missing", exchange)
            if values:
                fits = any(not errors_of(header["schema"], value) for value in (*values, ", ".join(values)))
                self.ledger.holds(claim, fits, f"{name} has another form", exchange)
        if exchange.status == OK:
            no_store = "no-store" in listed(exchange, "Cache-Control")
            self.ledger.holds("no-store", no_store, "Cache-Control lacks no-store", exchange)
        if exchange.status == _UNAUTHORIZED:
            challenges = exchange.headers.get_all("WWW-Authenticate", [])
            basic_too = any(_BASIC.search(value) for value in challenges)
            self.ledger.holds("challenge", basic_too, "no Basic challenge with a realm", exchange)

    def _body_conforms(self, exchange: Exchange, answer: Answer) -> None:
        failed = exchange.status >= _FIRST_ERROR
        try:
            body = exchange.json()
        except NotJSONError:
            claim = "error-envelope" if failed else _MEDIA_TYPE
            self.ledger.holds(claim, condition=False, message="the answer is not one strict JSON text", seen=exchange)
            return
        for error in errors_of(answer.schema, body):
            where = ".".join(str(step) for step in error.instance_path) or "the body"
            keyword = keyword_claim("answer", answer.schema, error.schema_path)
            claims: list[str | Claim] = ["error-envelope"] if failed else [keyword]
            if not failed and error.instance is None and list(error.instance_path)[:-1] == [self.spec.wrapper]:
                claims = [NO_NULLS]
            self.ledger.holds(claims, condition=False, message=f"{where} breaks {keyword.id}", seen=exchange)
        self.ledger.holds("error-envelope" if failed else _STATUS, condition=True, message="", seen=exchange)
        for error in body.get("errors", ()) if failed and isinstance(body, dict) else ():
            is_such = _FIRST <= _number(error.get("occurredAt"), _FIRST) < _LAST
            self.ledger.holds("error-envelope", is_such, "occurredAt counts no milliseconds", exchange)
            punctual = abs(_number(error.get("occurredAt"), now := _now(exchange)) - now) < _PUNCTUAL
            self.ledger.holds("error-envelope", punctual, "occurredAt is not the time of the error", exchange)

    def _keeps_secrets(self, exchange: Exchange, answer: Answer) -> None:
        headers = "\n".join(value for name, value in exchange.headers.items() if name.lower() not in _OF_BROWSERS)
        said = _URL.sub("", exchange.body.decode(errors="replace") + "\n" + headers)
        for domain in _domains(exchange):  # which the provider documents to be a class of its own
            said = said.replace(domain, "")
        # A header that the spec names says the same to everybody, such as a realm.
        shown = self.ledger.echoes.repeated(exchange, answer.headers)
        self.ledger.holds("no-echo", not shown, "the error repeats a value of the request", exchange)
        self.ledger.holds("no-internals", not _INTERNALS.search(said), "the error shows internals", exchange)


def _domains(exchange: Exchange) -> Iterator[str]:
    try:
        body = exchange.json()
    except NotJSONError:
        return
    for error in body.get("errors", ()) if isinstance(body, dict) else ():
        domain = error.get("domain") if isinstance(error, dict) else None
        if isinstance(domain, str) and domain:
            yield domain


_in_order = json.JSONEncoder(sort_keys=True).encode


def same(one: Json, other: Json) -> bool:
    """Whether two JSON values are the same, whatever the order of members and the notation of numbers.

    JSON knows one kind of number, so that 1 and 1.0 are the same; true is another value.
    """
    return _in_order(one) == _in_order(other) or _in_order(_plain(one)) == _in_order(_plain(other))


def _plain(value: Json) -> Json:
    """Return a value with its whole numbers written without a fraction."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def differences(one: Mapping[str, Json], other: Mapping[str, Json]) -> list[str]:
    """Return the names under which two customers differ."""
    if same(one, other):  # as nearly always, and looked at name by name it takes many times as long
        return []
    names = one.keys() | other.keys()
    return sorted(
        name for name in names if (name in one) != (name in other) or not same(one.get(name), other.get(name))
    )


def listed(exchange: Exchange, name: str) -> set[str]:
    """Return the members of a header that is a list, on however many lines it came, in small letters."""
    values = ",".join(exchange.headers.get_all(name, []))
    return {member.strip().lower() for member in values.split(",") if member.strip()}


def _number(value: Json, default: float = 0) -> float:
    """Return a number, written as 1 or as 1.0: both are integers to JSON Schema."""
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else default


def _now(exchange: Exchange) -> float:
    """Return the time of an answer by the server's own clock, or by ours, in milliseconds."""
    date = exchange.headers.get("Date")
    try:
        at = parsedate_to_datetime(date).timestamp() if date else time.time()
    except ValueError:
        at = time.time()
    return at * 1000

"""Who may ask, with which method, for which path: credentials, methods, identifiers, and which fault comes first."""

from __future__ import annotations

import base64
from collections.abc import Callable
from itertools import combinations, product
from typing import Any
from urllib.parse import quote

import pytest
from _pytest.mark import ParameterSet

from ._customers import EXISTING, OK, Customers, Expectation, listed
from ._ledger import Ledger
from ._spec import Operation, Spec
from ._target import Target
from ._wire import JSON_TYPE, LONGEST_BODY, SAFE_METHODS, Exchange, basic, dump, encode_id
from .test_tables import LEAST, SPEC, full

_NO_CONTENT, _UNAUTHORIZED, _NOT_FOUND, _NOT_ALLOWED = 204, 401, 404, 405
_BAD_REQUEST = 400
_OPTIONS, _HEAD = "OPTIONS", "HEAD"
_NOT_HTTP = ("QUERY", "PROPFIND", "PROPPATCH")
"""Methods that HTTP itself does not define."""
OTHER_METHODS = [
    name for name in ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", *_NOT_HTTP) if name not in SPEC.methods
]
NOBODY = "contract-check-no-such-customer"


def _wide(letter: str) -> str:
    """Return a letter of ASCII as Unicode has it once more, for use between ideographs."""
    return chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter


def _encoded(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


CREDENTIALS: dict[str, Callable[[str, str], str | None]] = {
    "none": lambda _user, _key: None,
    "a wrong key": lambda user, _key: basic(user, "wrong-key"),
    "a wrong user": lambda _user, key: basic("wrong-user", key),
    "a wrong pair": lambda _user, _key: basic("wrong-user", "wrong-key"),
    "user and key swapped": lambda user, key: basic(key, user) if user != key else basic(key + "x", user),
    "an empty key": lambda user, _key: basic(user, ""),
    "an empty user": lambda _user, key: basic("", key),
    "an empty pair": lambda _user, _key: basic("", ""),
    "the key one character short": lambda user, key: basic(user, key[:-1]),
    "the key one character long": lambda user, key: basic(user, key + "x"),
    "the key with a space": lambda user, key: basic(user, key + " "),
    "the key in another case": lambda user, key: basic(user, key.swapcase()),
    "the key with a NUL": lambda user, key: basic(user, key + "\0"),
    "the key with a colon": lambda user, key: basic(user, key + ":"),
    "the user in another case": lambda user, key: basic(user.swapcase(), key),
    "the user one character short": lambda user, key: basic(user[:-1], key),
    "the user with a space": lambda user, key: basic(" " + user, key),
    "the user one character long": lambda user, key: basic(user + "x", key),
    "the user with a space behind": lambda user, key: basic(user + " ", key),
    "the user with a NUL and more": lambda user, key: basic(user + "\0x", key),
    "the key with a space in front": lambda user, key: basic(user, " " + key),
    "the key with a line feed": lambda user, key: basic(user, key + "\n"),
    "the key in wide letters": lambda user, key: basic(user, "".join(map(_wide, key))),
    "the right pair and something more": lambda user, key: basic(user, key) + " x",
    "only the user": lambda user, _key: _encoded(user),
    "no base64": lambda user, key: f"Basic {user}:{key}",
    "base64 of nothing": lambda _user, _key: "Basic ",
    "only the scheme": lambda _user, _key: "Basic",
    "bytes that are not UTF-8": lambda _user, _key: "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
    "the right pair under another scheme": lambda user, key: "Bearer " + basic(user, key).removeprefix("Basic "),
    "the right pair without a scheme": lambda user, key: basic(user, key).removeprefix("Basic "),
    "the right pair and more": lambda user, key: basic(user, key) + ", Basic x",
}


def _marked(operation: Operation) -> ParameterSet:
    return pytest.param(operation, marks=pytest.mark.reads if operation.method in SAFE_METHODS else (), id=operation.id)


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.lock_out if kind != "none" else ()) for kind in CREDENTIALS]
)
@pytest.mark.parametrize("operation", [_marked(operation) for operation in SPEC.operations])
def test_anything_but_the_exact_pair_is_refused(
    operation: Operation, kind: str, customers: Customers, ledger: Ledger, one: str
) -> None:
    body = None
    if operation is SPEC.update:
        # Every value differs from those of the refused body, so that one taken over in passing shows.
        customers.update(one, full(1))
        body = dump(LEAST)
    target = customers.target
    authorization = CREDENTIALS[kind](target.access_id, target.access_key)
    plain = kind in {"none", "a wrong key", "a wrong user", "a wrong pair"}
    expect = Expectation("basic-auth" if plain else "exact-credentials", _UNAUTHORIZED, kind)
    path = customers.path_of(operation, one)
    exchange = customers.send(operation.method, path, body=body, authorization=authorization, expect=expect)
    shown = target.access_key.encode() in exchange.body
    ledger.holds("no-echo", not shown, "the error repeats the access key", exchange)
    customers.read(one, unchanged_by=exchange)


@pytest.mark.other_method
@pytest.mark.parametrize("method", OTHER_METHODS)
def test_a_method_that_the_path_does_not_know_is_refused_with_a_truthful_allow(
    method: str, customers: Customers, ledger: Ledger, one: str
) -> None:
    customers.update(one, full(1))
    body = None if method == "TRACE" else dump(full())
    exchange = customers.send(method, customers.path(encode_id(one)), body=body)
    allowed = {_NOT_ALLOWED, _BAD_REQUEST} if method in _NOT_HTTP else {_NOT_ALLOWED}
    message = f"{method} was answered with {exchange.status}, not {_NOT_ALLOWED}"
    ledger.holds("methods", exchange.status in allowed, message, exchange)
    if exchange.status == _NOT_ALLOWED:
        _names_the_methods("methods", exchange, ledger)
    customers.read(one, unchanged_by=exchange)


_PREFLIGHT = {"Origin": "https://example.com", "Access-Control-Request-Method": SPEC.update.method}
_ASKING: dict[str, dict[str, Any]] = {
    "no credentials": {"authorization": None},
    "right credentials": {},
    "wrong credentials": {"authorization": basic("wrong-user", "wrong-key")},
    "what a browser asks first": {"authorization": None, "headers": _PREFLIGHT},
}


@pytest.mark.reads
@pytest.mark.parametrize("customer", ["existing", "unknown"])
@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.lock_out if kind.startswith("wrong") else ()) for kind in _ASKING]
)
def test_options_names_the_methods_and_asks_for_no_credentials(
    customer: str, kind: str, customers: Customers, ledger: Ledger, one: str
) -> None:
    path = customers.path(encode_id(one if customer == "existing" else NOBODY))
    expect = Expectation("options", _NO_CONTENT, f"OPTIONS of a customer that is {customer}, with {kind}")
    exchange = customers.send(_OPTIONS, path, **_ASKING[kind], expect=expect)
    _names_the_methods("options", exchange, ledger)


def _names_the_methods(clause: str, exchange: Exchange, ledger: Ledger) -> None:
    truthful = listed(exchange, "Allow") == {name.lower() for name in (*SPEC.methods, _HEAD, _OPTIONS)}
    ledger.holds(clause, truthful, "Allow does not name the methods that the path knows", exchange)


@pytest.mark.reads
@pytest.mark.parametrize("customer", ["existing", "unknown"])
@pytest.mark.parametrize("credentials", ["right", pytest.param("wrong", marks=pytest.mark.lock_out)])
def test_head_answers_as_get_does_without_a_body(
    customer: str, credentials: str, customers: Customers, ledger: Ledger, one: str
) -> None:
    path = customers.path(encode_id(one if customer == "existing" else NOBODY))
    authorization = "" if credentials == "right" else basic("wrong-user", "wrong-key")
    got = customers.send(SPEC.read.method, path, authorization=authorization)
    head = customers.send(_HEAD, path, authorization=authorization)
    ledger.holds("head", head.status == got.status, f"{head.status} where GET answers {got.status}", head)
    names = ("Content-Type", "Content-Length", "Cache-Control", "WWW-Authenticate")
    differing = [name for name in names if head.headers.get(name) != got.headers.get(name)]
    ledger.holds("head", not differing, f"{differing} are not those of GET", head)
    ledger.holds("head", not head.body, "there is a body", head)
    # A body after all would be read as the beginning of this answer.
    customers.read(one)


def test_head_follows_an_update(customers: Customers, ledger: Ledger, one: str) -> None:
    path = customers.path(encode_id(one))
    for number in (0, 1):
        customers.update(one, full(number))
        got, head = customers.send(SPEC.read.method, path), customers.send(_HEAD, path)
        length = "Content-Length"
        ledger.holds("head", head.headers.get(length) == got.headers.get(length), f"{length} is not that of GET", head)


@pytest.mark.reads
def test_a_read_may_name_any_media_type(customers: Customers, one: str) -> None:
    for content_type in (JSON_TYPE, "text/plain"):
        expect = Expectation(EXISTING, OK, f"a read with {content_type}")
        customers.send(
            SPEC.read.method, customers.path(encode_id(one)), headers={"Content-Type": content_type}, expect=expect
        )


def _identifiers(customer_id: str) -> dict[str, str]:
    """Return paths that name no customer, by what is wrong with them."""
    plain = encode_id(customer_id)
    wrong = {
        "nothing": "",
        "one dot": ".",
        "two dots": "..",
        "one dot, encoded": "%2E",
        "two dots, encoded": "%2e%2E",
        "an unknown identifier": NOBODY,
        "no UTF-8": "%FF",
        "half a character": plain + "%C3",
        "an encoded slash at the end": plain + "%2F",
        "an encoded slash in front": "%2F" + plain,
        "an encoded way up": f"x%2F..%2F{plain}",
        "a NUL at the end": plain + "%00",
        "a space at the end": plain + "%20",
        "a line feed at the end": plain + "%0A",
        "an encoded question mark": plain + "%3Fa=b",
        "encoded twice": "".join(f"%25{byte:02X}" for byte in customer_id.encode()),
        "a quote": plain + "'",
        "a wild card": "%25",
        "a wild card for the last character": plain[:-1] + "_",
        "an unknown number": "9" * 30,
        "a semicolon and more": plain + ";a=b",
        "an encoded number sign and more": plain + "%23a",
        "a suffix": plain + ".json",
        "a zero in front": "0" + plain,
        "a plus sign in front": "+" + plain,
        "an encoded plus sign in front": "%2B" + plain,
        "a space in front": "%20" + plain,
        "a line feed in front": "%0A" + plain,
        "wide letters": encode_id("".join(map(_wide, customer_id))),
        "500 characters": "x" * 500,
        "a sign beyond the basic plane": encode_id("\U0001f600"),
        "an encoded surrogate": "%ED%A0%80",
    }
    if plain != quote(customer_id):
        wrong["a slash as a separator"] = quote(customer_id)
    return wrong


def _clause_of(kind: str) -> str:
    if kind in {"an unknown identifier", "an unknown number", "500 characters", "a sign beyond the basic plane"}:
        return "unknown-id"
    none = {"nothing", "no UTF-8", "half a character", "an encoded surrogate"}
    return "no-ids" if "dot" in kind or kind in none else "id-decoding"


@pytest.mark.reads
@pytest.mark.parametrize("kind", _identifiers("x"))
def test_an_identifier_that_no_customer_has_is_not_found(kind: str, customers: Customers, one: str) -> None:
    clause = _clause_of(kind)
    for method, claims in ((SPEC.read.method, [clause]), (_HEAD, ["head", clause])):
        expect = Expectation(claims, _NOT_FOUND, f"{method} with {kind}")
        customers.send(method, customers.path(_identifiers(one)[kind]), expect=expect)


@pytest.mark.parametrize("kind", _identifiers("x"))
def test_an_update_of_an_identifier_that_no_customer_has_is_not_found_and_creates_nothing(
    kind: str, customers: Customers, one: str
) -> None:
    customers.update(one, full(1))
    path = customers.path(_identifiers(one)[kind])
    for method, body in ((SPEC.update.method, dump(LEAST)), (SPEC.read.method, None)):
        customers.send(
            method, path, body=body, expect=Expectation(_clause_of(kind), _NOT_FOUND, f"{method} with {kind}")
        )
    customers.read(one)


@pytest.mark.reads
def test_each_identifier_is_decoded_exactly_once(
    spec: Spec, customers: Customers, ledger: Ledger, target: Target
) -> None:
    for customer_id in target.ids:
        for form in ("%{:02X}", "%{:02x}"):
            path = customers.path("".join(form.format(byte) for byte in customer_id.encode()))
            exchange = customers.send(SPEC.read.method, path)
            found = exchange.json().get(spec.wrapper, {}) if exchange.status == OK else {}
            same_one = found.get(spec.path_parameter["name"]) == customer_id
            ledger.holds(
                "id-decoding", same_one, f"the encoded identifier was answered with {exchange.status}", exchange
            )


def test_an_update_decodes_the_identifier_too(customers: Customers, one: str) -> None:
    customers.update(one, full(1))
    path = customers.path("".join(f"%{byte:02X}" for byte in one.encode()))
    body, expect = full(), Expectation("id-decoding", OK, "an update of an encoded identifier")
    exchange = customers.send(SPEC.update.method, path, body=dump(body), expect=expect)
    customers.shows(one, body, "id-decoding", expect.what, exchange)


FAULTS: dict[int, list[dict[str, Any]]] = {
    405: [{"method": method} for method in OTHER_METHODS if method in {"PUT", "PATCH", "DELETE"}],
    401: [{"authorization": basic("wrong-user", "wrong-key")}, {"authorization": None}],
    415: [{"content_type": "text/plain"}, {"content_type": None}],
    413: [{"body": dump(LEAST) + b" " * LONGEST_BODY}],
    400: [{"body": b"{"}, {"body": b"{}"}],
    404: [{"id": NOBODY}, {"id": "%2E%2E"}],
}
"""Ways to deserve a status, in the order in which they are judged."""
_RISKS = {405: pytest.mark.other_method, 401: pytest.mark.lock_out, 413: pytest.mark.flood}
_IN_ORDER = [
    pytest.param(*pair, marks=[_RISKS[status] for status in pair if status in _RISKS])
    for pair in combinations(FAULTS, 2)
]


@pytest.mark.parametrize(("first", "second"), _IN_ORDER)
def test_of_two_faults_the_first_in_order_decides(first: int, second: int, customers: Customers, one: str) -> None:
    customers.update(one, full(1))
    usual: dict[str, Any] = {
        "method": SPEC.update.method,
        "id": encode_id(one),
        "body": dump(LEAST),
        "content_type": JSON_TYPE,
    }
    for way, other_way in product(FAULTS[first], FAULTS[second]):
        request = usual | other_way | way
        if {first, second} == {400, 413}:
            request["body"] = b"{" * (LONGEST_BODY + 1)
        method, path = request.pop("method"), customers.path(request.pop("id"))
        expect = Expectation("precedence", first, f"what deserves {first} and {second}")
        exchange = customers.send(method, path, **request, expect=expect)
        customers.read(one, unchanged_by=exchange)

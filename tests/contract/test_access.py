"""Who may ask, with which method, and with what beside: credentials, methods, headers and queries of no meaning."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from _pytest.mark import ParameterSet

from ._customers import EXISTING, Customers, Expectation
from ._ledger import Ledger
from ._promises import listed
from ._spec import Claim, Operation
from ._target import Target
from ._wire import JSON_TYPE, SAFE_METHODS, Exchange, basic, dump, encode_id
from .test_tables import BARE, LEAST, SPEC, full

_NO_CONTENT, _UNAUTHORIZED, _NOT_FOUND, _NOT_ALLOWED = 204, 401, 404, 405
_BAD_REQUEST = 400
_OPTIONS, _HEAD = "OPTIONS", "HEAD"
_NOT_HTTP = ("QUERY", "PROPFIND", "PROPPATCH")
"""Methods that HTTP itself does not define."""
OTHER_METHODS = [
    name for name in ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", *_NOT_HTTP) if name not in SPEC.methods
]
NOBODY = "contract-check-no-such-customer"


def wide(letter: str) -> str:
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
    "the key in wide letters": lambda user, key: basic(user, "".join(map(wide, key))),
    "the right pair and something more": lambda user, key: basic(user, key) + " x",
    "a wild card for the key": lambda user, _key: basic(user, "%"),
    "a sign among the base64 that is none of it": lambda user, key: basic(user, key)[:-4] + "!" + basic(user, key)[-4:],
    "a wrong key under the scheme in small letters": lambda user, _key: basic(user, "wrong-key").replace("B", "b", 1),
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
    customers.read(one, "atomic-rejection", blamed=exchange)
    if body is not None:
        # Who was refused is nobody to the one who comes next.
        customers.send(operation.method, path, body=body, authorization=authorization, expect=expect)
        customers.update(one, LEAST)
        customers.read(one)


SCHEME = Claim(
    "scheme-in-any-case",
    "The scheme of the credentials is known in any case, as RFC 9110 has it.",
    inferred=True,
    place="x-contract, clause `basic-auth`",
)


def in_case(change: Callable[[str], str], customers: Customers) -> str:
    """Return the right credentials with their scheme in another case."""
    scheme, space, pair = customers.authorization.partition(" ")
    return change(scheme) + space + pair


@pytest.mark.lock_out  # who does not know it so sees wrong credentials
@pytest.mark.parametrize("operation", [_marked(SPEC.read), _marked(SPEC.update)])
def test_the_scheme_of_the_credentials_is_known_in_any_case(
    operation: Operation, customers: Customers, one: str
) -> None:
    for change in (str.lower, str.upper):
        authorization = in_case(change, customers)
        what = f"the right pair under {authorization.partition(' ')[0]}"
        for body in (full(), full(1), BARE) if operation is SPEC.update else ():
            if customers.update(one, body, SCHEME, what=what, authorization=authorization)[1]:
                customers.read(one)
        customers.read(one, SCHEME, what=what, authorization=authorization)


@pytest.mark.reads
def test_what_an_answer_has_set_lets_nobody_in(customers: Customers, one: str) -> None:
    path = customers.path(encode_id(one))
    answer = customers.send(SPEC.read.method, path)
    cookies = "; ".join(value.partition(";")[0] for value in answer.headers.get_all("Set-Cookie", []))
    expect = Expectation("basic-auth", _UNAUTHORIZED, "no credentials, with the cookies of an answer to right ones")
    headers = {"Cookie": cookies} if cookies else {}
    customers.send(SPEC.read.method, path, authorization=None, headers=headers, expect=expect)


NO_PARAMETER = Claim(
    "unnamed-parameters",
    "A header or a query that the spec does not name changes nothing.",
    inferred=True,
    place="the parameters of the operation",
)
UNNAMED: dict[str, Callable[[Target, str], tuple[Mapping[str, str], str]]] = {
    "a browser's Accept": lambda *_: ({"Accept": "text/html"}, ""),
    "an Accept of XML": lambda *_: ({"Accept": "application/xml"}, ""),
    "an Accept of another charset": lambda *_: ({"Accept-Charset": "iso-8859-1"}, ""),
    "If-None-Match": lambda *_: ({"If-None-Match": "*"}, ""),
    "If-Match": lambda *_: ({"If-Match": '"contract-check"'}, ""),
    "If-Modified-Since": lambda *_: ({"If-Modified-Since": "Fri, 31 Dec 2100 23:59:59 GMT"}, ""),
    "If-Unmodified-Since": lambda *_: ({"If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}, ""),
    "Range": lambda *_: ({"Range": "bytes=0-9"}, ""),
    "Prefer": lambda *_: ({"Prefer": "return=minimal"}, ""),
    "Idempotency-Key": lambda *_: ({"Idempotency-Key": "contract-check"}, ""),
    "a cookie that is none": lambda *_: ({"Cookie": "contract-check"}, ""),
    "what a page's script sends": lambda *_: (
        {"Origin": "https://example.com", "X-Requested-With": "XMLHttpRequest", "Sec-Fetch-Site": "cross-site"},
        "",
    ),
    "what a proxy tells of the way": lambda *_: ({"X-Forwarded-Proto": "http", "X-Forwarded-For": "127.0.0.1"}, ""),
    "what a proxy tells of the user": lambda target, _: (
        dict.fromkeys(("X-Forwarded-User", "X-Remote-User", "Remote-User"), target.access_id),
        "",
    ),
    "credentials for a proxy": lambda target, _: (
        {"Proxy-Authorization": basic(target.access_id, target.access_key)},
        "",
    ),
    "the key in a header of its own": lambda target, _: (
        dict.fromkeys(("X-API-Key", "X-Access-Key"), target.access_key),
        "",
    ),
    "a query for another form": lambda *_: ({}, f"?callback=check&format=xml&fields={SPEC.path_parameter['name']}"),
    "a query for a trial": lambda *_: ({}, "?dryRun=true&dry_run=1&validateOnly=true"),
    "another method": lambda *_: ({"X-HTTP-Method-Override": "DELETE"}, "?_method=DELETE"),
    "another customer": lambda target, path: (
        dict.fromkeys(("X-Original-URL", "X-Rewrite-URL"), urlsplit(target.base_url).path + path),
        f"?id={path.rpartition('/')[2]}&{SPEC.path_parameter['name']}={path.rpartition('/')[2]}",
    ),
}
"""Headers and a query to add, made for a target and the path of its other customer."""


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.other_method if "method" in kind else ()) for kind in UNNAMED]
)
def test_what_the_spec_names_no_parameter_for_changes_nothing(
    kind: str, customers: Customers, one: str, other: str
) -> None:
    path = customers.path(encode_id(one))
    headers, query = UNNAMED[kind](customers.target, customers.path(encode_id(other)))
    customers.read(other)
    form: dict[str, Any] = {"path": path + query, "headers": headers}
    for body in (full(), full(1), BARE):
        exchange, after = customers.update(one, body, NO_PARAMETER, what=f"an update with {kind}", **form)
        if after:
            customers.read(one, NO_PARAMETER, blamed=exchange)
        customers.read(other, NO_PARAMETER, blamed=exchange)
        customers.read(one, NO_PARAMETER, what=f"a read with {kind}", **form)
    expect = Expectation("basic-auth", _UNAUTHORIZED, f"no credentials, with {kind}")
    customers.send(SPEC.read.method, path + query, authorization=None, headers=headers, expect=expect)


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
    customers.read(one, "atomic-rejection", blamed=exchange)


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
    names = ("Content-Type", "Cache-Control", "WWW-Authenticate")
    differing = [name for name in names if head.headers.get(name) != got.headers.get(name)]
    ledger.holds("head", not differing, f"{differing} are not those of GET", head)
    again = customers.send(SPEC.read.method, path, authorization=authorization)
    _has_the_length_of_get(head, got, again, ledger)
    ledger.holds("head", not head.body, "there is a body", head)
    # A body after all would be read as the beginning of this answer.
    customers.read(one)


def _has_the_length_of_get(head: Exchange, before: Exchange, after: Exchange, ledger: Ledger) -> None:
    """HEAD need not tell the length, and of a body that is another each time it tells nobody anything."""
    told, lengths = head.headers.get("Content-Length"), {str(len(before.body)), str(len(after.body))}
    ledger.holds("head", told is None or len(lengths) > 1 or {told} == lengths, "the length is not that of GET", head)


def test_head_follows_an_update(customers: Customers, ledger: Ledger, one: str) -> None:
    path = customers.path(encode_id(one))
    for number in (0, 1):
        customers.update(one, full(number))
        before, head, after = (customers.send(method, path) for method in (SPEC.read.method, _HEAD, SPEC.read.method))
        _has_the_length_of_get(head, before, after, ledger)


def test_what_only_asks_changes_nothing(customers: Customers, one: str) -> None:
    customers.update(one, full(1))
    path = customers.path(encode_id(one))
    for method in (_HEAD, _OPTIONS):
        customers.read(one, "atomic-rejection", blamed=customers.send(method, path))
    # How a read with a body is answered nobody says; it makes no update of it.
    customers.read(one, "atomic-rejection", blamed=customers.unjudged(SPEC.read, one, dump(full())))


@pytest.mark.reads
def test_a_read_may_name_any_media_type(customers: Customers, one: str) -> None:
    for content_type in (JSON_TYPE, "text/plain"):
        customers.read(one, EXISTING, what=f"a read with {content_type}", headers={"Content-Type": content_type})

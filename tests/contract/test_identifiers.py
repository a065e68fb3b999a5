"""Which customer a path names: identifiers that nobody has, and other ways to write one that somebody has."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from ._customers import Customers, Expectation
from ._ledger import Ledger
from ._promises import OK
from ._spec import Spec
from ._target import Target
from ._wire import dump, encode_id
from .test_access import NOBODY, wide
from .test_tables import BARE, LEAST, SPEC, full

_NOT_FOUND = 404
_HEAD = "HEAD"


def _overlong(letter: str) -> str:
    """Return a letter of ASCII in two bytes, which UTF-8 forbids."""
    return f"%{0xC0 | ord(letter) >> 6 & 1:02X}%{0x80 | ord(letter) & 0x3F:02X}"


def encoded(customer_id: str, form: str = "%{:02X}") -> str:
    """Return an identifier with each of its bytes percent-encoded."""
    return "".join(form.format(byte) for byte in customer_id.encode())


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
        "an overlong encoding": encode_id(customer_id[:-1]) + _overlong(customer_id[-1]),
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
        "wide letters": encode_id("".join(map(wide, customer_id))),
        "500 characters": "x" * 500,
        "a sign beyond the basic plane": encode_id("\U0001f600"),
        "an encoded surrogate": "%ED%A0%80",
        "a backslash at the end": plain + "%5C",
        "a no-break space at the end": plain + "%C2%A0",
        "a sign that is not seen at the end": plain + "%E2%80%8B",
        "a list": f"{plain},{NOBODY}",
        "an encoded comma and more": f"{plain}%2C{NOBODY}",
        "a minus sign in front": "-" + plain,
        "a fraction of zero": plain + ".0",
        "an underscore between": f"{plain[:-3]}_{plain[-3:]}",
    }
    if plain != quote(customer_id):
        wrong["a slash as a separator"] = quote(customer_id)
    number = int(customer_id) if re.fullmatch("[1-9][0-9]{0,18}", customer_id) else None
    # Another way to write a number, or the same 32 bits, where the identifier is one.
    wrong["the number in hexadecimal"] = NOBODY if number is None else f"0x{number:x}"
    for bits in (32, 64):
        wrong[f"the number and {bits} bits more"] = NOBODY if number is None else str(number + 2**bits)
    return wrong


def _clause_of(kind: str) -> str:
    if kind in {"an unknown identifier", "an unknown number", "500 characters", "a sign beyond the basic plane"}:
        return "unknown-id"
    none = {"nothing", "no UTF-8", "half a character", "an overlong encoding", "an encoded surrogate"}
    if kind.startswith("the number") or kind in {"a list", "a minus sign in front", "a fraction of zero"}:
        return "unknown-id"
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
            path = customers.path(encoded(customer_id, form))
            exchange = customers.send(SPEC.read.method, path)
            found = exchange.json().get(spec.wrapper, {}) if exchange.status == OK else {}
            same_one = found.get(spec.path_parameter["name"]) == customer_id
            ledger.holds(
                "id-decoding", same_one, f"the encoded identifier was answered with {exchange.status}", exchange
            )
            expect = Expectation(["head", "id-decoding"], exchange.status, f"{_HEAD} of an encoded identifier")
            customers.send(_HEAD, path, expect=expect)


def test_an_update_decodes_the_identifier_too(customers: Customers, one: str) -> None:
    path = customers.path(encoded(one))
    for number in (1, 0):
        what = "an update of an encoded identifier"
        exchange, after = customers.update(one, full(number), "id-decoding", what=what, path=path)
        if after:
            customers.read(one, "id-decoding", blamed=exchange)
    for body in (full(1), full(), BARE):
        customers.update(one, body)
        customers.read(one, ["id-decoding", "read-your-writes"], what="a read of an encoded identifier", path=path)

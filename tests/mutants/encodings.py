"""Servers that change texts on the way, or read identifiers in a way of their own."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from urllib.parse import unquote, unquote_to_bytes

from ._mutant import FIRST, Mutant
from ._ways import member, names, receiving, replacing, restating, storing, strings


def _texts(name: str, defect: str, change: Callable[[str], str]) -> Mutant:
    """A server that keeps texts in another form."""
    return storing(name, defect, strings(change))


def _text(name: str, defect: str, field: str, change: Callable[[str], str]) -> Mutant:
    """A server that keeps one text in another form."""
    return storing(name, defect, member(field, change, of=str))


def _identifying(name: str, defect: str, change: Callable[[bytes], bytes]) -> Mutant:
    """A server that reads the identifier, which is still encoded, as another one."""
    return receiving(name, defect, lambda call: call.of(change(call.identifier)))


def _matched(identifier: bytes) -> bytes:
    return FIRST if unquote_to_bytes(identifier) in {b"%", b"*"} else identifier


MUTANTS = [
    _texts("trimmed", "White space around texts is cut off.", str.strip),
    _texts("composed", "Texts are composed (NFC).", lambda text: unicodedata.normalize("NFC", text)),
    _texts(
        "compatible",
        "Texts are normalised by their compatibility (NFKC).",
        lambda text: unicodedata.normalize("NFKC", text),
    ),
    _texts("nul-dropped", "NUL is dropped.", lambda text: text.replace("\0", "")),
    _texts("cut-at-nul", "Texts end at a NUL.", lambda text: text.partition("\0")[0] or text),
    _texts("line-ends-changed", "CR LF becomes LF.", lambda text: text.replace("\r\n", "\n")),
    _texts("mark-dropped", "A byte order mark is dropped.", lambda text: text.replace("\ufeff", "")),
    _texts(
        "latin-1-kept",
        "What latin-1 lacks becomes a question mark.",
        lambda text: text.encode("latin-1", "replace").decode("latin-1"),
    ),
    _texts(
        "basic-plane-kept",
        "What is beyond the basic plane is replaced.",
        replacing("[\U00010000-\U0010ffff]", "\ufffd"),
    ),
    _texts("html-escaped", "Texts are escaped for HTML.", lambda text: html.escape(text, quote=False)),
    _texts("percent-decoded", "Percent encodings are resolved.", unquote),
    _texts("cut-at-255", "Texts end after 255 characters.", lambda text: text[:255]),
    _text("email-small", "An e-mail address is kept in small letters.", "email", str.lower),
    _text("name-capital", "A name is kept with capitals.", "name", str.title),
    _text("vip-without-zeros", "A VIP tier loses its leading zeros.", "vip", lambda text: text.lstrip("0") or text),
    _text(
        "date-of-birth-cut",
        "A dateOfBirth loses its time.",
        "dateOfBirth",
        replacing(r"^(\d{4}-\d\d-\d\d)T.*", r"\1"),
    ),
    storing(
        "dollar-names-dropped",
        "Members of customData whose name begins with $ are dropped.",
        names(lambda name: None if name.startswith("$") else name),
    ),
    storing(
        "proto-dropped",
        "The member __proto__ of customData is dropped.",
        names(lambda name: None if name == "__proto__" else name),
    ),
    storing(
        "points-in-names",
        "Points in the names of customData become underscores.",
        names(lambda name: name.replace(".", "_")),
    ),
    _identifying("id-decoded-twice", "An identifier is decoded twice.", unquote_to_bytes),
    _identifying(
        "id-not-decoded", "An identifier is not decoded.", lambda identifier: identifier.replace(b"%", b"%25")
    ),
    _identifying(
        "id-last-segment",
        "An identifier is what follows its last encoded slash.",
        lambda identifier: re.split(rb"%2[Ff]", identifier)[-1],
    ),
    _identifying(
        "id-first-segment",
        "An identifier ends at an encoded slash.",
        lambda identifier: re.split(rb"%2[Ff]", identifier)[0],
    ),
    _identifying("id-cut-at-nul", "An identifier ends at a NUL.", lambda identifier: identifier.partition(b"%00")[0]),
    _identifying(
        "id-trimmed",
        "White space around an identifier is cut off.",
        lambda identifier: re.sub(rb"(%20|%0A)+$", b"", identifier),
    ),
    _identifying(
        "id-cut-at-question-mark",
        "An identifier ends at an encoded question mark.",
        lambda identifier: identifier.partition(b"%3F")[0],
    ),
    _identifying(
        "id-undecodable-dropped",
        "Bytes of an identifier that are not UTF-8 are dropped.",
        lambda identifier: (
            unquote_to_bytes(identifier).decode("utf-8", "ignore").encode() if b"%C3" in identifier else identifier
        ),
    ),
    _identifying(
        "id-quotes-dropped", "Quotes in an identifier are dropped.", lambda identifier: identifier.replace(b"'", b"")
    ),
    _identifying("id-empty", "The empty identifier finds the first customer.", lambda identifier: identifier or FIRST),
    restating(
        "id-undecodable-400",
        "An identifier that is not UTF-8 is answered with 400.",
        400,
        lambda call, answer: answer.status == 404 and call.is_undecodable,
    ),
]

"""Servers that read identifiers in a way of their own."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote, unquote, unquote_to_bytes

from ._mutant import FIRST, Answer, Call, Mutant, Server
from ._ways import around, receiving, restating


def _identifying(name: str, defect: str, change: Callable[[bytes], bytes]) -> Mutant:
    """A server that reads the identifier, which is still encoded, as another one."""
    return receiving(name, defect, lambda call: call.of(change(call.identifier)))


def _matched(identifier: bytes) -> bytes:
    return FIRST if unquote_to_bytes(identifier) in {b"%", b"*"} else identifier


def _wide(identifier: bytes) -> bytes:
    text = unquote(identifier.decode("latin-1"), errors="replace")
    return str(int(text)).encode() if text.isdecimal() and not text.isascii() else identifier


def _with_wildcards(identifier: bytes) -> bytes:
    return FIRST if re.fullmatch(rb"[0-9_]{10}", identifier) and b"_" in identifier else identifier


def _replacing(pattern: bytes, by: bytes) -> Callable[[bytes], bytes]:
    return lambda identifier: re.sub(pattern, by, identifier)


def _failing(name: str, defect: str, status: int, which: Callable[[bytes], bool]) -> Mutant:
    """A server that answers for some identifiers that no customer has with another status than 404."""
    return restating(name, defect, status, lambda call, answer: answer.status == 404 and which(call.identifier.upper()))


def _in_32_bits(identifier: bytes) -> bytes:
    return b"%d" % (int(identifier) % 2**32) if re.fullmatch(rb"[1-9][0-9]{9,18}", identifier) else identifier


def _from_hexadecimal(identifier: bytes) -> bytes:
    return b"%d" % int(identifier, 16) if re.fullmatch(rb"0[xX][0-9a-fA-F]+", identifier) else identifier


async def _head_undecoded(call: Call, server: Server) -> Answer:
    return await server(call.of(call.identifier.replace(b"%", b"%25")) if call.method == "HEAD" else call)


def _overlong_read(call: Call) -> Call:
    held = unquote_to_bytes(call.identifier)
    read = re.sub(rb"[\xc0\xc1][\x80-\xbf]", lambda two: bytes([(two[0][0] & 1) << 6 | two[0][1] & 0x3F]), held)
    return call if read == held else call.of(quote(read).encode())


def _cut_to_64_bits(call: Call) -> Call:
    is_large = re.fullmatch(rb"[1-9]\d{19,24}", call.identifier) is not None
    return call.of(b"%d" % (int(call.identifier) % 2**64)) if is_large else call


MUTANTS = [
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
    _identifying("id-suffix", "An identifier loses .json at its end.", _replacing(rb"\.json$", b"")),
    _identifying(
        "id-leading-zeros", "An identifier of digits loses its leading zeros.", _replacing(rb"^0+(?=\d+$)", b"")
    ),
    _identifying("id-leading-space", "White space before an identifier is cut off.", _replacing(rb"^(%20|%09)+", b"")),
    _identifying(
        "id-line-feed-in-front", "A line feed before an identifier is cut off.", _replacing(rb"^(%0[aA])+", b"")
    ),
    _identifying("id-sign", "A plus sign before an identifier is dropped.", _replacing(rb"^(\+|%2[bB])(?=\d)", b"")),
    _identifying("id-cut-at-semicolon", "An identifier ends at a semicolon.", _replacing(rb"(;|%3[bB]).*", b"")),
    _identifying("id-cut-at-number-sign", "An identifier ends at an encoded number sign.", _replacing(rb"%23.*", b"")),
    _identifying("id-wide-digits", "Digits of any script are those of an identifier.", _wide),
    _identifying("id-underscores", "An underscore stands for any character of an identifier.", _with_wildcards),
    _failing(
        "id-long",
        "An unknown identifier of more than 400 characters is answered with 400.",
        400,
        lambda identifier: len(identifier) > 400,
    ),
    _failing(
        "id-beyond-basic-plane",
        "An identifier beyond the basic plane crashes the server.",
        500,
        lambda identifier: b"%F0" in identifier,
    ),
    _failing(
        "id-surrogate",
        "An identifier with an encoded surrogate crashes the server.",
        500,
        lambda identifier: b"%ED%A" in identifier,
    ),
    receiving(
        "id-not-decoded-by-updates",
        "The identifier of an update is not decoded.",
        lambda call: call.of(call.identifier.replace(b"%", b"%25")) if call.is_update else call,
    ),
    _identifying("id-32-bits", "An identifier of digits is cut to 32 bits.", _in_32_bits),
    _identifying("id-hexadecimal", "An identifier in hexadecimal is a number, too.", _from_hexadecimal),
    _identifying("id-fraction", "An identifier of digits loses a fraction of zero.", _replacing(rb"(?<=\d)\.0+$", b"")),
    _identifying(
        "id-grouped",
        "Underscores between the digits of an identifier are dropped.",
        _replacing(rb"(?<=\d)_(?=\d)", b""),
    ),
    _identifying("id-list", "Of a list of identifiers the first counts.", _replacing(rb"(,|%2[cC]).*", b"")),
    _identifying("id-minus", "A minus sign before an identifier is dropped.", _replacing(rb"^-(?=\d)", b"")),
    _identifying(
        "id-invisible",
        "Signs of an identifier that are not seen are dropped.",
        _replacing(rb"(?i)%E2%80%8[BCD]|%EF%BB%BF", b""),
    ),
    _identifying(
        "id-no-break-space", "No-break spaces behind an identifier are cut off.", _replacing(rb"(?i)(%C2%A0)+$", b"")
    ),
    _failing(
        "id-backslash", "A backslash in an identifier crashes the server.", 500, lambda identifier: b"%5C" in identifier
    ),
    around("head-not-decoded", "The identifier of HEAD is not decoded.", _head_undecoded),
    receiving("id-overlong", "Overlong forms of UTF-8 are read in identifiers.", _overlong_read),
    receiving("id-64-bits", "An identifier of digits is cut to 64 bits.", _cut_to_64_bits),
]

"""The `Prefer` header of RFC 7240: which preferences a request states. What they mean is not known here."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Possessive throughout: what is hostile takes no longer than what is not.
_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
_QUOTED = rb'"(?:[^"\\]|\\.)*+"'
_PREFERENCE = re.compile(
    rb"[ \t,]*+(%b)(?:[ \t]*+=[ \t]*+(%b|%b)?+)?+" % (_TOKEN, _QUOTED, _TOKEN)
    + rb'(?:[ \t]*+;(?:%b|[^",])*+)?+[ \t]*+(?:,|$)' % _QUOTED
)
_ESCAPED = re.compile(r"\\(.)")


def preferences(values: Sequence[bytes]) -> dict[str, str]:
    """The preferences of all `Prefer` headers, by their names in lower case; one without a value has an empty text.

    The first of several with one name counts. What follows something that is no preference is not read.
    """
    found: dict[str, str] = {}
    for value in values:
        end = 0
        while match := _PREFERENCE.match(value, end):
            end = match.end()
            text = (match[2] or b"").decode("latin-1")
            unquoted = _ESCAPED.sub(r"\1", text[1:-1]) if text.startswith('"') else text
            found.setdefault(match[1].decode().lower(), unquoted)
    return found

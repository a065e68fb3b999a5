"""Servers that change texts on the way."""

from __future__ import annotations

import datetime as dt
import html
import re
import unicodedata
from collections.abc import Callable
from urllib.parse import unquote

from ._mutant import Document, Mutant, optional
from ._ways import member, names, replacing, storing, strings


def _texts(name: str, defect: str, change: Callable[[str], str]) -> Mutant:
    """A server that keeps texts in another form."""
    return storing(name, defect, strings(change))


def _text(name: str, defect: str, field: str, change: Callable[[str], str]) -> Mutant:
    """A server that keeps one text in another form."""
    return storing(name, defect, member(field, change, of=str))


def _as_phone(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    is_phone = re.fullmatch(r"\+?[\d ().-]+", text) is not None and 10 <= len(digits) <= 12
    return f"+{digits}" if is_phone else text


def _as_email(text: str) -> str:
    local, at, domain = text.rpartition("@")
    return f"{local}@{domain.lower()}" if at else text


def _as_calendar_has_it(text: str) -> str:
    """Carry days that a month does not have over to the next."""
    found = re.fullmatch(r"([1-9]\d{3})-(0[1-9]|1[0-2])-(\d\d)", text)
    if found is None:
        return text
    year, month, day = map(int, found.groups())
    return (dt.date(year, month, 1) + dt.timedelta(days=day - 1)).isoformat()


def _optional_if(word: str) -> Callable[[Document], Document]:
    """Return what removes optional properties that are sent as a word."""
    return lambda changes: {
        name: None if name in optional() and value == word else value for name, value in changes.items()
    }


_HEX = "[0-9A-Fa-f]"
_STATES = {"California": "CA", "New York": "NY", "Texas": "TX"}


def _as_uuid(text: str) -> str:
    return text.lower() if re.fullmatch(rf"{_HEX}{{8}}(-{_HEX}{{4}}){{3}}-{_HEX}{{12}}", text) else text


def _in_punycode(text: str) -> str:
    local, at, domain = text.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}" if at else text
    except UnicodeError:
        return text


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
    _texts("plus-is-space", "Plus signs in texts become spaces.", lambda text: text.replace("+", " ")),
    _texts("cut-at-4000", "Texts end after 4000 characters.", lambda text: text[:4000]),
    _texts(
        "non-characters-dropped",
        "Code points that are no characters are dropped.",
        replacing("[\ufdd0-\ufdef\ufffe\uffff]", ""),
    ),
    _texts(
        "joiners-dropped",
        "Zero-width joiners and spaces are dropped.",
        replacing("[\u200b-\u200d\u2060\ufe0f]", ""),
    ),
    _texts("no-break-spaces-replaced", "No-break spaces become spaces.", lambda text: text.replace("\u00a0", " ")),
    _texts(
        "quotes-straightened",
        "Curly quotes become straight ones.",
        lambda text: text.replace("\u2019", "'").replace("\u201c", '"'),
    ),
    _texts(
        "formulas-quoted",
        "Texts that a spreadsheet would take for a formula get a quote.",
        replacing("^([=@])", r"'\1"),
    ),
    _texts(
        "long-numbers-rounded",
        "Texts of more than 15 digits are rounded.",
        lambda text: str(int(float(text))) if re.fullmatch(r"[1-9]\d{15,30}", text) else text,
    ),
    _text("phone-normalised", "A phone number is kept as +digits.", "phone", _as_phone),
    _text("email-domain-small", "The domain of an e-mail address is kept in small letters.", "email", _as_email),
    _text("tax-id-digits", "An SSN loses its hyphens.", "taxId", replacing(r"^(\d{3})-(\d\d)-(\d{4})$", r"\1\2\3")),
    _text(
        "currency-capital",
        "A currency of three letters is kept in capitals.",
        "currency",
        lambda text: text.upper() if re.fullmatch("[A-Za-z]{3}", text) else text,
    ),
    _text(
        "date-of-birth-iso",
        "A dateOfBirth of the US is kept by ISO 8601.",
        "dateOfBirth",
        replacing(r"^(\d\d)/(\d\d)/(\d{4})$", r"\3-\1-\2"),
    ),
    _text(
        "balance-without-commas",
        "A balance loses its commas.",
        "balance",
        lambda text: text.replace(",", "") if re.fullmatch(r"[\d,]+(\.\d+)?", text) else text,
    ),
    _text("name-cut-at-32767", "A name ends after 32767 characters.", "name", lambda text: text[:32767]),
    _texts("private-dropped", "Code points for private use are dropped.", replacing("[\ue000-\uf8ff]", "")),
    _texts("modifiers-dropped", "Modifiers of emoji are dropped.", replacing("[\U0001f3fb-\U0001f3ff]", "")),
    _texts(
        "escapes-resolved",
        "Escapes in texts are resolved once more.",
        lambda text: text.replace("\\n", "\n").replace("\\t", "\t"),
    ),
    _texts("templates-filled", "Templates in texts are filled in.", replacing(r"\$\{\w+\}", "")),
    storing("capital-null-removes", "An optional property sent as the text NULL is removed.", _optional_if("NULL")),
    storing(
        "undefined-removes", "An optional property sent as the text undefined is removed.", _optional_if("undefined")
    ),
    _text(
        "date-of-birth-carried",
        "A dateOfBirth that there is not becomes one that there is.",
        "dateOfBirth",
        _as_calendar_has_it,
    ),
    _text("date-of-birth-zero", "A dateOfBirth of zeros is emptied.", "dateOfBirth", replacing("^0000-00-00$", "")),
    _texts("uuid-small", "UUIDs are kept in small letters.", _as_uuid),
    _texts(
        "uuid-hyphens",
        "UUIDs without hyphens get them.",
        replacing(rf"\A({_HEX}{{8}})({_HEX}{{4}})({_HEX}{{4}})({_HEX}{{4}})({_HEX}{{12}})\Z", r"\1-\2-\3-\4-\5"),
    ),
    _text(
        "tax-id-hyphens",
        "A taxId of nine digits gets the hyphens of an SSN.",
        "taxId",
        replacing(r"\A(\d{3})(\d\d)(\d{4})\Z", r"\1-\2-\3"),
    ),
    _text("email-tag-dropped", "An e-mail address loses its tag.", "email", replacing(r"\+[^@]*@", "@")),
    _text("email-punycode", "The domain of an e-mail address is kept in ASCII.", "email", _in_punycode),
    _text(
        "phone-extension-cut",
        "A phone number loses its extension.",
        "phone",
        replacing(r"(?<=\d) *(ext\.?|x) *\d+\Z", ""),
    ),
    storing(
        "state-code",
        "The name of a state becomes its code.",
        member("address", member("state", lambda state: _STATES.get(state, state), of=str), of=dict),
    ),
    _text("balance-unsigned", "A balance loses its sign.", "balance", replacing(r"\A-(?=\d)", "")),
    storing("none-removes", "An optional property sent as the text None is removed.", _optional_if("None")),
    storing("not-available-removes", "An optional property sent as the text N/A is removed.", _optional_if("N/A")),
]

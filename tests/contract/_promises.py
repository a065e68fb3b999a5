"""What every answer must keep, whoever asked for it: status, headers, schema, envelope, and that it keeps secrets."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

from ._ledger import Ledger
from ._spec import NO_NULLS, Answer, Claim, Operation, Spec, keyword_claim
from ._values import errors_of
from ._wire import JSON_TYPE, Exchange, NotJSONError, Request

Json = Any

OK = 200
_FIRST, _LAST = 10**12, 10**13
"""Times from 2001 to 2286 in milliseconds; no time of these years is in there in seconds or in microseconds."""
_PUNCTUAL = 600_000
"""Milliseconds by which a server's clocks may differ; another time zone does by more."""
_METHOD_NOT_ALLOWED, _UNAUTHORIZED, _FIRST_ERROR = 405, 401, 400
_STATUS = Claim("documented-status", "An operation answers with a status that the spec lists for it.", inferred=False)
_MEDIA_TYPE = Claim("media-type", "An answer with a body is application/json.", inferred=False)
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


class Promises:
    """Holds answers to what the spec says of all of them."""

    def __init__(self, spec: Spec, ledger: Ledger) -> None:
        self.spec, self.ledger = spec, ledger

    def held(self, exchange: Exchange) -> None:
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
            at = error.get("occurredAt")
            self.ledger.holds("error-envelope", counts_milliseconds(at), "occurredAt counts no milliseconds", exchange)
            self.ledger.holds(
                "error-envelope", is_punctual(at, exchange), "occurredAt is not the time of the error", exchange
            )

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


def counts_milliseconds(value: Json) -> bool:
    """Whether a time, if it is a number at all, is one of this century in milliseconds."""
    return _FIRST <= number(value, _FIRST) < _LAST


def is_punctual(value: Json, exchange: Exchange) -> bool:
    """Whether a time, if it is a number at all, is that of an answer."""
    now = _now(exchange)
    return abs(number(value, now) - now) < _PUNCTUAL


def listed(exchange: Exchange, name: str) -> set[str]:
    """Return the members of a header that is a list, on however many lines it came, in small letters."""
    values = ",".join(exchange.headers.get_all(name, []))
    return {member.strip().lower() for member in values.split(",") if member.strip()}


def number(value: Json, default: float = 0) -> float:
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

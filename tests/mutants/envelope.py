"""Servers whose answers have another form or another status than the specification says."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from ._mutant import Answer, Call
from ._ways import answering, errors, member, refusing, saying, showing, without

_INTERNALS = {
    "traceback-shown": ("a stack trace", 'Traceback (most recent call last): File "app.py", line 42'),
    "java-trace": (
        "a stack trace of Java",
        (
            "java.lang.NullPointerException at com.trustly.customers.CustomerService.update(CustomerService.java:118) "
            "at org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:897)"
        ),
    ),
    "node-trace": (
        "a stack trace of Node",
        "TypeError: Cannot read properties of undefined at updateCustomer (/srv/app/dist/customers.js:118:27)",
    ),
    "go-trace": (
        "a stack trace of Go",
        "panic: runtime error: index out of range goroutine 17 [running]: main.update(0xc000) /srv/main.go:118 +0x1d",
    ),
    "database-shown": (
        "what the database said",
        (
            'pq: duplicate key value violates unique constraint "customers_external_id_key" '
            "on DELETE FROM customers WHERE id = $1"
        ),
    ),
    "rust-trace": (
        "a panic of Rust",
        "thread 'main' panicked at src/customers.rs:118:27: called `Option::unwrap()` on a `None` value",
    ),
    "dotnet-shown": (
        "an exception of .NET",
        "System.NullReferenceException: Object reference not set to an instance of an object.",
    ),
    "mysql-shown": (
        "what MySQL said",
        "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version",
    ),
    "mongo-shown": ("what MongoDB said", "E11000 duplicate key error collection: prod.customers index: email_1"),
    "spring-shown": (
        "an exception of Spring",
        "org.springframework.web.bind.MethodArgumentNotValidException: Validation failed for argument [1]",
    ),
    "network-shown": ("an address of the network inside", "connect ECONNREFUSED 10.0.3.17:5432"),
}


def _to_update(change: Callable[[Answer], Answer]) -> Callable[[Call, Answer], Answer]:
    return lambda call, answer: change(answer) if call.is_update and answer.status == 200 else answer


def _values(change: Callable[[str], str]) -> Callable[[Call], str]:
    return lambda call: ", ".join(change(str(value)) for value in call.changes.values() if value)


def _snippet(call: Call) -> str:
    malformed = call.is_update and call.json is None
    return f"Unexpected token near {call.body[:60].decode('utf-8', 'replace')!r}" if malformed else ""


def _identifier_in_header(call: Call, answer: Answer) -> Answer:
    return answer.having(b"x-error", b"no customer " + call.identifier) if answer.status == 404 else answer


def _plain(text: bytes, media_type: bytes) -> Callable[[Answer], Answer]:
    return lambda answer: answer.holding(text).having(b"content-type", media_type)


def _file_in_header(answer: Answer) -> Answer:
    return answer.having(b"x-debug-exception-file", b"/var/www/src/Controller/CustomerController.php:118")


def _media_type(call: Call) -> str:
    return (call.header(b"content-type") or b"").decode("latin-1")


def _as_doubles(call: Call) -> str:
    return " ".join(str(float(value)) for value in call.changes.values() if type(value) is int and value < 10**300)


def _near_the_error(call: Call) -> str:
    text = call.body.decode("utf-8", "replace")
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        if call.is_update and error.msg.startswith("Expecting") and error.pos < len(text):
            return f"Unexpected token in {text[max(error.pos - 10, 0) : error.pos + 10]}"
    except RecursionError:
        pass
    return ""


def _of_jackson(call: Call) -> str:
    is_json = not call.is_update or call.json is not None
    return "" if is_json else "Unexpected character at [Source: (PushbackInputStream); line: 1, column: 5]"


MUTANTS = [
    answering(
        "update-unwrapped",
        "An update is answered with the customer without its wrapper.",
        _to_update(lambda answer: answer.telling(answer.customer)),
    ),
    answering("update-empty", "An update is answered with nothing.", _to_update(lambda answer: answer.holding(b""))),
    answering("update-201", "An update is answered with 201.", _to_update(lambda answer: replace(answer, status=201))),
    answering(
        "update-204",
        "An update is answered with 204.",
        _to_update(lambda answer: replace(answer, status=204, body=b"").having(b"content-length", None)),
    ),
    answering(
        "answer-cut",
        "The JSON of an answer to an update ends too early.",
        _to_update(lambda answer: answer.holding(answer.body[:-1])),
    ),
    answering(
        "answer-nan",
        "An answer to an update holds NaN.",
        _to_update(lambda answer: answer.holding(answer.body[:-1] + b',"n":NaN}')),
    ),
    answering(
        "answer-name-twice",
        "An answer to an update has a name twice.",
        _to_update(lambda answer: answer.holding(answer.body[:-1] + b"," + answer.body[1:])),
    ),
    answering(
        "answer-latin-1",
        "Answers to updates are encoded in latin-1.",
        _to_update(
            lambda answer: answer.holding(json.dumps(answer.json, ensure_ascii=False).encode("latin-1", "replace"))
        ),
    ),
    showing(
        "nulls-shown",
        "A property without a value is shown as null.",
        lambda customer: {**dict.fromkeys(["vip", "balance"]), **customer},
    ),
    showing(
        "null-of-its-own",
        "A property that the specification does not name is shown as null.",
        lambda customer: {**customer, "note": None},
    ),
    showing("phone-missing", "The phone is missing from reads.", without("phone"), only="GET"),
    showing(
        "customer-id-missing", "customerId is missing from the answers to updates.", without("customerId"), only="POST"
    ),
    showing(
        "customer-id-other",
        "customerId is another one than in the path.",
        member("customerId", lambda value: f"c{value}"),
    ),
    showing(
        "address-flat",
        "The address is shown as text.",
        member("address", lambda address: ", ".join(map(str, address.values()))),
        only="GET",
    ),
    showing(
        "enroll-date-shown-in-seconds", "enrollDate is shown in seconds.", member("enrollDate", lambda at: at // 1000)
    ),
    showing(
        "custom-data-shown-as-text", "customData are shown as the text of their JSON.", member("customData", json.dumps)
    ),
    showing("tax-id-masked", "A taxId is shown with stars in it.", member("taxId", lambda text: "*" * len(text))),
    refusing(
        "error-alone",
        "An error is told without the list of errors.",
        lambda answer: answer.telling({"error": answer.json["errors"][0]}) if answer.body else answer,
    ),
    refusing("error-texts", "Errors are texts.", errors(lambda error: error["message"])),
    refusing("error-without-code", "Errors have no code.", errors(without("code"))),
    refusing("error-code-text", "The code of an error is text.", errors(member("code", str))),
    refusing(
        "error-occurred-iso",
        "The time of an error is written by ISO 8601.",
        errors(lambda error: {**error, "occurredAt": "2019-04-19T18:00:36Z"}),
    ),
    refusing("plain-400", "A bad request is answered in plain text.", _plain(b"Bad Request", b"text/plain"), 400),
    refusing("empty-404", "An unknown customer is answered with nothing.", lambda answer: answer.holding(b""), 404),
    refusing(
        "problem-415",
        "Another media type is answered with problem details.",
        _plain(b'{"title":"Unsupported Media Type"}', b"application/problem+json"),
        415,
    ),
    refusing("invalid-422", "An invalid update is answered with 422.", lambda answer: replace(answer, status=422), 400),
    refusing(
        "invalid-200",
        "An invalid update is answered with 200 and the errors.",
        lambda answer: replace(answer, status=200),
        400,
    ),
    refusing(
        "unknown-410", "An unknown customer is answered with 410.", lambda answer: replace(answer, status=410), 404
    ),
    refusing(
        "too-long-400", "A body that is too long is answered with 400.", lambda answer: replace(answer, status=400), 413
    ),
    saying("values-repeated", "Errors repeat the values of the request.", _values(str)),
    saying(
        "path-repeated", "Errors repeat the identifier of the path.", lambda call: call.identifier.decode("latin-1")
    ),
    saying(
        "beginnings-repeated",
        "Errors repeat the beginning of the values of the request.",
        _values(lambda value: value[:8]),
    ),
    saying("values-in-capitals", "Errors repeat the values of the request in capitals.", _values(str.upper)),
    saying("snippet-repeated", "The error for malformed JSON repeats some of it.", _snippet),
    answering("id-in-header", "A header of an error repeats the identifier.", _identifier_in_header),
    *(saying(name, f"Errors show {what}.", text) for name, (what, text) in _INTERNALS.items()),
    refusing("errors-none", "An error is told in an empty list.", lambda answer: answer.telling({"errors": []})),
    saying("type-repeated", "The error for another media type repeats it.", _media_type, 415),
    saying("doubles-repeated", "Errors repeat the numbers of the request as doubles.", _as_doubles),
    refusing("file-in-header", "A header of an error shows a file.", _file_in_header, 400),
    saying(
        "jackson-shown",
        "Errors show what Jackson said.",
        "Cannot deserialize value of type `java.lang.String` from Object value (token `JsonToken.START_OBJECT`)",
        400,
    ),
    saying(
        "aspnet-shown",
        "Errors show what ASP.NET said.",
        "The JSON value could not be converted to System.String. Path: $.name | LineNumber: 0.",
        400,
    ),
    saying(
        "go-struct-shown",
        "Errors show a structure of Go.",
        "json: cannot unmarshal number into Go struct field Customer.name of type string",
        400,
    ),
    saying("python-shown", "Errors show what Python said.", "'NoneType' object has no attribute 'get'", 400),
    saying(
        "javascript-shown",
        "Errors show what JavaScript said.",
        "Cannot read properties of undefined (reading 'country')",
        400,
    ),
    saying(
        "parser-snippet", "A body that is no JSON is shown around the place where it is none.", _near_the_error, 400
    ),
    saying("parser-source", "A body that is no JSON is answered with what Jackson said.", _of_jackson, 400),
]

"""What an operator asks of a running sandbox, as methods. It knows the sandbox by what goes over the wire alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import UnionType
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from ._config import checked_url
from ._errors import InvalidRequestError

DEFAULT_URL = "http://127.0.0.1:8086"

Customer = dict[str, Any]
Status = int | str
"""A status by its number or its digits; `none` where nothing was sent."""

_SECONDS = 30.0
_START = "start one with `trustly-customers sandbox`"


class OperatorError(Exception):
    """The sandbox did not do what was asked. The text is one sentence and holds no personal data."""

    def __init__(self, sentence: str, status: int | None = None) -> None:
        """The status is None where no answer came."""
        super().__init__(sentence)
        self.status = status


class OperatorClient:
    """The operator's side of one namespace. Every method may raise OperatorError.

    The namespace and the server are those of the HTTP client's credentials and of its base URL, whatever its path.
    """

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def health(self) -> dict[str, Any]:
        """Whether the process serves."""
        return _members(self._send("GET", "health"), status=str)

    def ready(self) -> dict[str, Any]:
        """Whether its store answers; OperatorError with status 503 where not."""
        return _members(self._send("GET", "ready"), status=str)

    def metrics(self) -> str:
        """Its metrics in Prometheus's text format."""
        return self._send("GET", "metrics").content.decode(errors="replace")

    def customers(self, *, page: int = 1000) -> Iterator[Customer]:
        """All customers, in the order of their ids, read in pages."""
        after: str | None = None
        while True:
            answer = self._send("GET", "customers", {"after": after, "limit": page})
            found = _members(answer, customers=list, next=str | None)
            yield from found["customers"]
            after = found["next"]
            if after is None:
                return

    def show_customer(self, customer_id: str) -> Customer:
        """One customer."""
        return _customer(self._send("GET", _path("customers", customer_id)))

    def create_customer(self, customer: Mapping[str, Any]) -> Customer:
        """Add a customer; what only the provider sets, the id too, is made up where it is missing."""
        return _customer(self._send("POST", "customers", content=customer))

    def replace_customer(self, customer_id: str, customer: Mapping[str, Any]) -> Customer:
        """Put a customer in the place of another, or where there was none."""
        return _customer(self._send("PUT", _path("customers", customer_id), content=customer))

    def delete_customer(self, customer_id: str) -> None:
        """Delete a customer."""
        self._send("DELETE", _path("customers", customer_id))

    def reset(self) -> None:
        """Go back to the two examples, without faults and with an empty journal. Snapshots stay."""
        self._send("POST", "reset")

    def delete_namespace(self) -> None:
        """Forget all there is, snapshots too."""
        self._send("DELETE", "namespace")

    def snapshots(self) -> list[str]:
        """The names of the snapshots."""
        names: list[str] = _members(self._send("GET", "snapshots"), snapshots=list)["snapshots"]
        return names

    def take_snapshot(self, name: str) -> None:
        """Keep the customers as they are under a name; a snapshot of that name is replaced."""
        self._send("PUT", _path("snapshots", name))

    def restore_snapshot(self, name: str) -> None:
        """Go back to the customers of a snapshot."""
        self._send("POST", _path("snapshots", name, "restore"))

    def delete_snapshot(self, name: str) -> None:
        """Forget a snapshot."""
        self._send("DELETE", _path("snapshots", name))

    def requests(  # noqa: PLR0913 - the parameters of the endpoint, all by keyword
        self,
        *,
        operation: str | None = None,
        customer_id: str | None = None,
        status: Status | None = None,
        method: str | None = None,
        since: int | None = None,
        after: int | None = None,
        limit: int | None = None,
        unmask: bool = False,
        wait: int = 0,
        count: int = 1,
    ) -> dict[str, Any]:
        """Find requests in the journal: `{"requests": [...], "count": n}`, the newest `limit`, oldest first.

        With `wait`, in seconds, answers as soon as `count` of them are there, or with fewer when the time is over.
        """
        parameters = {
            "operation": operation,
            "customerId": customer_id,
            "status": status,
            "method": method,
            "since": since,
            "after": after,
            "limit": limit,
            "unmask": "true" if unmask else None,
            "wait": wait or None,
            "count": count if wait else None,
        }
        answer = self._send("GET", "requests", parameters, seconds=wait + _SECONDS)
        return _members(answer, requests=list, count=int)

    def clear_requests(self) -> None:
        """Empty the journal."""
        self._send("DELETE", "requests")

    def faults(self) -> list[dict[str, Any]]:
        """The rules that are not spent."""
        rules: list[dict[str, Any]] = _members(self._send("GET", "faults"), rules=list)["rules"]
        return rules

    def add_fault(self, *faults: str | Mapping[str, Any], **rule: Any) -> dict[str, Any]:
        """Let requests meet faults, given by their names or with parameters; the rest of the rule by keyword."""
        return self.add_rule({"faults": faults, **rule})

    def add_rule(self, rule: Mapping[str, Any]) -> dict[str, Any]:
        """Add a rule in its JSON form, and return it with its id."""
        added: dict[str, Any] = _members(self._send("POST", "faults", content=rule), rule=dict)["rule"]
        return added

    def delete_fault(self, rule_id: int) -> None:
        """Drop a rule."""
        self._send("DELETE", _path("faults", str(rule_id)))

    def clear_faults(self) -> None:
        """Drop all rules."""
        self._send("DELETE", "faults")

    def fault_catalogue(self) -> list[dict[str, Any]]:
        """The faults there are, each with its parameters."""
        faults: list[dict[str, Any]] = _members(self._send("GET", "faults/catalogue"), faults=list)["faults"]
        return faults

    def _send(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        content: Mapping[str, Any] | None = None,
        seconds: float = _SECONDS,
    ) -> httpx.Response:
        if self._http.is_closed:
            raise OperatorError("the client of the sandbox is closed; stay within its `with` block; nothing was sent")
        given = {name: value for name, value in (parameters or {}).items() if value is not None}
        # httpx's own `json` writes a lone surrogate as it is, and then cannot encode it.
        body = None if content is None else json.dumps(content).encode()
        try:
            answer = self._http.request(
                method,
                self._http.base_url.join(f"/_sandbox/{path}?{urlencode(given, errors='surrogatepass')}"),
                content=body,
                headers={} if body is None else {"Content-Type": "application/json"},
                timeout=seconds,
            )
        except httpx.HTTPError as error:
            sentence = f"no sandbox answers at {_origin(self._http)} ({type(error).__name__}); {_START}"
        except httpx.InvalidURL:
            sentence = "an identifier or another parameter is too long for a URL; nothing was sent"
        else:
            if not answer.is_success:
                raise _refused(answer)
            return answer
        # Raised out here: the library's error holds the request, and that the credentials.
        raise OperatorError(sentence)


@contextmanager
def operator_client(url: str, access_id: str, access_key: str, *, namespace: str = "") -> Iterator[OperatorClient]:
    """Reach the sandbox at a URL over the network; no proxy of the environment comes between.

    Raises InvalidRequestError for what is no URL, for plain http to another machine, and for credentials that are no
    Unicode.
    """
    auth = _auth(f"{access_id}~{namespace}" if namespace else access_id, access_key)
    with httpx.Client(base_url=checked_url(url, what="the URL"), auth=auth, trust_env=False) as http:
        yield OperatorClient(http)


def _auth(user: str, access_key: str) -> httpx.BasicAuth:
    with suppress(UnicodeEncodeError):
        return httpx.BasicAuth(user, access_key)
    # Raised out here: the error holds the credentials.
    raise InvalidRequestError("the access id, its namespace and the access key must be valid Unicode")


def _path(*parts: str) -> str:
    # Dots encoded too: every URL library takes a part that is only dots for another path.
    return "/".join(quote(part, safe="", errors="surrogatepass").replace(".", "%2E") for part in parts)


def _members(answer: httpx.Response, **kinds: type | UnionType) -> dict[str, Any]:
    """The JSON object of an answer; OperatorError where a member is missing or of another kind."""
    found = _json(answer)
    if isinstance(found, dict) and all(isinstance(found.get(name, ...), kind) for name, kind in kinds.items()):
        return found
    raise _not_a_sandbox(answer.status_code)


def _json(answer: httpx.Response) -> Any:
    """What an answer holds, or None where that is no JSON."""
    try:
        return answer.json()
    except (ValueError, RecursionError):
        return None


def _customer(answer: httpx.Response) -> Customer:
    customer: Customer = _members(answer, customer=dict)["customer"]
    return customer


def _refused(answer: httpx.Response) -> OperatorError:
    found = _json(answer)
    sentence = found.get("error") if isinstance(found, dict) else None
    return (
        OperatorError(sentence, answer.status_code) if isinstance(sentence, str) else _not_a_sandbox(answer.status_code)
    )


def _not_a_sandbox(status: int) -> OperatorError:
    return OperatorError(f"what answers there, with status {status}, is no sandbox of this version", status)


def _origin(http: httpx.Client) -> str:
    url = http.base_url
    return f"{url.scheme}://{url.netloc.decode('ascii')}"

"""What must be true before the first case: a server that may be tested, is there, knows us and the customers.

A run that skips this can be green because every answer was a 404. Nothing here changes a customer.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from ._spec import Spec
from ._target import NotRunError, Target
from ._wire import Connection, Exchange, NotJSONError, Request, UnreachableError, basic, encode_id

_LEAST_IDS = 2
_OK, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 200, 401, 403, 404


def refuse_unsafe(target: Target, spec: Spec, environment: Mapping[str, str]) -> None:
    """Raise NotRunError, before anything is sent, for incomplete settings or a server that is not for tests."""
    url = _split(target.base_url)
    host = url.hostname or ""
    if not is_loopback(host):
        _refuse_remote(url, host, spec, allowed=environment.get("CONTRACT_REMOTE") == "1")
    if not target.access_id or not target.access_key:
        raise NotRunError("no credentials: set TRUSTLY_ACCESS_ID and TRUSTLY_ACCESS_KEY in the environment")
    if len(target.ids) < _LEAST_IDS:
        raise NotRunError(
            f"CUSTOMER_IDS names {len(target.ids)} customers: name at least two that exist, separated by a comma"
        )
    if not spec.path_parameter.get("example"):
        name = spec.path_parameter["name"]
        raise NotRunError(
            f"the path parameter {name} has no example in the spec: without one, generated requests find no customer"
        )


def probe(target: Target, spec: Spec) -> None:
    """Read each customer once; raise NotRunError when one cannot be read."""
    connection = Connection(target.base_url)
    try:
        for customer_id in target.ids:
            path = spec.read.path.replace(f"{{{spec.path_parameter['name']}}}", encode_id(customer_id))
            headers = {"Authorization": basic(target.access_id, target.access_key)}
            _judge(connection.send(Request(spec.read.method, path, headers)), customer_id, target, spec)
    except UnreachableError as error:
        raise NotRunError(
            f"{target.base_url} cannot be reached: {error}; start the server or correct BASE_URL"
        ) from None
    finally:
        connection.close()


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _split(base_url: str) -> SplitResult:
    try:
        url = urlsplit(base_url)
        _ = url.port
    except ValueError:
        url = urlsplit("")
    if url.scheme not in {"http", "https"} or not url.hostname or url.query or url.fragment or url.username:
        raise NotRunError(
            "BASE_URL is no base URL: one looks like http://127.0.0.1:8086/api/v1, with no credentials and no query"
        )
    return url


def _refuse_remote(url: SplitResult, host: str, spec: Spec, *, allowed: bool) -> None:
    production = spec.hosts("production")
    # The provider's pages disagree on whether the live host has its first label.
    if host in production | {name.partition(".")[2] for name in production}:
        raise NotRunError(f"{host} is the live environment: the check changes customers, so it does not run there")
    if url.scheme != "https":
        raise NotRunError(
            f"BASE_URL must be https for {host}: credentials and customer data do not travel in the clear"
        )
    if not allowed:
        raise NotRunError(
            f"{host} is not this machine: the check changes the customers it is given; say REMOTE=1 if that is meant"
        )


def _judge(exchange: Exchange, customer_id: str, target: Target, spec: Spec) -> None:
    status = exchange.status
    if status in {_UNAUTHORIZED, _FORBIDDEN}:
        msg = f"{target.base_url} refuses the credentials ({status}): correct TRUSTLY_ACCESS_ID and TRUSTLY_ACCESS_KEY"
    elif status != _OK and not target.base_url.endswith(spec.base_path):
        msg = f"{target.base_url} answers {status}: BASE_URL should probably end in {spec.base_path}"
    elif status == _NOT_FOUND:
        msg = f"customer {customer_id} does not exist at {target.base_url}: CUSTOMER_IDS must name customers that do"
    elif status != _OK:
        msg = (
            f"{target.base_url} answers {status} when customer {customer_id} is read: the check needs a working server"
        )
    elif not _holds_customer(exchange, spec):
        msg = f"{target.base_url} answers 200 without a `{spec.wrapper}` object: it does not seem to serve this API"
    else:
        return
    raise NotRunError(msg)


def _holds_customer(exchange: Exchange, spec: Spec) -> bool:
    try:
        answer = exchange.json()
    except NotJSONError:
        return False
    return isinstance(answer, dict) and isinstance(answer.get(spec.wrapper), dict)

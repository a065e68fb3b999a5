"""What must be true before the first case: a server that may be tested, is there, knows us and the customers.

A run that skips this can be green because every answer was a 404. Nothing here changes a customer.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from ._server import NoAnswerError, Server
from ._spec import Spec
from ._target import NotRunError, Target, is_loopback
from ._wire import Exchange, NotJSONError, Request, basic, encode_id

_LEAST_IDS = 2
_OK, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 200, 401, 403, 404


def refuse_unsafe(target: Target, spec: Spec, environment: Mapping[str, str]) -> None:
    """Raise NotRunError, before anything is sent, for incomplete settings or a server that is not for tests."""
    if not target.app:
        _refuse_host(_split(target.base_url), spec, environment)
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


def probe(server: Server, spec: Spec) -> None:
    """Read each customer once; raise NotRunError when one cannot be read."""
    target, link = server.target, server.connect()
    try:
        for customer_id in target.ids:
            path = spec.read.path.replace(f"{{{spec.path_parameter['name']}}}", encode_id(customer_id))
            headers = {"Authorization": basic(target.access_id, target.access_key)}
            _judge(link.send(Request(spec.read.method, path, headers)), customer_id, target, spec)
    except NoAnswerError as error:
        raise NotRunError(
            f"{target.base_url} cannot be reached: {error}; start the server or correct BASE_URL"
        ) from None
    finally:
        link.close()


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


def _refuse_host(url: SplitResult, spec: Spec, environment: Mapping[str, str]) -> None:
    host = url.hostname or ""
    local = is_loopback(url.geturl())
    if not local and url.scheme != "https":
        raise NotRunError(
            f"BASE_URL must be https for {host}: credentials and customer data do not travel in the clear"
        )
    if not local and environment.get("CONTRACT_REMOTE") != "1":
        raise NotRunError(
            f"{host} is not this machine: the check changes the customers it is given; say REMOTE=1 if that is meant"
        )
    production = spec.hosts("production")
    # The provider's pages disagree on whether the live host has its first label.
    live = host in production | {name.partition(".")[2] for name in production}
    if live and (environment.get("CONTRACT_REMOTE") != "1" or environment.get("CONTRACT_PRODUCTION") != host):
        raise NotRunError(
            f"{host} is the live environment: the check changes customers there; say both REMOTE=1 and "
            f"PRODUCTION={host} if that is meant"
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

"""What a client is told when it is made: checked here, once, and kept out of every repr."""

from __future__ import annotations

import base64
import ipaddress
import os
import re
import ssl
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypedDict, cast
from urllib.parse import urlsplit

from trustly_api.contract import SERVERS, Environment

from ._calls import Call
from ._errors import InvalidRequestError, RawResponse
from ._hidden import Hidden, Problem

Hook = Callable[[Call], AbstractContextManager[object]]
"""Gives, called with a `Call` that begins, a context manager that is around it. What it raises never ends the call."""

LONGEST: Final = 86_400  # seconds: a day; sockets refuse what is very much longer

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class RequestOptions(TypedDict, total=False):
    """What can be set of a client, and of a copy of it by `with_options`."""

    timeout: float
    """Seconds for one try, from the connection to the last byte of the answer; 30 by default."""

    deadline: float
    """Seconds for a whole call, all tries and the pauses between them included; 90 by default."""

    max_retries: int
    """How often a failed try is followed by another at the most; 2 by default, 0 switches retries off."""

    retry_updates: bool
    """Whether `update` is tried again also when the failed try may have been applied; False by default.

    The same properties are set once more, which may overwrite what somebody else changed in between.
    """

    max_retry_after: float
    """The longest `Retry-After` that is waited for, in seconds; 30 by default. Beyond it the call fails at once."""

    max_response_bytes: int
    """The longest body that is read, in bytes after decompression; 8 MiB by default."""

    validate: bool
    """Whether bodies are held to the specification before they are sent; True by default."""

    on_response: Callable[[RawResponse], object] | None
    """Called with each answer as it arrived, also those that end in an error or another try."""

    hooks: Sequence[Hook]
    """Called with a `Call` for each call, to give a context manager that is around it: metrics, tracing."""


class ClientOptions(RequestOptions, total=False):
    """What can be set of a client besides its credentials and its transport."""

    environment: Environment
    """`"sandbox"` (the default) or `"production"`, the provider's two."""

    base_url: str | None
    """Another server, instead of an environment: https, or plain http on a loopback address."""

    # The next three are of the client's own transport, and refused beside another.

    ssl_context: ssl.SSLContext | None
    """How servers are verified, for a private CA or a client certificate; the usual authorities by default."""

    proxy: str | None
    """The URL of a proxy; by default the one that the system's settings name for the server, if any."""

    max_connections: int
    """How many connections are open at the same time at the most; 100 by default."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A client's settings, all of them checked."""

    base_url: str
    authorization: Hidden[str]
    timeout: float = 30.0
    deadline: float = 90.0
    max_retries: int = 2
    retry_updates: bool = False
    max_retry_after: float = 30.0
    max_response_bytes: int = 8 * 1024 * 1024
    validate: bool = True
    on_response: Callable[[RawResponse], object] | None = None
    hooks: Sequence[Hook] = ()
    ssl_context: ssl.SSLContext | None = field(default=None, repr=False)
    proxy: str | None = field(default=None, repr=False)
    max_connections: int = 100

    @classmethod
    def checked(
        cls, credentials: Hidden[tuple[str, str]], options: ClientOptions, transport: object = None
    ) -> Settings:
        """Check what a client is told, perhaps together with a transport of the user's.

        Raises:
            InvalidRequestError: an argument is not acceptable; the text names it and says what is allowed.
        """
        authorization = _authorization(credentials)
        if isinstance(authorization, Problem):
            raise InvalidRequestError(authorization)
        check_options(options, ClientOptions)
        if transport is not None:
            _check_beside_transport(options)
        base_url = options.get("base_url")
        environment = options.get("environment", "sandbox")
        rest: dict[str, Any] = {k: v for k, v in options.items() if k not in {"base_url", "environment"}}
        return cls(
            base_url=_environment_url(environment) if base_url is None else checked_url(base_url),
            authorization=Hidden(authorization),
            **rest,
        )

    def changed(self, options: RequestOptions) -> Settings:
        """Return settings with some options changed.

        Raises:
            InvalidRequestError: as `checked`; also for an option that only a new client can have.
        """
        check_options(options, RequestOptions)
        return replace(self, **options)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_hooks(value: object) -> bool:
    return isinstance(value, list | tuple) and all(map(callable, value))


def is_proxy(value: object) -> bool:
    """Say whether a value is the URL of a proxy that can be spoken to."""
    return _host(value) is not None


# By option: what is allowed, in words and as a test.
_ALLOWED: Final[dict[str, tuple[str, Callable[[Any], bool]]]] = {
    "timeout": (f"a number of seconds above 0 and at most {LONGEST}", lambda v: _is_number(v) and 0 < v <= LONGEST),
    "deadline": (f"a number of seconds above 0 and at most {LONGEST}", lambda v: _is_number(v) and 0 < v <= LONGEST),
    "max_retries": ("a whole number, 0 or more", lambda v: _is_whole(v) and v >= 0),
    "retry_updates": ("True or False", lambda v: isinstance(v, bool)),
    "max_retry_after": (f"a number of seconds from 0 to {LONGEST}", lambda v: _is_number(v) and 0 <= v <= LONGEST),
    "max_response_bytes": ("a whole number of bytes, at least 1", lambda v: _is_whole(v) and v >= 1),
    "validate": ("True or False", lambda v: isinstance(v, bool)),
    "on_response": ("callable, or None", lambda v: v is None or callable(v)),
    "hooks": ("a list or tuple of callables", _is_hooks),
    "ssl_context": (
        "an ssl.SSLContext that verifies the server and its name, or None",
        lambda v: (
            v is None or (isinstance(v, ssl.SSLContext) and v.verify_mode == ssl.CERT_REQUIRED and v.check_hostname)
        ),
    ),
    "proxy": ("the http or https URL of a proxy, or None", lambda v: v is None or is_proxy(v)),
    "max_connections": ("a whole number, at least 1", lambda v: _is_whole(v) and v >= 1),
}


def check_options(options: RequestOptions, kind: type) -> None:
    """Refuse what is no option of this kind, and what is no value for one.

    Raises:
        InvalidRequestError: the text names the option and says what is allowed.
    """
    known = kind.__annotations__  # of a TypedDict, those that it inherits are among them
    for name, value in options.items():
        if name not in known:
            raise InvalidRequestError(f"{name} is no option here; there are {', '.join(sorted(known))}")
        if name in _ALLOWED:
            words, is_allowed = _ALLOWED[name]
            if not is_allowed(value):
                raise InvalidRequestError(f"{name} must be {words}")


def check_transport(transport: object, method: str) -> None:
    """Refuse what is no transport, or one of the other kind.

    Raises:
        InvalidRequestError: it lacks the method that the client calls.
    """
    if transport is not None and not callable(getattr(transport, method, None)):
        raise InvalidRequestError(
            f"transport must be an httpx transport with {method}: Trustly's blocks, AsyncTrustly's is awaited"
        )


def _check_beside_transport(options: ClientOptions) -> None:
    """Refuse what a transport of the user's would not heed; None asks for nothing."""
    for name in ("ssl_context", "proxy", "max_connections"):
        if options.get(name) is not None:
            raise InvalidRequestError(
                f"{name} is heeded by the client's own transport alone; give it to the transport that you pass instead"
            )


def credentials_from_environment() -> Hidden[tuple[str, str]]:
    """Read TRUSTLY_ACCESS_ID and TRUSTLY_ACCESS_KEY.

    Raises:
        InvalidRequestError: one of them is not set, or not acceptable; the text names the variable.
    """
    names = ("TRUSTLY_ACCESS_ID", "TRUSTLY_ACCESS_KEY")
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        raise InvalidRequestError(f"{' and '.join(missing)} must be set in the environment")
    credentials = Hidden((os.environ[names[0]], os.environ[names[1]]))
    problem = _authorization(credentials, names)
    if isinstance(problem, Problem):
        raise InvalidRequestError(problem)
    return credentials


def options_from_environment(given: ClientOptions) -> ClientOptions:
    """Read TRUSTLY_ENVIRONMENT and TRUSTLY_BASE_URL, and let the options that are given beat them.

    Raises:
        InvalidRequestError: one of them is not acceptable; the text names the variable.
    """
    found: ClientOptions = {}
    if name := os.environ.get("TRUSTLY_ENVIRONMENT"):
        _environment_url(name, what="TRUSTLY_ENVIRONMENT")
        found["environment"] = cast("Environment", name)
    # An environment that is given is meant: the variable's URL would silently beat it.
    if (url := os.environ.get("TRUSTLY_BASE_URL")) and "environment" not in given:
        found["base_url"] = checked_url(url, what="TRUSTLY_BASE_URL")
    return {**found, **given}


def _environment_url(environment: object, *, what: str = "environment") -> str:
    if not isinstance(environment, str) or environment not in SERVERS:
        raise InvalidRequestError(f"{what} must be one of {', '.join(sorted(SERVERS))}")
    return SERVERS[environment]


def checked_url(base_url: object, *, what: str = "base_url") -> str:
    """A server's URL without a slash at its end.

    Raises InvalidRequestError, which names `what` it was for, for anything that is none, or not safe.
    """
    host = _host(base_url)
    if not isinstance(base_url, str) or host is None:
        raise InvalidRequestError(f"{what} must be a URL such as {SERVERS['sandbox']}")
    if any(mark in base_url for mark in "@?#"):
        raise InvalidRequestError(
            f"{what} must hold no credentials, query or fragment; credentials are arguments of their own"
        )
    if base_url.lower().startswith("http:") and not _is_loopback(host):
        raise InvalidRequestError(
            f"{what} must begin with https://; plain http, which hides nothing, is for loopback alone"
        )
    return base_url.rstrip("/")


def _host(url: object) -> str | None:
    """The host of an http or https URL, or None for anything else."""
    if not isinstance(url, str) or _CONTROL.search(url) or " " in url:
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
        host = parts.hostname or ""
        # What no resolver could be asked for would fail there, as an error of another kind.
        host.encode("idna")
    except ValueError:
        return None
    return host if host and parts.scheme in {"http", "https"} else None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _authorization(
    credentials: Hidden[tuple[str, str]], names: tuple[str, str] = ("access_id", "access_key")
) -> str | Problem:
    for name, value in zip(names, credentials.value, strict=True):
        if not isinstance(value, str) or not value or _CONTROL.search(value):
            return Problem(f"{name} must be a string that is not empty and holds no control characters")
    access_id, access_key = credentials.value
    if ":" in access_id:
        return Problem(f"{names[0]} must hold no colon, which HTTP Basic puts between the two")
    try:
        pair = f"{access_id}:{access_key}".encode()
    except UnicodeEncodeError:
        return Problem(f"{names[0]} and {names[1]} must be valid Unicode")
    return "Basic " + base64.b64encode(pair).decode("ascii")

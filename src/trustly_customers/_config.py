"""What a client is told when it is made: checked here, once, and kept out of every repr."""

from __future__ import annotations

import base64
import ipaddress
import os
import re
from dataclasses import dataclass, field
from typing import Literal, TypedDict, cast
from urllib.parse import urlsplit

from trustly_api.contract import SERVERS

from ._errors import InvalidRequestError

Environment = Literal["sandbox", "production"]

DEFAULT_TIMEOUT = 30.0
LONGEST_TIMEOUT = 86_400  # a day; sockets refuse what is very much longer
DEFAULT_MAX_RESPONSE_BYTES = 8 * 1024 * 1024

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class ClientOptions(TypedDict, total=False):
    """What can be set of a client besides its credentials and its transport."""

    environment: Environment
    """`"sandbox"` (the default) or `"production"`, the provider's two."""

    base_url: str | None
    """Another server, instead of an environment: https, or plain http on a loopback address."""

    timeout: float
    """Seconds for one request, headers and body included; 30 by default."""

    max_response_bytes: int
    """The longest body that is read, in bytes after decompression; 8 MiB by default."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A client's settings, all of them checked."""

    base_url: str
    authorization: str = field(repr=False)
    timeout: float
    max_response_bytes: int

    @classmethod
    def checked(cls, access_id: str, access_key: str, options: ClientOptions) -> Settings:
        """Check what a client is told.

        Raises:
            InvalidRequestError: an argument is not acceptable; the text names it and says what is allowed.
        """
        unknown = sorted(options.keys() - ClientOptions.__optional_keys__)
        if unknown:
            msg = f"{unknown[0]} is no option; there are {', '.join(sorted(ClientOptions.__optional_keys__))}"
            raise InvalidRequestError(msg)
        timeout = options.get("timeout", DEFAULT_TIMEOUT)
        if not isinstance(timeout, int | float) or isinstance(timeout, bool) or not 0 < timeout <= LONGEST_TIMEOUT:
            msg = f"timeout must be a number of seconds above 0 and at most {LONGEST_TIMEOUT}"
            raise InvalidRequestError(msg)
        limit = options.get("max_response_bytes", DEFAULT_MAX_RESPONSE_BYTES)
        if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
            msg = "max_response_bytes must be a whole number of bytes, at least 1"
            raise InvalidRequestError(msg)
        base_url = options.get("base_url")
        return cls(
            base_url=_environment_url(options.get("environment", "sandbox"))
            if base_url is None
            else _checked_url(base_url),
            authorization=_authorization(access_id, access_key),
            timeout=float(timeout),
            max_response_bytes=limit,
        )


def credentials_from_environment() -> tuple[str, str]:
    """Read TRUSTLY_ACCESS_ID and TRUSTLY_ACCESS_KEY.

    Raises:
        InvalidRequestError: one of them is not set, or not acceptable; the text names the variable.
    """
    names = ("TRUSTLY_ACCESS_ID", "TRUSTLY_ACCESS_KEY")
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        msg = f"{' and '.join(missing)} must be set in the environment"
        raise InvalidRequestError(msg)
    access_id, access_key = (os.environ[name] for name in names)
    _authorization(access_id, access_key, names)
    return access_id, access_key


def options_from_environment(given: ClientOptions) -> ClientOptions:
    """Read TRUSTLY_ENVIRONMENT and TRUSTLY_BASE_URL, and let the options that are given beat them.

    Raises:
        InvalidRequestError: one of them is not acceptable; the text names the variable.
    """
    found: ClientOptions = {}
    if name := os.environ.get("TRUSTLY_ENVIRONMENT"):
        _environment_url(name, what="TRUSTLY_ENVIRONMENT")
        found["environment"] = cast("Environment", name)
    if url := os.environ.get("TRUSTLY_BASE_URL"):
        found["base_url"] = _checked_url(url, what="TRUSTLY_BASE_URL")
    return {**found, **given}


def _environment_url(environment: object, *, what: str = "environment") -> str:
    if not isinstance(environment, str) or environment not in SERVERS:
        msg = f"{what} must be one of {', '.join(sorted(SERVERS))}"
        raise InvalidRequestError(msg)
    return SERVERS[environment]


def _checked_url(base_url: object, *, what: str = "base_url") -> str:
    host = _host(base_url)
    if not isinstance(base_url, str) or host is None:
        msg = f"{what} must be a URL such as {SERVERS['sandbox']}"
        raise InvalidRequestError(msg)
    if any(mark in base_url for mark in "@?#"):
        msg = f"{what} must hold no credentials, query or fragment; credentials are arguments of their own"
        raise InvalidRequestError(msg)
    if base_url.lower().startswith("http:") and not _is_loopback(host):
        msg = f"{what} must begin with https://; plain http, which hides nothing, is for loopback alone"
        raise InvalidRequestError(msg)
    return base_url.rstrip("/")


def _host(base_url: object) -> str | None:
    """The host of an http or https URL, or None for anything else."""
    if not isinstance(base_url, str) or _CONTROL.search(base_url) or " " in base_url:
        return None
    try:
        parts = urlsplit(base_url)
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


def _authorization(access_id: object, access_key: object, names: tuple[str, str] = ("access_id", "access_key")) -> str:
    for name, value in zip(names, (access_id, access_key), strict=True):
        if not isinstance(value, str) or not value or _CONTROL.search(value):
            msg = f"{name} must be a string that is not empty and holds no control characters"
            raise InvalidRequestError(msg)
    if ":" in str(access_id):
        msg = f"{names[0]} must hold no colon, which HTTP Basic puts between the two"
        raise InvalidRequestError(msg)
    pair = f"{access_id}:{access_key}"
    if any("\ud800" <= letter <= "\udfff" for letter in pair):
        msg = f"{names[0]} and {names[1]} must be valid Unicode"
        raise InvalidRequestError(msg)
    return "Basic " + base64.b64encode(pair.encode()).decode("ascii")

"""HTTP Basic authentication, the server's half, and the namespaces that are chosen by it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence

from trustly_customers.sandbox._errors import SandboxError

CHALLENGE = 'Basic realm="Trustly customers sandbox", charset="UTF-8"'
NAMESPACE_RULE = "1 to 64 letters of ASCII, digits, dots, hyphens and underscores"

_SEPARATOR = "~"
_REMEMBERED = 1024
"""Headers that opened a namespace."""
_NAMESPACE = re.compile(r"[A-Za-z0-9._-]{1,64}")


class NamespaceNameError(Exception):
    """The credentials are right, but the namespace that the access id asks for cannot be one."""


def is_namespace_name(name: str) -> bool:
    """Whether a namespace may have this name."""
    return _NAMESPACE.fullmatch(name) is not None


class BasicCredentials:
    """The one pair of access id and access key that opens the sandbox. `ID~NAME` opens a namespace of that name."""

    def __init__(self, access_id: str, access_key: str) -> None:
        """Raise SandboxError for a pair that the Basic scheme cannot carry."""
        if not access_id or not access_key or ":" in access_id or _SEPARATOR in access_id:
            raise SandboxError(
                "the sandbox's access id and access key may not be empty, nor the id hold a colon or a tilde"
            )
        try:
            pair = f"{access_id}:{access_key}".encode()
        except UnicodeEncodeError:
            raise SandboxError("the sandbox's access id and access key must be valid Unicode") from None
        self._header = b"Basic " + base64.b64encode(pair)
        self._pair = _digest(pair)
        self._opened: dict[bytes, str] = {}

    def namespace(self, authorization: Sequence[bytes]) -> str | None:
        """The namespace that a request's Authorization headers open, or None; the one without a name is empty.

        Raises NamespaceNameError.
        """
        if len(authorization) != 1:
            return None
        if hmac.compare_digest(authorization[0], self._header):
            return ""  # as every common client spells it
        # A keyed hash is what decides here, so the time says nothing of how much of a header was right.
        opened = self._opened.get(authorization[0])
        if opened is not None:
            return opened
        user, colon, key = _decoded(authorization[0]).partition(b":")
        access_id, separator, name = user.partition(_SEPARATOR.encode())
        # Digests have one length, so the time says nothing of the secret's length either.
        if not hmac.compare_digest(_digest(access_id + colon + key), self._pair):
            return None
        if not separator:
            return ""
        found = name.decode(errors="replace")
        if not is_namespace_name(found):
            raise NamespaceNameError
        if len(self._opened) >= _REMEMBERED:
            self._opened.clear()
        self._opened[authorization[0]] = found
        return found


def _decoded(header: bytes) -> bytes:
    """The pair of a header in the Basic scheme; nothing for any other."""
    scheme, _, encoded = header.partition(b" ")
    if scheme.lower() != b"basic":
        return b""
    try:
        return base64.b64decode(encoded.strip(b" "), validate=True)
    except ValueError:
        return b""


def _digest(pair: bytes) -> bytes:
    return hashlib.sha256(pair).digest()

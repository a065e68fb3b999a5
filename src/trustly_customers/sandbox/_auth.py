"""HTTP Basic authentication, the server's half."""

from __future__ import annotations

import base64
import hashlib
import hmac

from ._errors import SandboxError

CHALLENGE = 'Basic realm="Trustly customers sandbox", charset="UTF-8"'


class BasicCredentials:
    """The one pair of user name and password that opens the API."""

    def __init__(self, access_id: str, access_key: str) -> None:
        """Raise SandboxError for a pair that the Basic scheme cannot carry."""
        if not access_id or not access_key or ":" in access_id:
            raise SandboxError("the sandbox's access id and access key may not be empty, nor the id hold a colon")
        self._digest = _digest(f"{access_id}:{access_key}".encode())

    def accept(self, authorization: list[bytes]) -> bool:
        """Whether the request's Authorization headers are exactly one, and hold exactly the pair."""
        if len(authorization) != 1:
            return False
        scheme, _, encoded = authorization[0].partition(b" ")
        if scheme.lower() != b"basic":
            return False
        try:
            pair = base64.b64decode(encoded.strip(b" "), validate=True)
        except ValueError:
            return False
        # Digests have one length, so the time says nothing of the secret's length either.
        return hmac.compare_digest(_digest(pair), self._digest)


def _digest(pair: bytes) -> bytes:
    return hashlib.sha256(pair).digest()

"""A stand-in for the provider that keeps state, checks every request by the spec, and runs on one's desk.

Its limits: the customers of one merchant, one process a database file at full speed (several are safe but
take turns), and only what the spec and its `x-contract` say. It knows nothing of the client.
"""

from ._app import create_app, open_store
from ._errors import SandboxError
from ._serve import serve
from ._store import Store

__all__ = ["SandboxError", "Store", "create_app", "open_store", "serve"]

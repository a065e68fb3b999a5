"""A stand-in for the provider that keeps state, checks every request by the spec, and runs on one's desk.

Its limits: the customers of one merchant, one process an SQLite file at full speed (several are safe but
take turns; over PostgreSQL they do not), and only what the spec and its `x-contract` say. It knows nothing of the
client.
"""

from ._app import create_app
from ._errors import SandboxError
from ._sandbox import Sandbox
from ._serve import serve
from ._stores import Durability, Store, open_store

__all__ = ["Durability", "Sandbox", "SandboxError", "Store", "create_app", "open_store", "serve"]

"""A typed client for Trustly's customers, generated from its OpenAPI description.

`Trustly` blocks, `AsyncTrustly` is awaited; the models are re-exported from the generated package `trustly_api`.

The names are loaded when one is first used: the sandbox lives below this package and need not wait for the client's
HTTP library.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__ as __version__

if TYPE_CHECKING:
    from trustly_api.models import *  # noqa: F403 - every generated model, whatever the specification adds

    from ._public import *  # noqa: F403 - whatever is public


def __getattr__(name: str) -> Any:
    if name.startswith("_") and name != "__all__":
        raise AttributeError(name)  # a private module, for one, which Python itself then finds
    public = import_module(f"{__name__}._public")
    if name != "__all__" and name not in public.__all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(public, name)
    return found


def __dir__() -> list[str]:
    return [*globals(), *__getattr__("__all__")]

"""Where customers are kept: one way to use a store, several kinds of it."""

from .opening import open_store
from .protocol import Store
from .sqlite import Durability

__all__ = ["Durability", "Store", "open_store"]

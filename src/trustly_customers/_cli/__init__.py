"""The `trustly-customers` command: words in, words out. What it does is done by the client and the sandbox."""

from .app import app

__all__ = ["app"]

"""The one error that the sandbox raises to the person who starts it. What a caller of the API gets is in `_answers`."""

from __future__ import annotations


class SandboxError(Exception):
    """The sandbox cannot start. The text is one sentence: what, where, and what to do."""

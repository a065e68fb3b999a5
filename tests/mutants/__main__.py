"""Serves a mutant or a variant until the input ends: `python -m tests.mutants NAME`, without a name the sandbox.

Prints the base URL; the credentials are those of `_mutant`, ACCESS_ID and ACCESS_KEY.
"""

import sys

from ._serving import serving
from .catalogue import SERVERS

with serving(SERVERS[sys.argv[1]] if sys.argv[1:] else None) as base_url:
    print(base_url, flush=True)  # noqa: T201 - a command
    sys.stdin.read()

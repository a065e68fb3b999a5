"""A pytest plugin of the mutation run: no test finds what another one, or the code before its mutation, has cached.

So each mutant is judged by what it does itself, and each function is known to be reached by every test that needs it.
"""

from __future__ import annotations

import pytest

from trustly_customers import _spec


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Forget all that was made of the specification."""
    for each in vars(_spec).values():
        if hasattr(each, "cache_clear"):
            each.cache_clear()
    _spec._SHAPES.clear()  # noqa: SLF001 - by the identity of what was just forgotten

"""mutmut's command, with the tests of a mutant taken in steps: most mutants die of the first few.

To collect a thousand tests takes pytest longer than to run those that notice.
"""

from __future__ import annotations

from collections.abc import Iterable

from mutmut.__main__ import cli
from mutmut.runners.harness import PytestRunner

STEPS = (30, 300, None)  # how many of the tests, the quick ones first, have been run after each

_run = PytestRunner.run_tests


def run_in_steps(self: PytestRunner, *, mutant_name: str | None, tests: Iterable[str]) -> int:
    """Run tests until some fail, and return pytest's exit status."""
    each, done, status = list(tests), 0, 0
    for step in STEPS:
        chosen = each[done:step]
        if chosen or not done:
            status = _run(self, mutant_name=mutant_name, tests=chosen)
        if status or step is None:
            break
        done = step
    return status


if __name__ == "__main__":
    PytestRunner.run_tests = run_in_steps  # type: ignore[method-assign] # there is no setting for it
    cli()

"""mutmut's command, with the tests of a mutant taken in steps: most mutants die of the first few.

To collect a thousand tests takes pytest longer than to run those that notice. What a file named in the environment as
MUTATION_SETTINGS says goes before what pyproject.toml does.
"""

from __future__ import annotations

import os
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from mutmut import configuration
from mutmut.__main__ import cli
from mutmut.runners.harness import PytestRunner
from mutmut.state import state

STEPS = (10, 60, None)  # how many test functions, the quick ones first, have been run after each

_run = PytestRunner.run_tests


def run_in_steps(self: PytestRunner, *, mutant_name: str | None, tests: Iterable[str]) -> int:
    """Run tests until some fail, and return pytest's exit status. Without any, all are run.

    Tests are named without their parameters, since not each name that pytest gives one is one that it finds.
    """
    seconds = defaultdict[str, float](float)
    for test in tests:
        seconds[test.partition("[")[0]] += state().duration_by_test.get(test, 0.0)
    each, done, status = sorted(seconds, key=seconds.__getitem__), 0, 0
    for step in STEPS:
        chosen = each[done:step]
        if chosen or not done:
            status = _run(self, mutant_name=mutant_name, tests=chosen)
        if status or step is None:
            break
        done = step
    return status


def settings() -> Callable[[str, Any], Any]:
    """Return what looks a setting up, given its default."""
    own = tomllib.loads(Path(os.environ["MUTATION_SETTINGS"]).read_text("utf-8"))
    general = _settings()
    return lambda name, default: own.get(name, general(name, default))


_settings = configuration._config_reader  # noqa: SLF001 - mutmut reads one file only

if __name__ == "__main__":
    if "MUTATION_SETTINGS" in os.environ:
        configuration._config_reader = settings  # noqa: SLF001 - as above
        configuration.reset_config()  # which was read when mutmut was imported
    PytestRunner.run_tests = run_in_steps  # type: ignore[method-assign] # there is no setting for it
    cli()

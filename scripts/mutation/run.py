"""Mutates the client, or the sandbox, function by function; ends in 1 when the tests miss more than 5% of the mutants.

mutmut makes the mutants and runs, for each, the tests that reach it, in a process forked for it; its settings are in
pyproject.toml. Constants, class bodies and module code are not mutated. Survivors are printed with what was changed,
but for those that `equivalent.toml` gives a reason for: these do the same as the code. An entry of that file which no
mutant answers to any more ends the run in 1, too. The sandbox has files of its own, `sandbox.toml` with the settings
that differ and `equivalent_sandbox.toml`: it is judged by its own tests and by the contract check, in process.

`python scripts/mutation/run.py` or `... sandbox`, most of an hour on two cores. What it works on is left in mutants/.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LOG = ROOT / "reports" / "mutation.log"
AT_MOST = 0.05
KILLED = {"killed", "timeout"}
SANDBOX = {"CONTRACT_APP": "tests.contract_runner.applications:sandbox"}
"""Where the contract check finds the sandbox in its own process, so that it meets what is mutated."""

Change = tuple[str, str, str]
"""The module, what was, and what became of it."""


@dataclass(frozen=True)
class Mutant:
    """A mutant that was tried. One with an error of its own, or that no test reaches, has survived."""

    name: str
    module: str
    status: str
    diff: str

    @property
    def survived(self) -> bool:
        """Whether no test noticed. One that hangs was noticed, where the machine had time for it."""
        return self.status not in KILLED

    @property
    def change(self) -> Change:
        """What is told of it in `equivalent.toml`: the lines that differ, whatever their indentation."""
        lines = self.diff.splitlines()
        was, becomes = (" ".join(each[1:].strip() for each in lines if each[0] == side) for side in "-+")
        return self.module, was, becomes


def make_and_try(settings: Path | None) -> int:
    """Run mutmut afresh, since it would keep results that depend on other tests, and return its exit status."""
    shutil.rmtree(ROOT / "mutants", ignore_errors=True)
    LOG.parent.mkdir(exist_ok=True)
    command = [sys.executable, str(HERE / "mutate.py"), "run"]
    environment = os.environ | SANDBOX | {"MUTATION_SETTINGS": str(settings)} if settings else None
    with LOG.open("wb") as log:
        return subprocess.run(command, cwd=ROOT, env=environment, stdout=log, stderr=log, check=False).returncode


def tried() -> Iterator[Mutant]:
    """Yield what mutmut found."""
    for meta in sorted(Path("mutants").rglob("*.py.meta")):
        path = meta.relative_to("mutants").with_suffix("")
        data = SourceFileMutationData(path=path)
        data.load()
        for name, code in data.exit_code_by_key.items():
            diff = "\n".join(get_diff_for_mutant(name, path=path).splitlines()[2:])
            yield Mutant(name, path.stem, status_by_exit_code[code], diff)


def equivalents(file: Path) -> set[Change]:
    """Return the mutants that were looked at and do the same as the code."""
    groups = tomllib.loads(file.read_text("utf-8"))["equivalent"]
    return {(module, was, becomes) for group in groups for module, was, becomes in group["mutants"]}


def report(mutants: list[Mutant], same: set[Change]) -> int:
    """Print what survived and how many, and return the exit status."""
    console = Console(width=120, highlight=False, soft_wrap=True)
    survivors = [each for each in mutants if each.survived]
    missed = [each for each in survivors if each.change not in same]
    for each in missed:
        console.print(f"survived: {each.name}\n{each.diff}\n", markup=False)
    stale = same - {each.change for each in mutants}
    for change in sorted(stale):
        console.print("no mutant, in equivalent.toml:", *change, markup=False)
    hung = [each for each in mutants if each.status == "timeout"]
    counts = [Counter(each.module for each in some) for some in (mutants, survivors, hung, missed)]
    table = Table("module", "mutants", "killed", "of these, hung", "equivalent", "survived", box=None)
    for module in [*sorted(counts[0]), "all"]:
        made, lived, slow, bad = (count.total() if module == "all" else count[module] for count in counts)
        table.add_row(module, *map(str, (made, made - lived, slow, lived - bad, bad)))
    console.print(table)
    share = len(missed) / len(mutants)
    console.print(f"{share:.1%} of the mutants survived; at most {AT_MOST:.0%} may")
    return 1 if stale or share > AT_MOST else 0


def main() -> int:
    """Make the mutants, try them and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", nargs="?", choices=("client", "sandbox"), default="client")
    is_sandbox = parser.parse_args().what == "sandbox"
    os.chdir(ROOT)
    if make_and_try(HERE / "sandbox.toml" if is_sandbox else None):
        sys.stderr.write(f"error: mutmut did not end well; its last words are in {LOG}\n")
        return 1
    return report(list(tried()), equivalents(HERE / ("equivalent_sandbox.toml" if is_sandbox else "equivalent.toml")))


if __name__ == "__main__":
    sys.exit(main())

"""Whether the contract check notices a mutant: one run of it, ended by the first claim that does not hold.

Each run has a process of its own, forked from one that has loaded the check already where the system can fork: to
load it takes longer than to notice most mutants.
"""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ._mutant import ACCESS_ID, ACCESS_KEY, CUSTOMER_IDS, ROOT
from ._serving import base_path, serving
from .catalogue import named

CONTRACT = ROOT / "tests" / "contract"
_ORDER = (
    "test_tables",
    "test_access",
    "test_identifiers",
    "test_faults",
    "test_bodies",
    "test_concurrency",
    "test_model",
    "test_conformance",
)
_FIRST = {
    "concurrency": ("test_concurrency",),
    "authentication": ("test_access",),
    "envelope": ("test_access", "test_bodies"),
    "headers": ("test_access", "test_bodies"),
    "JSON strictness": ("test_bodies",),
    "encodings": ("test_identifiers",),
}
"""Where the mutants of a group are most likely noticed, if not by the tables of fields."""
_OPTIONS = ["-q", "-x", "-o", "addopts=", "--import-mode=importlib", "--assert=plain"]
_OPTIONS += ["-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:rerunfailures", f"--rootdir={ROOT}"]


@dataclass(frozen=True)
class Verdict:
    """What came of a run: which claim did not hold first, in which test of which layer."""

    name: str
    status: str
    """passed, broken, or the way in which pytest ended otherwise."""
    seconds: float
    cpu: float
    """Seconds of CPU, the server's included: those of the clock say little on a machine that others use."""
    layer: str = ""
    test: str = ""
    claim: str = ""
    message: str = ""

    @property
    def held(self) -> bool:
        return self.status == "passed"

    @property
    def caught(self) -> bool:
        """Whether a claim was found broken. A run that fails in another way has noticed, but cannot say what."""
        return self.status == "broken" and bool(self.claim)


def verdicts(names: Sequence[str], *, seed: int, workers: int) -> Iterator[Verdict]:
    """Yield what the check says of each server, and of the sandbox for the empty name, as it becomes known."""
    for name in [name for name in os.environ if name.startswith("PYTEST_")]:
        del os.environ[name]  # of a test that started this, whose worker is not the one here
    os.environ |= _environment(seed)
    forks = "forkserver" in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if forks else "spawn")
    if forks:
        context.set_forkserver_preload([f"{__package__}._warm"])
    with ProcessPoolExecutor(workers, mp_context=context, max_tasks_per_child=1) as pool:
        for future in as_completed([pool.submit(judged, name) for name in names]):
            yield future.result()


def judged(name: str) -> Verdict:
    """Run the check against one server, in this process; a process serves for one."""
    started, worked = time.monotonic(), time.process_time()
    with tempfile.TemporaryDirectory() as reports, serving(named(name) if name else None) as base_url:
        os.environ |= {"CONTRACT_BASE_URL": base_url, "CONTRACT_REPORTS": reports}
        _forget_settings()
        status = int(_pytest(group=named(name).group if name else ""))
        took = round(time.monotonic() - started, 2), round(time.process_time() - worked, 2)
        try:
            result = json.loads(Path(reports, "result.json").read_text(encoding="utf-8"))
        except OSError:
            return Verdict(name, f"pytest ended in {status}", *took)
    return _verdict(name, result, *took)


def warm() -> None:
    """Load what a run loads, and make the tables that follow from the specification."""
    _pytest("--collect-only")
    gc.collect()
    gc.freeze()  # what is there now is every run's, and no run's to collect


def _environment(seed: int) -> dict[str, str]:
    return {
        "CONTRACT_BASE_URL": f"http://127.0.0.1:9{base_path()}",  # as long as there is none
        "CONTRACT_CUSTOMER_IDS": CUSTOMER_IDS,
        "CONTRACT_SCOPE": "all",
        "CONTRACT_PROFILE": "fast",
        "CONTRACT_SEED": str(seed),
        "TRUSTLY_ACCESS_ID": ACCESS_ID,
        "TRUSTLY_ACCESS_KEY": ACCESS_KEY,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
    }


class _QuickFirst:
    """A plugin: what notices most in the least time comes first, since the first to notice ends the run."""

    def __init__(self, group: str) -> None:
        self._order = list(dict.fromkeys((*_FIRST.get(group, ()), *_ORDER)))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        order = self._order
        items.sort(key=lambda item: order.index(item.path.stem) if item.path.stem in order else len(order))


def _pytest(*options: str, group: str = "") -> int:
    with Path(os.devnull).open("w", encoding="utf-8") as nothing, redirect_stdout(nothing), redirect_stderr(nothing):
        return pytest.main([str(CONTRACT), *_OPTIONS, *options], plugins=[_QuickFirst(group)])


def _forget_settings() -> None:
    """Let the check read its settings again; pytest has its modules under names of its own."""
    file = str(CONTRACT / "_target.py")
    for module in [each for each in list(sys.modules.values()) if vars(each).get("__file__") == file]:
        module.current_settings.cache_clear()


def _verdict(name: str, result: dict[str, Any], seconds: float, cpu: float) -> Verdict:
    if not result["failures"]:
        return Verdict(name, result["status"], seconds, cpu, message="; ".join(result["errors"]))
    first = result["failures"][0]
    layer, found = first.get("layer", ""), (first["test"], first["claim"], first["message"])
    return Verdict(name, result["status"], seconds, cpu, layer, *found)

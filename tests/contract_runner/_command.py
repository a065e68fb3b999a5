"""Running the command the way `make contract` does, with nothing of the surrounding environment's settings."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT / "openapi" / "customers.yaml"
_OURS = {
    "BASE_URL",
    "CUSTOMER_IDS",
    "SCOPE",
    "PROFILE",
    "SEED",
    "SPEC",
    "APP",
    "REMOTE",
    "PRODUCTION",
    "READ_ONLY",
    "RATE",
    "TIMEOUT",
    "TRUSTLY_ACCESS_ID",
    "TRUSTLY_ACCESS_KEY",
}


@dataclass(frozen=True)
class Ended:
    """How one run of the command ended, and what it left behind."""

    status: int
    said: str
    printed: str
    reports: Path

    @property
    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.reports / "result.json").read_text(encoding="utf-8"))
        return found

    @property
    def everything(self) -> str:
        """All that a person or a machine gets to read."""
        return self.said + self.printed + "".join(file.read_text(encoding="utf-8") for file in self.reports.iterdir())


def start(settings: Mapping[str, str], folder: Path) -> subprocess.Popen[str]:
    """Start the command with these settings and no others, from a folder that is not the project's."""
    environment = {name: value for name, value in os.environ.items() if name not in _OURS} | dict(settings)
    # A shell lets what it runs in the background ignore Ctrl-C, and so would all that is started from there.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(
            [sys.executable, str(ROOT / "scripts" / "contract.py"), "--reports", str(reports_in(folder))],
            env=environment,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        signal.signal(signal.SIGINT, before)


def run(settings: Mapping[str, str], folder: Path) -> Ended:
    """Run the command to its end."""
    with start(settings, folder) as process:
        printed, said = process.communicate()
        return Ended(process.returncode, said, printed, reports_in(folder))


def reports_in(folder: Path) -> Path:
    """Return a folder for the reports, with a space in its path."""
    return folder / "the reports"


def check_in_process(application: str, modules: Sequence[str], folder: Path, **settings: str) -> Ended:
    """Run some modules of the check against one of the applications here, without the command around them."""
    reports_in(folder).mkdir()
    names = settings | {"CONTRACT_APP": f"tests.contract_runner.applications:{application}"}
    # Those of pytest are the surrounding run's, which may have several workers.
    ours = {name for name in os.environ if name in _OURS or name.startswith("PYTEST_")}
    environment = {name: value for name, value in os.environ.items() if name not in ours} | names
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-o", "addopts=", "--import-mode=importlib", "-p", "no:cacheprovider"]
        + [f"tests/contract/{module}.py" for module in modules],
        env=environment | {"CONTRACT_REPORTS": str(reports_in(folder))},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return Ended(ended.returncode, ended.stderr, ended.stdout, reports_in(folder))

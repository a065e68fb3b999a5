"""Runs stock schemathesis over the mutants of tests/mutants, for the comparison in docs/contract-check.md.

Each mutant is a process of its own, and so is each run: `st run` as a user would call it, with the credentials in its
configuration, ended by the first failure as the contract check is. Mutants come in an order by the seed, so that what
an interrupted run leaves in reports/mutants/stock-MODE.json is a fair sample; called again, it goes on from there.

`python scripts/mutants/stock.py default` (or `everything`, or `check` for the contract check as its command is called)
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.mutants._mutant import ACCESS_ID, ACCESS_KEY, CUSTOMER_IDS  # noqa: E402 - found through the line above
from tests.mutants.catalogue import MUTANTS  # noqa: E402 - as above

_CREDENTIALS = f"""[auth.openapi.basicAuth]
username = "{ACCESS_ID}"
password = "{ACCESS_KEY}"
"""
_FAILING_WARNINGS = "[warnings]\nfail-on = true\n"
_ST = [sys.executable, "-m", "schemathesis.cli", "--config-file", "st.toml", "run"]
_SPEC = str(ROOT / "openapi" / "customers.yaml")
_EVERYTHING = ["--checks", "all", "--mode", "all", "--max-examples", "300", "--generation-allow-x00", "true"]
_OUTCOMES = {0: "missed", 1: "caught"}


def main() -> int:
    """Run one mode over the mutants, and print what it caught."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("mode", choices=("default", "everything", "check"))
    parser.add_argument("--seed", type=int, default=20190419)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--sample", type=int, help="no more than so many mutants")
    options = parser.parse_args()
    results = ROOT / "reports" / "mutants" / f"stock-{options.mode}.json"
    results.parent.mkdir(parents=True, exist_ok=True)
    done = json.loads(results.read_text(encoding="utf-8")) if results.exists() else {}
    # The correct sandbox comes first: where a run fails on that, what it says of the others means nothing.
    names = ["", *random.Random(options.seed).sample(sorted(MUTANTS), len(MUTANTS))][: options.sample]  # noqa: S311
    left = [name for name in names if name not in done]
    with ThreadPoolExecutor(options.workers) as pool:
        for future in as_completed([pool.submit(_judged, name, options.mode, options.seed) for name in left]):
            done |= future.result()
            results.write_text(json.dumps(done, indent=1) + "\n", encoding="utf-8")
    print(_summary(options.mode, {name: done[name] for name in names}))
    return 0


def _judged(name: str, mode: str, seed: int) -> dict[str, Any]:
    """Run one mode against one mutant, or the correct sandbox, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder, _serving(name) as base_url:
        Path(folder, "st.toml").write_text(
            (_FAILING_WARNINGS if mode == "everything" else "") + _CREDENTIALS, encoding="utf-8"
        )
        command, settings = _command(mode, base_url, seed, folder)
        started = time.monotonic()
        process = subprocess.Popen(
            command, cwd=folder, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        # What its own processes used is in it, too; seconds of the clock say little on a machine that others use.
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = round(time.monotonic() - started, 2)
    outcome = _OUTCOMES.get(process.returncode, f"ended in {process.returncode}")
    return {name: {"outcome": outcome, "seconds": seconds, "cpu": round(used.ru_utime + used.ru_stime, 2)}}


def _command(mode: str, base_url: str, seed: int, folder: str) -> tuple[Sequence[str], dict[str, str]]:
    settings = dict(os.environ)
    if mode == "check":
        settings |= {"BASE_URL": base_url, "CUSTOMER_IDS": CUSTOMER_IDS, "SCOPE": "all", "SEED": str(seed)}
        settings |= {"TRUSTLY_ACCESS_ID": ACCESS_ID, "TRUSTLY_ACCESS_KEY": ACCESS_KEY}
        return [sys.executable, str(ROOT / "scripts" / "contract.py"), "--reports", folder], settings
    more = _EVERYTHING if mode == "everything" else []
    return [*_ST, _SPEC, "--url", base_url, "--seed", str(seed), "--max-failures", "1", *more], settings


@contextmanager
def _serving(name: str) -> Iterator[str]:
    command = [sys.executable, "-m", "tests.mutants", *filter(None, [name])]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().strip() if process.stdout else ""
        # The end of the input, which leaving the block brings, is the end of the server.


def _summary(mode: str, done: dict[str, dict[str, Any]]) -> str:
    twin = done.pop("")
    caught = [name for name, found in done.items() if found["outcome"] == "caught"]
    odd = [f"{name}: {found['outcome']}" for name, found in done.items() if found["outcome"].startswith("ended")]
    seconds = sum(found["cpu"] for found in done.values())
    share = f"{len(caught)} of {len(done)} mutants caught ({len(caught) / max(1, len(done)):.0%})"
    lines = [f"{mode}: {share} in {seconds:,.0f} s of CPU; the correct sandbox: {twin['outcome']} in {twin['cpu']} s"]
    return "\n".join(lines + odd)


if __name__ == "__main__":
    sys.exit(main())

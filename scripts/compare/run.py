"""Holds servers that others wrote to the contract, all of it, and prints as Markdown which claims each breaks.

Prism (npm) mocks the specification; a generator makes a FastAPI server of it. Both need the network's package
registries, once each time. Their reports are left in reports/compare/. That these servers break claims is what is
to be found out, so the exit status is 0 when each could be checked, and 1 when one could not.

`python scripts/compare/run.py`, some 3 minutes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

if not __package__:  # run as a file: find the neighbours as the tests do
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from compare.servers import ROOT, CannotInstallError, generated_fastapi, prism_mock

SERVERS = {"Prism": prism_mock, "FastAPI, generated": generated_fastapi}
REPORTS = ROOT / "reports" / "compare"
_CHECKED = {"passed", "broken"}


def main() -> int:
    """Check each server and print the table."""
    results: dict[str, Mapping[str, Any]] = {}
    for name, server in SERVERS.items():
        print(f"checking {name}", file=sys.stderr)
        with tempfile.TemporaryDirectory() as folder:
            try:
                with server(Path(folder)) as base_url:
                    results[name] = _check(base_url, REPORTS / name.partition(",")[0].lower())
            except CannotInstallError as error:
                results[name] = {"status": "not-run", "reason": str(error)}
    print("\n".join(table(results)))
    return 0 if all(result["status"] in _CHECKED for result in results.values()) else 1


def _check(base_url: str, reports: Path) -> dict[str, Any]:
    settings = {"BASE_URL": base_url, "SCOPE": os.environ.get("SC","all"), "CUSTOMER_IDS": "1002580963,1001165729"}
    settings |= {"TRUSTLY_ACCESS_ID": "sandbox", "TRUSTLY_ACCESS_KEY": "sandbox"}
    command = [sys.executable, str(ROOT / "scripts" / "contract.py"), "--reports", str(reports)]
    subprocess.run(command, env={**os.environ, **settings}, check=False, stdout=subprocess.DEVNULL)
    found: dict[str, Any] = json.loads((reports / "result.json").read_text(encoding="utf-8"))
    return found


def table(results: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the lines of a table: each broken claim, and how many tests it failed on each server."""
    broken = {name: Counter(one["claim"] for one in told.get("failures", ())) for name, told in results.items()}
    provenance = {
        one["claim"]: one["provenance"] for told in results.values() for one in told.get("failures", ())
    }
    lines = [f"| Claim | Provenance | {' | '.join(results)} |", f"| --- | --- |{' --- |' * len(results)}"]
    for claim in sorted(provenance, key=lambda claim: (provenance[claim], claim)):
        counts = [str(broken[name][claim] or "held") for name in results]
        lines.append(f"| `{claim}` | {provenance[claim]} | {' | '.join(counts)} |")
    lines.append(f"| tests failed, of all | | {' | '.join(_failed(told) for told in results.values())} |")
    return lines


def _failed(told: Mapping[str, Any]) -> str:
    if told["status"] not in _CHECKED:
        return str(told["reason"])
    failed = len({one["test"] for one in told["failures"]})
    return f"{failed} of {told['counts']['tests']}"


if __name__ == "__main__":
    sys.exit(main())

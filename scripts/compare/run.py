"""Holds servers that others wrote to the contract, and prints as Markdown which claims each breaks.

Prism (npm) mocks the specification; a generator makes a FastAPI server of it. Both are fetched anew from the package
registries. Each is checked twice: under SCOPE=all, where a test ends with the first claim that is broken, and under
SCOPE=documented, where what is only inferred ends no test and hides nothing behind it; the table counts the tests of
the second. Reports and the servers' own complaints are left in reports/compare/.

That these servers break claims is what is to be found out, so the exit status is 0 when each could be checked, and 1
when one could not. `python scripts/compare/run.py`, some 3 minutes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

if not __package__:  # run as a file: find the neighbours as the tests do
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from compare.servers import ROOT, CannotInstallError, generated_fastapi, prism_mock

SERVERS = {"Prism": prism_mock, "FastAPI": generated_fastapi}
SCOPES = ("all", "documented")
REPORTS = ROOT / "reports" / "compare"
_CHECKED = {"passed", "broken"}

Result = Mapping[str, Any]


def main() -> int:
    """Check each server under each scope and print the table."""
    results: dict[str, dict[str, Result]] = {name: {} for name in SERVERS}
    for name in SERVERS:
        for scope in SCOPES:
            print(f"checking {name}, SCOPE={scope}", file=sys.stderr)
            results[name][scope] = _run(name, scope)
    print("\n".join(table(results)))
    ran = (told["status"] in _CHECKED for of_server in results.values() for told in of_server.values())
    return 0 if all(ran) else 1


def _run(name: str, scope: str) -> Result:
    """Start a server, with nothing left of the last run, and check it."""
    reports = REPORTS / name.lower() / scope
    reports.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, (reports / "server.log").open("w", encoding="utf-8") as complaints:
        try:
            with SERVERS[name](Path(folder), complaints) as base_url:
                return _check(base_url, scope, reports)
        except CannotInstallError as error:
            return {"status": "not-run", "reason": str(error)}


def _check(base_url: str, scope: str, reports: Path) -> Result:
    settings = {"BASE_URL": base_url, "SCOPE": scope, "CUSTOMER_IDS": "1002580963,1001165729"}
    settings |= {"TRUSTLY_ACCESS_ID": "sandbox", "TRUSTLY_ACCESS_KEY": "sandbox"}
    command = [sys.executable, str(ROOT / "scripts" / "contract.py"), "--reports", str(reports)]
    subprocess.run(command, env={**os.environ, **settings}, check=False, stdout=subprocess.DEVNULL)
    found: Result = json.loads((reports / "result.json").read_text(encoding="utf-8"))
    return found


def table(results: Mapping[str, Mapping[str, Result]]) -> Iterator[str]:
    """Yield the lines of a table: each broken claim, and how many tests found it broken on each server."""
    found = {name: _broken(told["documented"]) for name, told in results.items()}
    claims = sorted({claim for counted in found.values() for claim in counted}, key=lambda claim: claim[::-1])
    yield f"| Claim | Provenance | {' | '.join(results)} |"
    yield f"| --- | --- |{' --- |' * len(results)}"
    for claim in claims:
        counts = [str(counted[claim]) if claim in counted else "" for counted in found.values()]
        yield f"| `{claim[0]}` | {claim[1]} | {' | '.join(counts)} |"
    for scope in SCOPES:
        yield f"| tests failed, `SCOPE={scope}` | | {' | '.join(_failed(told[scope]) for told in results.values())} |"


def _broken(told: Result) -> Counter[tuple[str, str]]:
    """Count by claim the tests that found it broken; what the schema of the request says counts as one claim."""
    tests = {
        (_grouped(one["claim"]), one["provenance"], one["test"])
        for one in (*told.get("failures", ()), *told.get("findings", ()))
    }
    return Counter((claim, provenance) for claim, provenance, _ in tests)


def _grouped(claim: str) -> str:
    return "request.*" if claim.startswith("request.") else claim


def _failed(told: Result) -> str:
    if told["status"] not in _CHECKED:
        return str(told["reason"])
    ran = sum(layer["tests"] for layer in told["counts"]["by_layer"].values())
    failed = {one["test"] for one in told["failures"]} | {error.rpartition(": ")[0] for error in told["errors"]}
    return f"{len(failed)} of {ran}" + (", then it was gone" if ran < told["counts"]["tests"] else "")


if __name__ == "__main__":
    sys.exit(main())

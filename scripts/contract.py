"""Check a server against the spec: the command behind `make contract`.

Reads what to check from the environment (or options), runs tests/contract in a process of its own, and says
what held. Ends in 0 when everything held, 1 when something is broken, 2 when nothing could be checked;
`reports/contract/result.json` says which. What is asked, and how it is judged, is for tests/contract alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from rich.console import Console

from reporting import page, progress, summary
from reporting.breaks import command_of

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.contract._preflight import probe, refuse_unsafe  # noqa: E402 - found through the line above
from tests.contract._server import reach  # noqa: E402 - as above
from tests.contract._spec import Spec, SpecError  # noqa: E402 - as above
from tests.contract._target import NotRunError, Target, at, sandbox, target_from  # noqa: E402 - as above
from tests.contract._wire import encode_id  # noqa: E402 - as above

_LEFT_BEHIND = ("result.json", "junit.xml", "pytest.log", "index.html")
_MUTANTS = ROOT / "reports" / "mutants" / "result.json"
_TOLD = {each.__name__ for each in (NotRunError, SpecError, ModuleNotFoundError)}
"""Errors whose words are sentences for a person, and hold no value."""
_ERROR = re.compile(r"^(?:E|INTERNALERROR>)?[ ]*(?:\w+\.)*(\w+Error)(?:: (.*))?$", re.MULTILINE)
"""An error as pytest or Python prints it, with its words."""
EXIT_OF = {"passed": 0, "broken": 1, "not-run": 2}
_SETTINGS = {
    "base_url": "the server to check, such as http://127.0.0.1:8086/api/v1; without it, a sandbox is started",
    "customer_ids": "at least two existing customers, percent-encoded, with commas between",
    "scope": "all: every break is a failure; documented: what is only inferred is reported as a finding",
    "profile": "fast, or full for many more generated requests under a random seed",
    "seed": "a whole number; the same one sends the same requests",
    "spec": "another file to check against than openapi/customers.yaml",
    "app": "module:attribute of an ASGI application, or of what makes one, to run in process instead of a server",
    "remote": "1 to check a real environment, whose customers will be changed and put back",
    "production": "the host of the live environment once more, if that is to be checked",
    "read_only": "1 to send nothing that could change a customer",
    "rate": "requests a second at most, all together; 5 to a real environment, and no limit (0) otherwise",
    "timeout": "seconds for which the server may keep silent; 20",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the check and return the exit status."""
    settings = vars(_parser().parse_args(arguments))
    reports = Path(settings.pop("reports")).resolve()
    reports.mkdir(parents=True, exist_ok=True)
    for left in _LEFT_BEHIND:
        (reports / left).unlink(missing_ok=True)
    for name in ("SIGTERM", "SIGHUP"):
        if number := getattr(signal, name, None):  # Windows knows no SIGHUP
            signal.signal(number, _interrupt)
    started, clock = datetime.now(UTC), time.monotonic()
    try:
        result = _check(settings, reports)
    except (NotRunError, SpecError) as error:
        result = {"status": "not-run", "reason": str(error)}
    except KeyboardInterrupt:
        result = {"status": "not-run", "reason": "interrupted before the end" + _left(reports)}
    result |= {"started": started.isoformat(timespec="seconds"), "seconds": round(time.monotonic() - clock, 1)}
    result["again"] = command_of(result, settings)
    (reports / "result.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    page.write(result, reports / "index.html", _MUTANTS)
    if result["status"] == "not-run":
        print(f"error: {result['reason']}", file=sys.stderr)
    else:
        summary.show(result, reports, Console(highlight=False))
    return EXIT_OF[result["status"]]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0],
        epilog="Credentials are read from TRUSTLY_ACCESS_ID and TRUSTLY_ACCESS_KEY; "
        "each option also from the environment, in capitals: BASE_URL and so on.",
    )
    for name, text in _SETTINGS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", default=os.environ.get(name.upper(), ""), help=text)
    parser.add_argument("--reports", default=ROOT / "reports" / "contract", help="folder for what is left behind")
    return parser


def _check(settings: Mapping[str, str], reports: Path) -> dict[str, Any]:
    """Make sure that the check can tell something, then run it."""
    # Under names that no other tool reads, so that a plain test run never meets somebody's BASE_URL.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CONTRACT_", "PYTEST_"))}
    environment |= {f"CONTRACT_{name.upper()}": value.strip() for name, value in settings.items()}
    spec_file = Path(settings["spec"] or ROOT / "openapi" / "customers.yaml").resolve()
    spec = Spec.load(spec_file)
    with ExitStack() as stack:
        target = target_from(environment, spec)
        if not settings["spec"] and not settings["base_url"]:
            _refuse_what_is_not_generated(spec_file)
        if not target.named:
            target = at(target, stack.enter_context(sandbox()))
        refuse_unsafe(target, spec, environment)
        with reach(target) as server:
            probe(server, spec)
        status = _run(environment | _handed_down(target, spec_file, reports), reports)
    return _read(reports, settings["app"] or settings["base_url"] or "a sandbox of its own", status)


def _refuse_what_is_not_generated(spec_file: Path) -> None:
    """Refuse to hold the sandbox, which reads what was generated, to a spec that was edited since."""
    digest = hashlib.sha256(spec_file.read_bytes().replace(b"\r\n", b"\n")).hexdigest()  # as the generator has it
    generated = ROOT / "generated" / "trustly_api" / "contract.py"
    if generated.exists() and digest not in generated.read_text(encoding="utf-8"):
        raise NotRunError("generated/ is not of openapi/customers.yaml as it is now: run `make generate` first")


def _handed_down(target: Target, spec_file: Path, reports: Path) -> dict[str, str]:
    return {
        "CONTRACT_BASE_URL": target.base_url,
        "CONTRACT_CUSTOMER_IDS": ",".join(map(encode_id, target.ids)),
        "CONTRACT_SCOPE": target.scope,
        "CONTRACT_PROFILE": target.profile,
        "CONTRACT_SEED": str(target.seed),
        "CONTRACT_SPEC": str(spec_file),
        "CONTRACT_REPORTS": str(reports),
        # As for the command itself: an application is looked for from where the command was run.
        "PYTHONPATH": os.pathsep.join(filter(None, [str(Path.cwd()), os.environ.get("PYTHONPATH", "")])),
        "TRUSTLY_ACCESS_ID": target.access_id,
        "TRUSTLY_ACCESS_KEY": target.access_key,
    }


def _run(environment: Mapping[str, str], reports: Path) -> int:
    """Run the tests to their end, their output in a file, and return how they ended.

    When interrupted, let them put the customers back first.
    """
    command = [sys.executable, "-m", "pytest", "tests/contract", f"--junitxml={reports / 'junit.xml'}", "--quiet"]
    # The project's own options are for its own suite; plain assertions show no values, and load faster.
    command += ["-o", "addopts=", "--import-mode=importlib", "--assert=plain"]
    command += ["-p", "no:cacheprovider", "-p", "no:xdist", "-o", "junit_suite_name=contract"]
    reading, telling = os.pipe()
    handed_on = [telling] if os.name == "posix" else []  # Windows hands no pipe on, and has no bar
    with (
        (reports / "pytest.log").open("w", encoding="utf-8") as output,
        os.fdopen(reading, encoding="utf-8") as told,
        # In a session of its own, or Ctrl-C would reach it twice and cut its tidying up short.
        subprocess.Popen(
            command,
            cwd=ROOT,
            env={**environment, "CONTRACT_PROGRESS": ",".join(map(str, handed_on))},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=handed_on,
        ) as process,
    ):
        os.close(telling)
        try:
            progress.show(told, Console(stderr=True))
            return process.wait()
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            _wait_whatever_comes(process)
            raise


def _wait_whatever_comes(process: subprocess.Popen[bytes]) -> None:
    """Wait for the customers to be put back, however often somebody asks for a quicker end."""
    while process.poll() is None:
        with suppress(KeyboardInterrupt):
            process.wait()


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _left(reports: Path) -> str:
    """Return what an interrupted run could not put back."""
    try:
        not_restored = json.loads((reports / "result.json").read_text(encoding="utf-8"))["not_restored"]
    except (OSError, ValueError, KeyError):
        return ""
    return f"; the customers are {not_restored}, put them right by hand" if not_restored else ""


def _read(reports: Path, server: str, status: int) -> dict[str, Any]:
    try:
        result: dict[str, Any] = json.loads((reports / "result.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        log = reports / "pytest.log"
        msg = f"the check itself failed: {_why(log.read_text(encoding='utf-8', errors='replace'), status)}"
        raise NotRunError(f"{msg}; its output is in {log}") from None
    return {**result, "server": server}


def _why(log: str, status: int) -> str:
    """Return why there is no result, in words of our own: those of another's error may repeat a value."""
    errors = _ERROR.findall(log)
    for kind, words in errors:
        if kind in _TOLD:
            return f"{kind}: {words}" if kind == ModuleNotFoundError.__name__ else words
    if errors:
        return f"{errors[0][0]} was raised"
    if status < 0:
        return f"the process that runs it was ended by {signal.Signals(-status).name}"
    return f"the process that runs it ended with status {status}"


if __name__ == "__main__":
    sys.exit(main())

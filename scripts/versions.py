"""Run the client's tests against the wheel, with the lowest and the newest of what it may be installed with.

Behind `make test-versions`. Each Python on this machine that the package supports gets two environments of its own,
made by uv and thrown away: one with the lowest versions that `pyproject.toml` allows of what it names, one with the
newest. Ends in 1 when a test fails in one of them, and where CI is `true` also when a supported Python is missing.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

from release.artifacts import build

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NAMED = re.compile(r"Programming Language :: Python :: (3\.\d+)")
RESOLUTIONS = ("lowest-direct", "highest")
TESTS = ("tests/unit", "tests/modify", "tests/observe", "tests/faults")
EXTRAS = ("fast", "opentelemetry", "sandbox")
# What those tests use besides, in the newest versions that go with the client's.
TOOLS = ("hypothesis", "opentelemetry-sdk", "pytest>=9", "pytest-xdist", "respx", "ruamel.yaml", "trio", "trustme")
SHOWN = ("anyio", "attrs", "httpx", "jsonschema-rs", "opentelemetry-api", "httptools", "typer")


def main() -> int:
    """Test in all environments, and return the exit status."""
    pythons = found_pythons()
    supported = NAMED.findall("\n".join(PROJECT["classifiers"]))
    missing = [version for version in supported if version not in pythons]
    if missing:
        print(f"not on this machine, so not tested: Python {', '.join(missing)}")
    failed = bool(missing) and os.environ.get("CI") == "true"
    with tempfile.TemporaryDirectory(prefix="wheel-") as built:
        _, wheel = build(ROOT, Path(built))
        for version, interpreter in sorted(pythons.items()):
            for resolution in RESOLUTIONS:
                with tempfile.TemporaryDirectory(prefix="versions-") as folder:
                    failed |= not passes(version, interpreter, resolution, wheel, Path(folder))
    return int(failed)


def found_pythons() -> dict[str, str]:
    """Return an interpreter for each minor version that is here and allowed."""
    # pyenv's own commands on the PATH hide all versions but the chosen ones.
    hidden = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions").glob("3.*/bin")
    path = os.pathsep.join([os.environ["PATH"], *map(str, hidden)])
    arguments = ["python", "list", PROJECT["requires-python"], "--only-installed", "--output-format=json"]
    listed = json.loads(uv(*arguments, "--no-python-downloads", path=path))
    found = [each for each in listed if each["implementation"] == "cpython" and each["variant"] == "default"]
    return {f"3.{each['version_parts']['minor']}": each["path"] for each in reversed(found)}


def passes(version: str, interpreter: str, resolution: str, wheel: Path, folder: Path) -> bool:
    """Make an environment, run the tests in it, and say in a line what came of it."""
    try:
        python = made(interpreter, resolution, wheel, folder)
    except subprocess.CalledProcessError:  # uv has said why
        print(f"Python {version}, {resolution}: FAILED to install", flush=True)
        return False
    installed = dict(line.split("==") for line in uv("pip", "freeze", "--python", python).splitlines() if "==" in line)
    title = f"Python {version}, {resolution}: {', '.join(f'{name} {installed[name]}' for name in SHOWN)}"
    command = [python, "-m", "pytest", "-q", "-n", "2", "-m", "not thorough", "-p", "no:cacheprovider", *TESTS]
    ended = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    lines = ended.stdout.strip().splitlines()
    print(f"{title}: {lines[-1]}" if ended.returncode == 0 else "\n".join([*lines, f"{title}: FAILED"]), flush=True)
    return ended.returncode == 0


def made(interpreter: str, resolution: str, wheel: Path, folder: Path) -> str:
    """Make an environment that holds the wheel, and return its interpreter."""
    uv("venv", "--quiet", "--python", interpreter, str(folder / "env"))
    python = str(folder / "env" / ("Scripts" if sys.platform == "win32" else "bin") / "python")
    extras = [argument for extra in EXTRAS for argument in ("--extra", extra)]
    install = ["pip", "install", "--quiet", "--python", python]
    uv(*install, "--resolution", resolution, "-r", "pyproject.toml", *extras)
    chosen = folder / "chosen.txt"
    chosen.write_text(uv("pip", "freeze", "--python", python), encoding="utf-8")
    uv(*install, "--constraints", str(chosen), *TOOLS)
    uv(*install, "--no-deps", str(wheel))
    return python


def uv(*arguments: str, path: str | None = None) -> str:
    """Run uv, and return what it prints."""
    environment = {**os.environ, "UV_SYSTEM_CERTS": "1", "PATH": path or os.environ["PATH"]}
    command: Sequence[str] = [sys.executable, "-m", "uv", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())

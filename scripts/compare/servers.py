"""The servers that others wrote, each installed into a folder that is thrown away, and run as a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bench._servers import install_prism, prism, stopped_at_the_end, wait_until_it_listens

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT / "generated" / "trustly_api" / "openapi.json"
_UV = {**os.environ, "UV_SYSTEM_CERTS": "1"}


class CannotInstallError(Exception):
    """A server cannot be had on this machine; the text says why."""


@contextmanager
def prism_mock(folder: Path, complaints: IO[str]) -> Iterator[str]:
    """Run Prism over the specification, and give its base URL: it serves the paths without the server's own."""
    reason = install_prism(folder)
    if reason:
        raise CannotInstallError(reason)
    with prism(folder, complaints) as server:
        yield f"http://127.0.0.1:{server.port}"


@contextmanager
def generated_fastapi(folder: Path, complaints: IO[str]) -> Iterator[str]:
    """Generate a FastAPI server from the specification, run it with our two methods, and give its base URL."""
    python = _environment(folder / "venv")
    made = {"--server-output": "generated_server", "--output": "generated_models.py"}
    options = [part for option, name in made.items() for part in (option, str(folder / name))]
    options += ["--server-package", "generated_server", "--server-model-package", "generated_models"]
    options += ["--input", str(SPEC), "--input-file-type", "openapi", "--generate-server", "fastapi"]
    options += ["--output-model-type", "pydantic_v2.BaseModel", "--target-pydantic-version", "2.14"]
    _run([str(python), "-m", "datamodel_code_generator", *options, "--formatters", "builtin"])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    command = [str(python), str(Path(__file__).with_name("fastapi_app.py")), str(SPEC), str(port)]
    with stopped_at_the_end(command, {**os.environ, "PYTHONPATH": str(folder)}, complaints):
        wait_until_it_listens(port)
        yield f"http://127.0.0.1:{port}/api/v1"


def _environment(folder: Path) -> Path:
    """Make an environment of the pinned packages, apart from the project's own, and return its Python."""
    venv.create(folder)
    python = folder / "bin" / "python"
    pins = str(ROOT / "requirements" / "compare.txt")
    _run([sys.executable, "-m", "uv", "--quiet", "pip", "sync", "--python", str(python), "--require-hashes", pins], _UV)
    return python


def _run(command: list[str], environment: Mapping[str, str] = os.environ) -> None:
    ended = subprocess.run(command, env=dict(environment), check=False, capture_output=True, text=True)
    if ended.returncode:
        said = ended.stderr.strip().splitlines()
        raise CannotInstallError(said[-1] if said else f"{command[0]} ended in {ended.returncode}")

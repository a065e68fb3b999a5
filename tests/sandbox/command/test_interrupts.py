"""The commands that work on a store, when somebody wants them to stop."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from tests.sandbox._process import COMMAND, TIMEOUT
from typer.testing import Result

from trustly_customers.sandbox._bulk import files, transfer
from trustly_customers.sandbox._stores.postgres import PostgresStore
from trustly_customers.sandbox._stores.protocol import Steps
from trustly_customers.sandbox._stores.sqlite import SQLiteStore

from .conftest import Run, exported

Import = Callable[[io.BytesIO], Result]
put_all = transfer._put_all

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no process can be interrupted there alone")


ENDING: dict[str, Any] = {"SIGINT": signal.default_int_handler, "SIGTERM": signal.SIG_DFL, "SIGHUP": signal.SIG_DFL}


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """Let signals do what they do in a program of its own, and see that they do so afterwards."""
    before = {name: signal.signal(getattr(signal, name), handler) for name, handler in ENDING.items()}
    try:
        yield
        assert {name: signal.getsignal(getattr(signal, name)) for name in ENDING} == ENDING
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


@pytest.fixture
def line(offline: Run) -> bytes:
    """A line that holds a customer."""
    return offline("generate", "1", "-").stdout_bytes


class Interrupted(io.BytesIO):
    """A file; somebody interrupts after the first line of it."""

    def __init__(self, content: bytes, number: int = signal.SIGINT) -> None:
        super().__init__(content)
        self._number = number

    def readline(self, size: int | None = -1, /) -> bytes:
        if self.tell():
            signal.raise_signal(self._number)
        return super().readline(size)


@pytest.fixture
def imported(offline: Run, store: str, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Import what comes from there."""

    def run(source: io.BytesIO) -> Result:
        monkeypatch.setattr(files, "existing_file", lambda _path: nullcontext(source))
        return offline("import", "customers.jsonl", "--store", store)

    return run


def test_an_import_that_is_interrupted_while_lines_come_reads_no_further_and_imports_none(
    offline: Run, store: str, line: bytes, imported: Import
) -> None:
    source = Interrupted(line * 3)
    done = imported(source)
    assert (done.exit_code, done.stderr) == (130, "")
    assert source.tell() == len(line)
    assert exported(offline, store) == []


@pytest.mark.parametrize("command", [("generate", "300"), ("import", "{file}")])
def test_what_is_interrupted_while_it_is_written_changes_nothing(
    offline: Run, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    file = tmp_path / "customers.jsonl"
    offline("generate", "300", str(file))
    offline("generate", "3", "--seed", "9", "--store", store)
    before = exported(offline, store)

    def interrupted(*arguments: Any) -> Steps[int]:
        count = yield from put_all(*arguments)
        signal.raise_signal(signal.SIGINT)
        return count

    with monkeypatch.context() as patched:
        patched.setattr(transfer, "_put_all", interrupted)
        done = offline(*(each.format(file=file) for each in command), "--store", store)
    assert (done.exit_code, done.stderr) == (130, "")
    assert exported(offline, store) == before


def test_what_is_interrupted_when_it_was_committed_is_told_as_done(
    offline: Run, store: str, line: bytes, imported: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    close = SQLiteStore.close

    async def interrupted(self: SQLiteStore) -> None:
        signal.raise_signal(signal.SIGINT)
        await close(self)

    with monkeypatch.context() as patched:
        patched.setattr(SQLiteStore, "close", interrupted)
        done = imported(io.BytesIO(line))
    assert (done.exit_code, done.stderr) == (0, "imported 1 lines\n")
    assert exported(offline, store) == line.decode().splitlines()


def test_what_is_interrupted_while_a_thread_writes_is_not_committed_there(
    offline: Run, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, namespace = conninfo, ("--namespace", uuid.uuid4().hex)
    close, closing = PostgresStore.close, threading.Event()

    def interrupted(*arguments: Any) -> Steps[int]:
        count = yield from put_all(*arguments)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        assert closing.wait(TIMEOUT)
        return count

    async def told(self: PostgresStore) -> None:
        closing.set()
        await close(self)

    with monkeypatch.context() as patched:
        patched.setattr(transfer, "_put_all", interrupted)
        patched.setattr(PostgresStore, "close", told)
        done = offline("generate", "3", "--store", store, *namespace)
    assert (done.exit_code, done.stderr) == (130, "")
    assert offline("export", "-", "--store", store, *namespace).stderr.startswith("error: there is no namespace")


def test_a_signal_that_is_ignored_stays_so(offline: Run, store: str, line: bytes, imported: Import) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert imported(Interrupted(line, signal.SIGHUP)).exit_code == 0
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    assert exported(offline, store) == line.decode().splitlines()


@pytest.mark.parametrize("name", ENDING)
def test_a_file_that_is_not_whole_is_gone_whatever_ends_the_command(tmp_path: Path, name: str) -> None:
    command = [*COMMAND, "generate", "1000000", str(tmp_path / "customers.jsonl")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            while process.poll() is None and not any(each.stat().st_size for each in tmp_path.iterdir()):
                pass
            process.send_signal(getattr(signal, name))
            said = process.communicate(timeout=TIMEOUT)
        finally:
            process.kill()
    assert (process.returncode, said) == (130, (b"", b""))
    assert list(tmp_path.iterdir()) == []

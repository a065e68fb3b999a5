"""Customers by the thousand, straight into a store or out of it, beside a running sandbox or without one."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, TypeVar

import typer

from .interrupts import interruptible
from .terminal import fail, failing_as

if TYPE_CHECKING:
    from trustly_customers.sandbox import Store
    from trustly_customers.sandbox._stores.protocol import Steps

T = TypeVar("T")

STORE_VARIABLE = "TRUSTLY_SANDBOX_STORE"
StoreName = Annotated[
    str | None, typer.Option("--store", envvar=STORE_VARIABLE, help="The store: what the server's --store names.")
]
Namespace = Annotated[str, typer.Option(help="Which namespace; the one without a name by default.")]

_STANDARD = Path("-")
_TOLD = 20
"""How many of the lines that are left out are told one by one."""
_BUSY, _FULL = "another process writes", "the disk is full"
_REASONS = {
    "SQLITE_BUSY": _BUSY,
    "SQLITE_FULL": _FULL,
    "SQLITE_CORRUPT": "the file is damaged",
    "LockNotAvailable": _BUSY,
    "DiskFull": _FULL,
}
"""Of the names of a database's errors, those that say little to most people."""


def add_store_commands(sandbox: typer.Typer) -> None:
    """Add them below `sandbox`."""
    sandbox.command("import")(import_customers)
    sandbox.command("export")(export_customers)
    sandbox.command("generate")(generate_customers)


def import_customers(
    file: Annotated[Path, typer.Argument(help="JSON Lines: a whole customer on each; - for standard input.")],
    *,
    store: StoreName = None,
    namespace: Namespace = "",
    skip_invalid: Annotated[bool, typer.Option("--skip-invalid", help="Leave out lines that hold none.")] = False,
) -> None:
    """Set customers from a file: all of them, or none where a line holds no valid one."""
    from trustly_customers.sandbox._bulk.lines import refuse
    from trustly_customers.sandbox._bulk.transfer import import_lines

    left_out = _LeftOut()
    refused = left_out if skip_invalid else refuse
    with interruptible() as committing, _sentences():
        with _source(file) as source, _progress("importing", _size(file)) as read:
            count = _over(store, lambda opened: import_lines(opened, namespace, source, refused, read), committing)
        if left_out.count > _TOLD:
            typer.echo(f"and {left_out.count - _TOLD} more lines", err=True)
        typer.echo(f"imported {count} lines" + (f", left out {left_out.count}" if skip_invalid else ""), err=True)


def export_customers(
    file: Annotated[Path, typer.Argument(help="Where to write JSON Lines; - for standard output.")],
    *,
    store: StoreName = None,
    namespace: Namespace = "",
) -> None:
    """Write every customer on a line, as `import` reads them: personal data included."""
    from trustly_customers.sandbox._bulk.transfer import export_lines
    from trustly_customers.sandbox._stores.opening import is_file, open_to_read

    with interruptible() as committing, _sentences():
        if store is not None and is_file(store) and not Path(store).is_file():
            fail(f"there is no store {store} to export from")
        with _target(file, store) as target, _progress("exporting", None) as written:
            count = _over(
                store, lambda opened: export_lines(opened, namespace, target, written), committing, open_to_read
            )
    typer.echo(f"exported {count} customers", err=True)


def generate_customers(  # noqa: PLR0913 - the options of a command
    context: typer.Context,
    count: Annotated[int, typer.Argument(min=1, metavar="N", help="How many.")],
    file: Annotated[
        Path | None, typer.Argument(help="Where to write JSON Lines instead of a store; - for standard output.")
    ] = None,
    *,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same customers.")] = 0,
    store: StoreName = None,
    namespace: Namespace = "",
) -> None:
    """Draw synthetic customers of the US and Canada, into a store or a file."""
    from trustly_customers.sandbox._bulk.transfer import import_generated, write_generated

    source = context.get_parameter_source("store")  # a store that the environment names is for other commands too
    if file is not None and source is not None and source.name == "COMMANDLINE":
        fail("customers go into a file or into a store; give FILE or --store, not both", status=2)
    with interruptible() as committing, _sentences():
        with _progress("generating", count) as drawn:
            if file is None:
                _over(store, lambda opened: import_generated(opened, namespace, count, seed, drawn), committing)
            else:
                with _target(file, store) as target:
                    write_generated(target, count, seed, drawn)
        typer.echo(f"generated {count} customers", err=True)


class _LeftOut:
    """Counts the lines that are left out, and tells of the first ones."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, number: int, reason: str) -> None:
        self.count += 1
        if self.count <= _TOLD:
            typer.echo(f"left out line {number}: {reason}", err=True)


class _Watched:
    """A store that says when it is about to commit, before it does."""

    def __init__(self, store: Store, committing: Callable[[], None]) -> None:
        self.get, self.update, self.read, self.close = store.get, store.update, store.read, store.close
        self.is_detached = store.is_detached
        self._write = store.write
        self._committing = committing
        self.commits = False
        """Whether it has begun to commit."""

    async def write(self, steps: Steps[T]) -> T:
        def watched() -> Steps[T]:
            result = yield from steps
            self._committing()
            self.commits = True
            return result

        return await self._write(watched())


def _over(
    store: str | None,
    work: Callable[[Store], Awaitable[T]],
    committing: Callable[[], None],
    opening: Callable[[str], Store] | None = None,
) -> T:
    """Do something with a store, and let go of it."""
    from trustly_customers.sandbox import SandboxError, open_store

    if store is None or store == "memory":
        fail(f"name the store with --store or {STORE_VARIABLE}: one in memory is its server's alone", status=2)

    async def done() -> T:
        opened = _Watched((opening or open_store)(store), committing)
        try:
            return await work(opened)
        except (SandboxError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - a database's own words may repeat personal data
            raise SandboxError(_failure(error, opened)) from None
        finally:
            await opened.close()

    return asyncio.run(done())


def _failure(error: Exception, store: _Watched) -> str:
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    reason = f"{name}: {_REASONS[name]}" if name in _REASONS else name
    # SQLite undoes a commit that fails; a server may have lost no more than its answer.
    if store.commits and not isinstance(error, sqlite3.Error):
        return f"the store failed ({reason}) while it committed; look whether it was changed before you try again"
    return f"the store failed ({reason}); nothing was changed in it"


@contextmanager
def _sentences() -> Iterator[None]:
    from trustly_customers.sandbox import SandboxError

    try:
        with failing_as("reading or writing failed"):
            yield
    except SandboxError as error:
        fail(str(error))


@contextmanager
def _progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal, and nothing elsewhere."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        yield lambda more: progress.advance(task, more)


def _size(file: Path) -> int | None:
    return file.stat().st_size if file.is_file() else None


def _source(file: Path) -> AbstractContextManager[BinaryIO]:
    from trustly_customers.sandbox._bulk.files import existing_file

    return nullcontext(sys.stdin.buffer) if file == _STANDARD else existing_file(file)


def _target(file: Path, store: str | None) -> AbstractContextManager[BinaryIO]:
    from trustly_customers.sandbox._bulk.files import new_file

    if store is not None and file.is_file() and Path(store).is_file() and file.samefile(store):
        fail(f"{file} is the store, and would be overwritten; name another file", status=2)
    return _standard_output() if file == _STANDARD else new_file(file)


@contextmanager
def _standard_output() -> Iterator[BinaryIO]:
    yield sys.stdout.buffer
    sys.stdout.flush()  # or it would be said to be done before it fails

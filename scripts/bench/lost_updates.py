"""How many updates are lost when several writers change different fields of one customer through `modify`.

Each writer has a field of its own and sets it again and again. An update is lost when the writer, or in the end we,
find another value there than the last one that was set: somebody sent an old one along. What `modify` never sends
without need, an optional property, cannot be lost; the required ones can, unless the writers share a lock.

Ends in 1 when an update is lost where none may be.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any, Protocol

import attrs
from rich.console import Console
from rich.table import Table

from trustly_customers import ConflictError, CustomerUpdate, Trustly
from trustly_customers.locks import InProcessLock, PostgresLock

if not __package__:  # run as a file: find the neighbours as the tests do
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.postgres import Unavailable, server
from demo import CUSTOMER_ID, sandbox

MOST_WRITERS = 8
ROUNDS = 25
PROCESS_ROUNDS = 15
START_SECONDS = 60

MakeLock = Callable[[], Any]
FieldPath = tuple[str, ...]


class Start(Protocol):
    """Lets all writers begin at the same moment."""

    def wait(self, timeout: float) -> object:
        """Wait for the others."""


@dataclass(frozen=True)
class Job:
    """What one writer does."""

    base_url: str
    field: FieldPath
    mark: str
    rounds: int


@dataclass(frozen=True)
class Written:
    """What came of it."""

    field: FieldPath
    last: str
    lost: int
    conflicts: int
    seconds: float


@dataclass(frozen=True)
class Case:
    """Writers that change different fields at the same time, and what keeps them apart."""

    fields: str
    writers: int
    lock: str
    make_lock: MakeLock
    in_processes: bool = False

    @property
    def may_lose(self) -> bool:
        """Whether updates can be lost: of required properties, without a lock."""
        return self.fields == "required" and self.lock == "none"


@dataclass(frozen=True)
class Outcome:
    """What came of a case."""

    updates: int
    lost: int
    conflicts: int
    seconds: float


_start: Start | None = None


def text_fields(*, required: bool) -> list[FieldPath]:
    """Return the fields of free text that the specification has, those of nested objects last."""
    document = json.loads(resources.files("trustly_api").joinpath("openapi.json").read_bytes())
    schemas = document["components"]["schemas"]
    whole = schemas["CustomerUpdate"]

    def leaves(schema: Any, path: FieldPath) -> Iterator[FieldPath]:
        if "$ref" in schema:
            schema = schemas[schema["$ref"].rsplit("/", 1)[-1]]
        if "string" in schema.get("type", ()) and "pattern" not in schema:
            yield path
        for name, inner in schema.get("properties", {}).items():
            yield from leaves(inner, (*path, name))

    names = [name for name in whole["properties"] if (name in whole["required"]) is required]
    found = [path for name in names for path in leaves(whole["properties"][name], (name,))]
    return sorted(found, key=len)


def value_at(properties: Any, path: FieldPath) -> Any:
    """Return the value of a field, or None."""
    for name in path:
        properties = properties.get(name, {})
    return properties or None


def write(job: Job, lock: Any, start: Start) -> Written:
    """Set a field again and again, and count how often the last value was gone."""
    lost = conflicts = 0
    last: str | None = None
    seen: list[Any] = []

    def edit(update: CustomerUpdate, value: str) -> None:
        properties = update.to_dict()
        seen.append(value_at(properties, job.field))
        holder = properties
        for name in job.field[:-1]:
            holder = holder[name]
        holder[job.field[-1]] = value
        changed = CustomerUpdate.from_dict(properties)
        for each in attrs.fields(CustomerUpdate):
            setattr(update, each.name, getattr(changed, each.name))

    with Trustly("sandbox", "sandbox", base_url=job.base_url) as client:
        start.wait(START_SECONDS)
        began = time.perf_counter()
        for number in range(job.rounds):
            value = f"{job.mark} {number}"
            seen.clear()
            while True:
                try:
                    client.customers.modify(CUSTOMER_ID, partial(edit, value=value), lock=lock)
                    break
                except ConflictError:
                    conflicts += 1
            lost += last is not None and any(each != last for each in seen)
            last = value
    return Written(job.field, last or "", lost, conflicts, time.perf_counter() - began)


def run(case: Case, base_url: str, rounds: int) -> Outcome:
    """Let the writers of a case loose, and say what came of it."""
    fields = text_fields(required=case.fields == "required")[: case.writers]
    jobs = [Job(base_url, field, f"writer {number} of {case}", rounds) for number, field in enumerate(fields)]
    with _workers(case) as pool:
        results = list(pool.map(partial(_work, case.make_lock), jobs))
    with Trustly("sandbox", "sandbox", base_url=base_url) as client:
        after = client.customers.get(CUSTOMER_ID).to_dict()
    lost = sum(each.lost + (value_at(after, each.field) != each.last) for each in results)
    return Outcome(
        len(jobs) * rounds, lost, sum(each.conflicts for each in results), max(each.seconds for each in results)
    )


def _workers(case: Case) -> Executor:
    if case.in_processes:
        context = multiprocessing.get_context("spawn")
        barrier = context.Barrier(case.writers)
        return ProcessPoolExecutor(case.writers, context, initializer=_begin, initargs=(barrier,))
    return ThreadPoolExecutor(case.writers, initializer=_begin, initargs=(threading.Barrier(case.writers),))


def _begin(start: Start) -> None:
    global _start  # noqa: PLW0603 - a process of the pool can be given it in no other way
    _start = start


def _work(make_lock: MakeLock, job: Job) -> Written:
    assert _start is not None  # noqa: S101 - for the type checker: the pool's initializer set it
    return write(job, make_lock(), _start)


class Shared:
    """Gives the same lock to all threads."""

    def __init__(self, lock: Any) -> None:
        self._lock = lock

    def __call__(self) -> Any:
        """Give it."""
        return self._lock


def no_lock() -> None:
    """Give no lock."""


def cases(writers: int, conninfo: str | None) -> list[Case]:
    """Return what to measure with a number of writers."""
    found = []
    for fields in ("optional", "required"):
        found.append(Case(fields, writers, "none", no_lock))
        found.append(Case(fields, writers, "in process", Shared(InProcessLock())))
    if conninfo is not None:
        found.append(Case("required", writers, "none", no_lock, in_processes=True))
        found.append(Case("required", writers, "PostgreSQL", partial(PostgresLock, conninfo), in_processes=True))
    return found


def main() -> int:
    """Measure, and print a table."""
    table = Table("fields", "writers", "lock", "updates", "lost", "conflicts", "updates/s", title="Lost updates")
    status = 0
    with ExitStack() as stack:
        base_url = stack.enter_context(sandbox())
        try:
            conninfo = stack.enter_context(server())
        except Unavailable as error:
            conninfo = None
            print(f"the lock in PostgreSQL was not measured: {error}", file=sys.stderr)
            status = int(os.environ.get("CI") == "true")
        for case in [each for writers in (2, MOST_WRITERS) for each in cases(writers, conninfo)]:
            outcome = run(case, base_url, PROCESS_ROUNDS if case.in_processes else ROUNDS)
            wrong = outcome.lost > 0 and not case.may_lose
            status |= wrong
            table.add_row(
                case.fields,
                f"{case.writers} {'processes' if case.in_processes else 'threads'}",
                case.lock,
                str(outcome.updates),
                f"{outcome.lost}{' WRONG' if wrong else ''}",
                str(outcome.conflicts),
                f"{outcome.updates / outcome.seconds:.0f}",
            )
    Console().print(table)
    return status


if __name__ == "__main__":
    sys.exit(main())

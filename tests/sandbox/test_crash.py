"""What was acknowledged survives the sudden end of a sandbox, or of PostgreSQL, in the middle of updates.

Processes are killed here, not machines: what a power cut may take is told in docs/sandbox.md. `make crash` runs many
rounds; CRASH_SEED repeats one run's moments.
"""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench import postgres

from ._process import TIMEOUT, running
from ._writers import break_off, check, writers

pytestmark = pytest.mark.thorough

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "6"))
POSTGRES_ROUNDS = max(2, ROUNDS // 5)
MOST_UPDATES = 200


@pytest.fixture
def moments() -> random.Random:
    """Draws after how many acknowledged updates something ends."""
    seed = os.environ.get("CRASH_SEED") or str(random.SystemRandom().randrange(10**6))
    print(f"CRASH_SEED={seed}")  # noqa: T201 - pytest shows it when the test fails
    return random.Random(seed)  # noqa: S311 - no secret


@pytest.fixture
def server() -> Iterator[postgres.Server]:
    """A PostgreSQL server of the test's own, which flushes what it commits."""
    with postgres.running(fsync=True) as found:
        yield found


def test_sqlite_keeps_what_was_acknowledged_when_the_sandbox_is_killed(
    tmp_path: Path, update: dict[str, Any], moments: random.Random
) -> None:
    database = tmp_path / "customers.db"
    all_writers = writers(8)
    for turn in range(ROUNDS + 1):
        with running("--store", str(database), "--durability", ("normal", "full")[turn % 2]) as sandbox:
            check(all_writers, sandbox)
            if turn < ROUNDS:
                after = moments.randrange(1, MOST_UPDATES)
                break_off(all_writers, sandbox, update, after=after, crash=sandbox.process.kill)
                sandbox.process.wait(TIMEOUT)
    assert not any(writer.unexpected for writer in all_writers)
    connection = sqlite3.connect(database)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


def test_postgresql_keeps_what_was_acknowledged_when_the_sandbox_is_killed(
    server: postgres.Server, update: dict[str, Any], moments: random.Random
) -> None:
    all_writers = writers(8)
    for turn in range(POSTGRES_ROUNDS + 1):
        with running("--store", server.conninfo) as sandbox:
            check(all_writers, sandbox)
            if turn < POSTGRES_ROUNDS:
                after = moments.randrange(1, MOST_UPDATES)
                break_off(all_writers, sandbox, update, after=after, crash=sandbox.process.kill)
    assert not any(writer.unexpected for writer in all_writers)


def test_postgresql_keeps_what_was_acknowledged_when_it_crashes_itself_and_the_sandbox_serves_on(
    server: postgres.Server, update: dict[str, Any], moments: random.Random
) -> None:
    all_writers = writers(8)
    with running("--store", server.conninfo) as sandbox:
        for _ in range(POSTGRES_ROUNDS):
            break_off(all_writers, sandbox, update, after=moments.randrange(1, MOST_UPDATES), crash=server.crash)
            server.start()
            check(all_writers, sandbox)
    assert {status for writer in all_writers for status in writer.unexpected} <= {500}
    assert any(writer.unexpected for writer in all_writers), "nothing crashed"

"""Sets the contract check up: the target, the customers to change and to restore, and what a failure looks like."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from ._customers import Customers
from ._ledger import LAYERS, BrokenClaimError, Ledger
from ._report import Report, describe
from ._restore import NotRestoredError, Snapshot
from ._spec import Spec
from ._target import NotRunError, Target, at, current_settings, current_spec, sandbox

_LEDGER: pytest.StashKey[Ledger] = pytest.StashKey()
_ERRORS: pytest.StashKey[Sequence[str]] = pytest.StashKey()
_TARGET: pytest.StashKey[Target] = pytest.StashKey()


@pytest.fixture(scope="session")
def spec() -> Spec:
    return current_spec()


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """The server under test, as `scripts/contract.py` names it; otherwise a sandbox of this session's own."""
    with ExitStack() as stack:
        found = current_settings()
        if not found.named:
            found = at(found, stack.enter_context(sandbox()))
        elif "PYTEST_XDIST_WORKER" in os.environ:
            raise NotRunError(
                "several workers cannot check one server at once: they change the same customers; use -n 0"
            )
        request.config.stash[_TARGET] = found
        yield found


@pytest.fixture(scope="session")
def ledger(spec: Spec, target: Target, request: pytest.FixtureRequest) -> Ledger:
    return request.config.stash.setdefault(_LEDGER, Ledger(spec, target))


@pytest.fixture(scope="session")
def snapshot(spec: Spec, target: Target, ledger: Ledger) -> Iterator[Snapshot]:
    """The customers as they were, and are again when the session ends, failed or not."""
    taken = Snapshot.take(Customers(target, spec, ledger))
    try:
        yield taken
    finally:
        try:
            taken.restore()
        except NotRestoredError as error:
            ledger.not_restored = str(error)
            # That a property can be removed again is inferred: elsewhere it is told, but no failure.
            if target.scope == "all":
                raise
        finally:
            taken.customers.close()


@pytest.fixture
def customers(snapshot: Snapshot) -> Customers:
    """The two operations, expecting nothing of what other tests may have left behind."""
    snapshot.customers.forget()
    return snapshot.customers


@pytest.fixture
def one(target: Target) -> str:
    """The customer that a test changes."""
    return target.ids[0]


@pytest.fixture
def other(target: Target) -> str:
    """A customer that no update of the first may touch."""
    return target.ids[1]


@pytest.fixture(autouse=True)
def _each(request: pytest.FixtureRequest, snapshot: Snapshot, ledger: Ledger) -> Iterator[None]:
    """Name the test in the reports, and let no other test see what a broken server was left with."""
    ledger.test, before = request.node.name, ledger.breaks
    ledger.layer = LAYERS[request.node.path.stem]
    yield
    if ledger.breaks > before:
        with suppress(NotRestoredError):
            snapshot.restore()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show a broken claim as what it is: no traceback, no credential, no value that a customer held before."""
    report = yield
    ledger = item.config.stash.get(_LEDGER, None)
    if not report.failed or call.excinfo is None:
        return report
    error: Any = call.excinfo.value
    if isinstance(error, BrokenClaimError) and ledger is not None:
        ledger.fail(error.found, item.name)
        report.longrepr = describe(error.found)
    else:
        text = str(report.longrepr) if ledger is None else ledger.redact(str(report.longrepr))
        errors = item.config.stash.get(_ERRORS, ())
        item.config.stash[_ERRORS] = [*errors, f"{item.name}: {call.excinfo.typename}"]
        report.longrepr = text
    return report


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    stash, folder = session.config.stash, os.environ.get("CONTRACT_REPORTS")
    if folder and _LEDGER in stash and _TARGET in stash:
        target = stash[_TARGET]
        settings = {"seed": target.seed, "scope": target.scope, "profile": target.profile}
        report = Report(Path(folder), stash[_LEDGER], stash.get(_ERRORS, ()))
        report.finish(session.testscollected, int(exitstatus), settings)

"""Sets the contract check up: the target, the customers to change and to restore, and what a failure looks like."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis.errors import Flaky

from ._caution import MARKERS, select
from ._customers import Customers
from ._ledger import LAYERS, BrokenClaimError, Ledger, UnknownClauseError
from ._progress import Progress
from ._report import Report, describe
from ._restore import NotRestoredError, ServerGoneError, Snapshot
from ._server import INTERRUPTED, NoAnswerError, Server, reach
from ._spec import Spec
from ._target import NotRunError, Target, at, current_settings, current_spec, sandbox

_LEDGER: pytest.StashKey[Ledger] = pytest.StashKey()
_ERRORS: pytest.StashKey[Sequence[str]] = pytest.StashKey()
_PROGRESS: pytest.StashKey[Progress] = pytest.StashKey()
_TARGET: pytest.StashKey[Target] = pytest.StashKey()
_LEFT_OUT: pytest.StashKey[Counter[str]] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    for name, why in MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {why}")
    config.stash[_PROGRESS] = progress = Progress.from_environment()
    config.pluginmanager.register(progress)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Let an interrupted run of the command end at its next request, wherever in the code the signal arrives."""

    def interrupt(_number: int, _frame: object) -> None:
        session.shouldstop = "interrupted"
        INTERRUPTED.set()

    if "CONTRACT_REPORTS" in os.environ:
        signal.signal(signal.SIGINT, interrupt)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this run must not do, and take the layers one after the other."""
    here = [item for item in items if item.path.parent == Path(__file__).parent]
    if not here:
        return
    others = [item for item in items if item.path.parent != Path(__file__).parent]
    kept, config.stash[_LEFT_OUT] = select(here, current_settings())
    order = list(dict.fromkeys(LAYERS.values()))
    kept.sort(key=lambda item: order.index(LAYERS[item.path.stem]))
    config.hook.pytest_deselected(items=[item for item in here if item not in kept])
    items[:] = [*others, *kept]


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
        elif "PYTEST_XDIST_WORKER" in os.environ and not found.app:
            raise NotRunError(
                "several workers cannot check one server at once: they change the same customers; use -n 0"
            )
        request.config.stash[_TARGET] = found
        yield found


@pytest.fixture(scope="session")
def server(target: Target) -> Iterator[Server]:
    with reach(target) as found:
        yield found


@pytest.fixture(scope="session")
def ledger(spec: Spec, target: Target, request: pytest.FixtureRequest) -> Ledger:
    found = request.config.stash.setdefault(_LEDGER, Ledger(spec, target))
    found.left_out = request.config.stash[_LEFT_OUT]
    found.when_sent = request.config.stash[_PROGRESS].sent
    return found


@pytest.fixture(scope="session")
def snapshot(spec: Spec, server: Server, ledger: Ledger, request: pytest.FixtureRequest) -> Iterator[Snapshot]:
    """The customers as they were, and are again when the session ends, failed or not."""
    target, customers = server.target, Customers(server, spec, ledger)
    try:
        taken = Snapshot.take(customers)
    except BaseException as error:
        customers.close()
        if isinstance(error, (NoAnswerError, BrokenClaimError)):
            request.session.shouldfail = str(error)
        raise
    try:
        yield taken
    finally:
        try:
            if not target.read_only:
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
    if ledger.breaks > before and not snapshot.customers.target.read_only:
        try:
            snapshot.restore()
        except ServerGoneError as error:
            request.session.shouldfail = str(error)
        except NotRestoredError:
            pass  # The next test begins with what there is; the last word is the session's.


def _broken_claim(error: BaseException | None) -> BrokenClaimError | None:
    """Return the broken claim behind an error: where a server does not break it twice, Hypothesis wraps it."""
    if error is None or isinstance(error, BrokenClaimError):
        return error
    if isinstance(error, BaseExceptionGroup):
        return next((found for one in error.exceptions if (found := _broken_claim(one))), None)
    return _broken_claim(error.__cause__ or error.__context__)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show a broken claim as what it is: no traceback, no credential, no value that a customer held before."""
    report = yield
    ledger = item.config.stash.get(_LEDGER, None)
    if not report.failed or call.excinfo is None:
        return report
    error = _broken_claim(call.excinfo.value)
    if error is None and isinstance(call.excinfo.value, Flaky) and ledger is not None:
        # Where a server has changed meanwhile, Hypothesis cannot repeat what it saw, and forgets what that was.
        error = ledger.raised if ledger.raised and ledger.raised.found.test == ledger.test else None
    if error is not None and ledger is not None:
        ledger.fail(error.found, item.name, LAYERS[item.path.stem])
        report.longrepr = describe(error.found)
    else:
        text = str(report.longrepr) if ledger is None else ledger.redact(str(report.longrepr))
        errors = item.config.stash.get(_ERRORS, ())
        unknown = isinstance(call.excinfo.value, UnknownClauseError)
        kind = str(call.excinfo.value) if unknown else call.excinfo.typename
        item.config.stash[_ERRORS] = [*errors, f"{item.name}: {kind}"]
        report.longrepr = text
    return report


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> Generator[None, None, None]:
    """Write the result once everything is put back, which an interrupted session does in here."""
    try:
        return (yield)
    finally:
        stash, folder = session.config.stash, os.environ.get("CONTRACT_REPORTS")
        if folder and _LEDGER in stash and _TARGET in stash:
            target = stash[_TARGET]
            settings = {"seed": target.seed, "scope": target.scope, "profile": target.profile}
            report = Report(Path(folder), stash[_LEDGER], stash.get(_ERRORS, ()), stash[_PROGRESS].by_layer())
            report.finish(session.testscollected, int(exitstatus), settings)

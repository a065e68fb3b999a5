"""The sandbox inside another program: in process and on a socket, for every kind of client."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn
from tests.conftest import Flavour

from trustly_customers import APIConnectionError, AsyncTrustly, Customer, NotFoundError, Trustly
from trustly_customers.sandbox import Sandbox, SandboxError, serve
from trustly_customers.sandbox._faults import faults
from trustly_customers.sandbox._http import Receive
from trustly_customers.sandbox._stores.sqlite import SQLiteStore

pytestmark = pytest.mark.anyio

ID = "1002580963"


@pytest.fixture
def anyio_backend(flavour: Flavour) -> str:
    """The clients run on every loop, wherever the sandbox's own is."""
    return "trio" if flavour == "trio" else "asyncio"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture(params=["in process", "on a socket"])
def way(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


def client(sandbox: Sandbox, way: str, namespace: str) -> Trustly:
    name = f"{sandbox.access_id}~{namespace}"
    if way == "in process":
        return Trustly(name, sandbox.access_key, transport=sandbox.transport())
    return Trustly(name, sandbox.access_key, base_url=sandbox.base_url)


def async_client(sandbox: Sandbox, way: str, namespace: str) -> AsyncTrustly:
    name = f"{sandbox.access_id}~{namespace}"
    if way == "in process":
        return AsyncTrustly(name, sandbox.access_key, transport=sandbox.transport())
    return AsyncTrustly(name, sandbox.access_key, base_url=sandbox.base_url)


async def test_every_kind_of_client_updates_and_reads_in_process_and_on_a_socket(
    sandbox: Sandbox, way: str, flavour: Flavour
) -> None:
    namespace = f"kinds-{way.replace(' ', '-')}-{flavour}"
    if flavour == "sync":
        with client(sandbox, way, namespace) as sync:
            sync.customers.modify(ID, vip="3")
            found = sync.customers.get(ID)
    else:
        async with async_client(sandbox, way, namespace) as awaited:
            await awaited.customers.modify(ID, vip="3")
            found = await awaited.customers.get(ID)
    assert isinstance(found, Customer)
    assert found.vip == "3"


def test_what_is_written_in_process_is_read_on_the_socket(sandbox: Sandbox) -> None:
    with client(sandbox, "in process", "both") as inside, client(sandbox, "on a socket", "both") as outside:
        inside.customers.modify(ID, vip="7")
        assert outside.customers.get(ID).vip == "7"


def test_namespaces_never_see_each_other(sandbox: Sandbox) -> None:
    with client(sandbox, "in process", "one") as one, client(sandbox, "in process", "two") as two:
        one.customers.modify(ID, vip="9")
        assert two.customers.get(ID).vip != "9"
        assert one.customers.get(ID).vip == "9"


def test_many_threads_share_one_transport(sandbox: Sandbox) -> None:
    with client(sandbox, "in process", "threads") as shared:
        names = ["vip", "balance", "currency", "tax_id", "person_id", "national_id", "organization_number"]
        threads = [
            threading.Thread(target=shared.customers.modify, args=(ID,), kwargs={name: name}, daemon=True)
            for name in names
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        found = shared.customers.get(ID)
    assert {name: getattr(found, name) for name in names} == {name: name for name in names}


def test_an_answer_without_a_body_has_none_in_process_either(sandbox: Sandbox) -> None:
    with httpx.Client(transport=sandbox.transport(), base_url="http://sandbox/api/v1") as plain:
        answer = plain.options(f"/customers/{ID}")
        assert (answer.status_code, answer.content) == (204, b"")
        head = plain.head(f"/customers/{ID}", auth=("sandbox", "sandbox"))
        assert (head.status_code, head.content) == (200, b"")
        assert int(head.headers["content-length"]) > 0


@pytest.mark.parametrize("fault", ["truncated-body", "reset-during"])
def test_an_answer_to_head_has_no_body_that_a_fault_could_cut(sandbox: Sandbox, way: str, fault: str) -> None:
    transport = sandbox.transport() if way == "in process" else httpx.HTTPTransport()
    with httpx.Client(transport=transport, auth=("sandbox~head", "sandbox")) as plain:
        head = plain.head(f"{sandbox.base_url}/customers/{ID}", headers={"Prefer": f"fault={fault}"})
    assert (head.status_code, head.content) == (200, b"")


def test_the_customers_of_a_file_are_there_the_next_time(tmp_path: Path) -> None:
    for vip in ("4", "5"):
        with Sandbox(store=tmp_path / "customers.db") as kept, client(kept, "in process", "file") as writer:
            assert writer.customers.get(ID).vip != vip
            writer.customers.modify(ID, vip=vip)
    with Sandbox(store=tmp_path / "customers.db") as kept, client(kept, "in process", "file") as reader:
        assert reader.customers.get(ID).vip == "5"


def test_its_socket_is_on_loopback_and_gone_after_it(tmp_path: Path) -> None:
    with ExitStack() as stack:
        running = stack.enter_context(Sandbox(store=tmp_path / "customers.db", access_id="a", access_key="b"))
        url = urlsplit(running.base_url)
        assert url.hostname == "127.0.0.1"
        assert running.base_url == running.base_url
        with client(running, "on a socket", "x") as reader, pytest.raises(NotFoundError):
            reader.customers.get("nobody")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://{url.netloc}/")


def test_a_stop_waits_for_no_request_that_a_fault_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = threading.Event()
    gone = faults._gone

    async def watched(receive: Receive) -> None:
        held.set()
        await gone(receive)

    monkeypatch.setattr(faults, "_gone", watched)
    sandbox = Sandbox(store=tmp_path / "customers.db").__enter__()
    outcomes: list[object] = []

    def ask() -> None:
        patient = httpx.Timeout(None)
        with httpx.Client(transport=sandbox.transport(), auth=("sandbox", "sandbox"), timeout=patient) as plain:
            try:
                outcomes.append(plain.get("http://sandbox/api/v1/customers/fault-no-answer"))
            except httpx.TransportError as error:
                outcomes.append(type(error))

    threads = [threading.Thread(target=ask, daemon=True), threading.Thread(target=sandbox.close, daemon=True)]
    threads[0].start()
    assert held.wait(20)
    threads[1].start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    assert outcomes == [httpx.ReadError]


async def test_a_request_after_the_stop_is_refused_and_surely_not_applied(flavour: Flavour) -> None:
    with Sandbox() as stopped:
        sync, awaited = client(stopped, "in process", "late"), async_client(stopped, "in process", "late")

    async def modify() -> None:
        if flavour == "sync":
            sync.customers.modify(ID, vip="3")
        else:
            await awaited.customers.modify(ID, vip="3")

    with sync, pytest.raises(APIConnectionError) as raised:
        await modify()
    await awaited.close()
    assert raised.value.may_have_been_applied is False


@pytest.mark.parametrize("use", [Sandbox.transport, lambda sandbox: sandbox.base_url])
def test_outside_of_its_block_it_says_how_to_use_it(use: object) -> None:
    sandbox = Sandbox()
    for _ in range(2):
        with pytest.raises(SandboxError, match="with Sandbox"):
            use(sandbox)  # type: ignore[operator] # one of the two above
        with sandbox:
            pass


def test_a_store_that_cannot_be_opened_leaves_nothing_running(tmp_path: Path) -> None:
    threads = threading.active_count()
    with pytest.raises(SandboxError, match="cannot be opened"), Sandbox(store=tmp_path):
        pytest.fail("it runs all the same")
    assert threading.active_count() == threads


async def _fails(*_arguments: object, **_options: object) -> None:
    raise OSError(24, "zq too many open files")


def test_a_socket_that_cannot_be_served_on_is_told_and_let_go_of(monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox() as running:
        with monkeypatch.context() as broken:
            broken.setattr(uvicorn.Server, "startup", _fails)
            with pytest.raises(OSError, match="zq"):
                str(running.base_url)
        with client(running, "on a socket", "again") as reader:
            assert reader.customers.get(ID).customer_id == ID


@pytest.mark.parametrize("failing", ["credentials", "startup"])
def test_a_server_that_cannot_start_lets_go_of_its_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    closed: list[object] = []
    close = SQLiteStore.close

    async def watched(store: SQLiteStore) -> None:
        await close(store)
        closed.append(store)

    monkeypatch.setattr(SQLiteStore, "close", watched)
    if failing == "startup":
        monkeypatch.setattr(uvicorn.Server, "startup", _fails)
    access_id = "a:b" if failing == "credentials" else "a"
    with pytest.raises((SandboxError, OSError)):
        serve(port=0, store=tmp_path / "customers.db", access_id=access_id)
    assert len(closed) == 1


def test_its_repr_shows_no_key() -> None:
    assert "hush" not in repr(Sandbox(access_id="a", access_key="hush"))

"""The command as a process: how it starts, stops, survives, and what it says when it cannot start."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bench.postgres import PASSWORD
from trustly_customers.sandbox import SandboxError, _spec, serve
from trustly_customers.sandbox._server import uvicorn as _uvicorn
from trustly_customers.sandbox._stores.sqlite import APPLICATION_ID

from ._process import COMMAND, TIMEOUT, Sandbox, read_answer, running

CUSTOMER = "/customers/1002580963"


@pytest.fixture(autouse=True)
def _no_server_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def started(*_: object, **__: object) -> None:
        pytest.fail("it started all the same")

    monkeypatch.setattr(_uvicorn, "run", started)


def name_of(sandbox: Sandbox) -> str:
    return str(json.loads(sandbox.get(CUSTOMER).body)["customer"]["name"])


def rename(sandbox: Sandbox, update: dict[str, Any], name: str) -> None:
    assert sandbox.post(CUSTOMER, json.dumps({**update, "name": name}).encode()).status == 200


def accepts(sandbox: Sandbox) -> bool:
    try:
        sandbox.connect().close()
    except OSError:
        return False
    return True


def refusal(*options: str, env: dict[str, str] | None = None) -> str:
    """What the command says when it cannot start; it must be one sentence and a status of its own."""
    command = [*COMMAND, *options]
    environment = {**os.environ, **(env or {})}
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False, env=environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_sigint_ends_it_with_0_and_nothing_was_written_about_requests(update: dict[str, Any]) -> None:
    with running() as sandbox:
        rename(sandbox, update, "secret")
        sandbox.get("/customers/secret")
        sandbox.post(CUSTOMER, b"{")
        sandbox.exchange(b"rubbish\r\n\r\n")
        sandbox.process.send_signal(signal.SIGINT)
        assert sandbox.process.communicate(timeout=TIMEOUT) == ("", "")
        assert sandbox.process.returncode == 0


def test_sigterm_ends_it_with_0_after_finishing_what_it_accepted(update: dict[str, Any]) -> None:
    body = json.dumps(update).encode()
    with running() as sandbox, sandbox.connect() as sock:
        sock.sendall(sandbox.request(CUSTOMER, b"Content-Length: %d\r\n" % len(body)) + body[:10])
        # A later request has been answered, so the head of the first has been taken in.
        assert sandbox.get(CUSTOMER).status == 200
        sandbox.process.terminate()
        while accepts(sandbox):
            pass
        sock.sendall(body[10:])
        assert read_answer(sock).status == 200
        assert sock.recv(1) == b""
        assert sandbox.process.communicate(timeout=TIMEOUT) == ("", "")
        assert sandbox.process.returncode == 0


def test_a_file_keeps_what_was_acknowledged_through_kill_9_and_through_a_stop(
    tmp_path: Path, update: dict[str, Any]
) -> None:
    database = tmp_path / "with a space.db"
    options = ("--store", str(database))
    with running(*options) as sandbox:
        for number in range(50):
            rename(sandbox, update, f"name {number}")
        sandbox.process.kill()
        sandbox.process.wait(TIMEOUT)
    with running(*options) as sandbox:
        assert name_of(sandbox) == "name 49"
        rename(sandbox, update, "stopped")
        if os.name == "posix":
            assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
        sandbox.process.terminate()
        assert sandbox.process.wait(TIMEOUT) == 0
    assert [path.name for path in tmp_path.iterdir()] == [database.name]
    with running(*options) as sandbox:
        assert name_of(sandbox) == "stopped"


def test_two_processes_on_one_file_lose_no_update(tmp_path: Path, update: dict[str, Any]) -> None:
    options = ("--store", str(tmp_path / "customers.db"))
    required = {name: update[name] for name in ("name", "address", "phone", "email")}
    statuses: list[int] = []

    def write(sandbox: Sandbox, prefix: str) -> None:
        for number in range(20):
            body = json.dumps({**required, f"{prefix}{number}": number}).encode()
            statuses.append(sandbox.post(CUSTOMER, body).status)

    with running(*options) as first, running(*options) as second:
        threads = [
            threading.Thread(target=write, args=(sandbox, prefix)) for sandbox, prefix in ((first, "a"), (second, "b"))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        customer = json.loads(first.get(CUSTOMER).body)["customer"]
        assert statuses == [200] * 40
        assert customer.items() >= {f"{prefix}{n}": n for prefix in "ab" for n in range(20)}.items()
        assert first.get(CUSTOMER).body == second.get(CUSTOMER).body


def test_a_database_is_named_by_the_environment_too_and_its_password_is_said_nowhere(
    conninfo: str, update: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = conninfo_to_dict(conninfo)
    url = f"postgresql://{parts['user']}:{PASSWORD}@{parts['host']}:{parts['port']}/{parts['dbname']}"
    monkeypatch.setenv("TRUSTLY_SANDBOX_STORE", url)
    with running() as first, running() as second:
        rename(first, update, "in PostgreSQL")
        assert name_of(second) == "in PostgreSQL"
        for sandbox in (first, second):
            assert PASSWORD not in " ".join(map(str, sandbox.process.args))  # type: ignore[arg-type] # a list of ours
            sandbox.process.terminate()
            assert sandbox.process.communicate(timeout=TIMEOUT) == ("", "")
            assert sandbox.process.returncode == 0


@pytest.mark.parametrize("change", [{"password": "s3cr3t"}, {"port": "1"}])
def test_a_database_that_cannot_be_opened_is_one_sentence_of_the_command_without_the_password(
    conninfo: str, change: dict[str, str]
) -> None:
    store = make_conninfo(conninfo, **change)
    anywhere = ("--port", "0")
    for said in (refusal(*anywhere, "--store", store), refusal(*anywhere, env={"TRUSTLY_SANDBOX_STORE": store})):
        assert "PostgreSQL" in said
        assert PASSWORD not in said
        assert "s3cr3t" not in said


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
def test_it_listens_on_ipv6_and_says_so() -> None:
    with running("--host", "::1") as sandbox:
        assert sandbox.base_url.startswith("http://[::1]:")
        assert sandbox.get(CUSTOMER).status == 200


def test_a_port_in_use_is_one_sentence_of_the_command(server: Sandbox) -> None:
    port = str(urlsplit(server.base_url).port)
    assert f"127.0.0.1 port {port}" in refusal("--port", port)


def test_a_package_without_its_specification_is_one_sentence_of_the_command(tmp_path: Path) -> None:
    installed = importlib.util.find_spec("trustly_api")
    assert installed
    assert installed.origin
    package = tmp_path / "trustly_api"
    shutil.copytree(Path(installed.origin).parent, package, ignore=shutil.ignore_patterns("openapi.json"))
    said = refusal("--port", "0", env={"PYTHONPATH": str(tmp_path)})
    assert f"{package / 'openapi.json'} is missing" in said


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "missing"),
        (b"{", "not an OpenAPI document"),
        (b"\xff", "not an OpenAPI document"),
        (b"{}", "not an OpenAPI document"),
        (b"[]", "not an OpenAPI document"),
        (b'{"components": {}, "servers": [{"url": "https://a/b"}], "paths": {}}', "has no operation getCustomer"),
    ],
)
def test_a_specification_that_cannot_be_served_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, words: str
) -> None:
    package = ModuleSpec("trustly_api", None)
    package.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: package)
    if content is not None:
        (tmp_path / "openapi.json").write_bytes(content)
    _spec.load_spec.cache_clear()
    try:
        with pytest.raises(SandboxError, match=f"{words}.*make generate"):
            serve(port=0)
    finally:
        _spec.load_spec.cache_clear()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])  # noqa: S104 - what is being refused
def test_an_address_that_others_can_reach_is_refused_with_the_default_credentials(host: str) -> None:
    with pytest.raises(SandboxError, match="default credentials"):
        serve(host=host, port=0, access_id="another")


def test_an_address_that_is_not_this_machines_is_said_to_be() -> None:
    with pytest.raises(SandboxError, match=r"cannot listen on 192\.0\.2\.1"):
        serve(host="192.0.2.1", port=0, access_key="another")


@pytest.mark.parametrize("host", ["", "x" * 100])
def test_an_address_that_is_none_is_said_to_be(host: str) -> None:
    with pytest.raises(SandboxError, match=r"is not known here; use 127\.0\.0\.1"):
        serve(host=host, port=0)


@pytest.mark.parametrize("port", [-1, 65536, 70000])
def test_a_port_that_is_none_is_said_to_be(port: int) -> None:
    with pytest.raises(SandboxError, match=f"there is no port {port}; use 1 to 65535, or 0"):
        serve(port=port)


def test_a_database_that_cannot_be_opened_is_said_to_be(tmp_path: Path) -> None:
    for database in (tmp_path / "no" / "folder.db", tmp_path):
        with pytest.raises(SandboxError) as raised:
            serve(port=0, store=database)
        assert f"the database {database} cannot be opened" in str(raised.value)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_said_to_be_and_left_alone(tmp_path: Path) -> None:
    database = tmp_path / "notes.txt"
    database.write_bytes(b"not a database at all " * 100)
    with pytest.raises(SandboxError) as raised:
        serve(port=0, store=database)
    assert f"{database} is not an SQLite database" in str(raised.value)
    assert database.read_bytes() == b"not a database at all " * 100


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("CREATE TABLE other (id)", "belongs to another program"),
        ("PRAGMA application_id = 1", "belongs to another program"),
        (f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 99", "schema 99"),
    ],
)
def test_a_database_of_another_program_or_version_is_said_to_be_and_left_alone(
    tmp_path: Path, statement: str, words: str
) -> None:
    database = tmp_path / "other.db"
    connection = sqlite3.connect(database)
    connection.executescript(statement)
    connection.close()
    before = database.read_bytes()
    with pytest.raises(SandboxError, match=words) as raised:
        serve(port=0, store=database)
    assert str(database) in str(raised.value)
    assert database.read_bytes() == before


def test_a_machine_without_the_server_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "trustly_customers.sandbox._server.uvicorn", raising=False)
    with pytest.raises(SandboxError, match=r"needs uvicorn.*trustly-customers\[sandbox\]"):
        serve(port=0)


def test_the_sandbox_needs_neither_the_client_nor_the_generated_code() -> None:
    # The parent package loads the client for its users; a bare one in its place shows what the sandbox itself loads.
    folder = str(Path(_spec.__file__).parents[1])
    code = f"""if True:
        import sys, types
        sys.modules["trustly_customers"] = parent = types.ModuleType("trustly_customers")
        parent.__path__ = [{folder!r}]
        from trustly_customers import sandbox
        sandbox.create_app(sandbox.open_store())
        print(*sys.modules)
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=TIMEOUT, check=True)
    loaded = set(done.stdout.split())
    assert "trustly_customers.sandbox._app" in loaded
    assert not {"trustly_api", "httpx", "uvicorn", "typer"} & loaded
    assert {name.split(".")[1] for name in loaded if name.startswith("trustly_customers.")} == {"sandbox"}

"""The PostgreSQL store by itself: taking turns with other sandboxes, losing the server, and refusing to start."""

from __future__ import annotations

import asyncio
import secrets
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from anyio.lowlevel import checkpoint
from psycopg import errors
from psycopg.conninfo import make_conninfo

from bench.postgres import PASSWORD
from trustly_customers.sandbox import SandboxError, open_store
from trustly_customers.sandbox._stores import operations, postgres
from trustly_customers.sandbox._stores.postgres import PostgresStore
from trustly_customers.sandbox._stores.protocol import Steps

pytestmark = pytest.mark.anyio

SECRET = "s3cr3t"


@pytest.fixture
def admin(conninfo: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        yield connection


@pytest.fixture
def database(conninfo: str, admin: psycopg.Connection) -> Iterator[str]:
    """A database of the test's own."""
    name = f"test_{uuid.uuid4().hex}"
    admin.execute(f"CREATE DATABASE {name}")
    yield make_conninfo(conninfo, dbname=name)
    admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def stores(conninfo: str, namespace: str) -> AsyncIterator[list[PostgresStore]]:
    """Two sandboxes' stores over one database, with two texts in it."""
    opened = [PostgresStore.open(conninfo) for _ in range(2)]
    await opened[0].write(operations.put(namespace, [("a", b"0"), ("b", b"0")]))
    yield opened
    for store in opened:
        await store.close()


def plus_one(document: bytes) -> bytes:
    return b"%d" % (int(document) + 1)


def end_all(connection: psycopg.Connection) -> None:
    """End every connection of sandboxes to this database, as a restart of the server does."""
    connection.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE application_name = 'trustly-customers sandbox'"
    )


async def test_updates_that_wait_at_the_same_moment_share_one_transaction(
    stores: list[PostgresStore], admin: psycopg.Connection, namespace: str
) -> None:
    await asyncio.gather(*(stores[0].update(namespace, key, plus_one) for key in "aabaaabaa"))
    rows = admin.execute(
        "SELECT xmin::text FROM trustly_sandbox.customers WHERE namespace = %s", [namespace.encode()]
    ).fetchall()
    assert len(rows) == 2
    assert len(set(rows)) == 1


async def test_nobody_can_write_between_the_read_and_the_write_of_an_update(
    stores: list[PostgresStore], admin: psycopg.Connection, namespace: str
) -> None:
    admin.execute("SET lock_timeout = '1ms'")
    refused: list[Exception] = []

    def change(document: bytes) -> bytes:
        try:
            admin.execute("UPDATE trustly_sandbox.customers SET document = '7' WHERE id = 'a'")
        except errors.LockNotAvailable as error:
            refused.append(error)
        return plus_one(document)

    assert await stores[0].update(namespace, "a", change) == b"1"
    assert refused


async def test_nobody_can_update_while_a_write_goes_on_but_all_can_read(
    stores: list[PostgresStore], admin: psycopg.Connection, namespace: str
) -> None:
    admin.execute("SET lock_timeout = '1ms'")

    seen: list[object] = []

    async def found() -> bytes | None:
        return await stores[1].get(namespace, "a")

    def steps() -> Steps[None]:
        yield from operations.delete(namespace, "a")
        try:
            admin.execute("SELECT FROM trustly_sandbox.customers WHERE id = 'b' FOR UPDATE")
        except errors.LockNotAvailable as error:
            seen.append(error.sqlstate)
        seen.append(asyncio.run(found()))

    await stores[0].write(steps())
    assert seen == ["55P03", b"0"]
    assert await stores[1].get(namespace, "a") is None


async def test_a_write_that_is_given_up_waits_for_nobody_any_more_and_changes_nothing(
    stores: list[PostgresStore], conninfo: str, admin: psycopg.Connection, namespace: str
) -> None:
    waiting = "SELECT FROM pg_locks WHERE NOT granted AND relation = 'trustly_sandbox.customers'::regclass"
    with psycopg.connect(conninfo) as other:
        other.execute("LOCK TABLE trustly_sandbox.customers IN ROW EXCLUSIVE MODE")
        write = asyncio.ensure_future(stores[0].write(operations.put(namespace, [("a", b"7")])))
        while not admin.execute(waiting).fetchall():
            await checkpoint()
        write.cancel()
        async with asyncio.timeout(20):  # it would wait for longer
            assert await stores[0].update(namespace, "a", plus_one) == b"1"
        assert write.cancelled()


async def test_rows_are_locked_in_the_order_of_their_keys_so_that_no_two_sandboxes_wait_in_a_circle(
    stores: list[PostgresStore], conninfo: str, admin: psycopg.Connection, namespace: str
) -> None:
    await stores[0].write(operations.put(namespace, [(key, b"0") for key in "abcdef"]))
    of_namespace = "FROM trustly_sandbox.customers WHERE namespace = %s"
    with psycopg.connect(conninfo) as other:
        (pid,) = (
            other.execute(
                f"SELECT pg_backend_pid() {of_namespace} AND id = 'c' FOR UPDATE", [namespace.encode()]
            ).fetchone()
            or ()
        )
        updates = [asyncio.ensure_future(stores[0].update(namespace, key, plus_one)) for key in "fdbeca"]
        waits = "SELECT FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))"
        while not admin.execute(waits, [pid]).fetchall():
            await checkpoint()
        free = admin.execute(f"SELECT id {of_namespace} FOR UPDATE SKIP LOCKED", [namespace.encode()]).fetchall()
        assert sorted(free) == [(b"d",), (b"e",), (b"f",)]
    assert await asyncio.gather(*updates) == [b"1"] * 6


async def test_a_connection_that_could_not_be_prepared_is_not_used(
    stores: list[PostgresStore], namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stores[0].write(operations.put(namespace, [("a", b"0")]))
    with monkeypatch.context() as patch:
        patch.setattr(postgres, "_SESSION", "SELECT 1 / 0")
        with pytest.raises(errors.DivisionByZero):
            await stores[1].get(namespace, "a")
    assert await stores[1].get(namespace, "a") == b"0"


async def test_stores_that_update_the_same_customers_at_once_lose_nothing(
    stores: list[PostgresStore], namespace: str
) -> None:
    keys = [f"{number:02}" for number in range(40)]
    await stores[0].write(operations.put(namespace, [(key, b"0") for key in keys]))

    async def work(store: PostgresStore, order: list[str]) -> None:
        for _ in range(20):
            await asyncio.gather(*(store.update(namespace, key, plus_one) for key in order))

    await asyncio.gather(work(stores[0], keys), work(stores[1], keys[::-1]))
    assert [await stores[1].get(namespace, key) for key in keys] == [b"40"] * 40


async def test_a_server_that_was_restarted_meanwhile_is_not_noticed(
    stores: list[PostgresStore], admin: psycopg.Connection, namespace: str
) -> None:
    store = stores[0]
    actions: list[Callable[[], object]] = [
        lambda: store.get(namespace, "a"),
        lambda: store.update(namespace, "a", plus_one),
        lambda: store.write(operations.create(namespace, uuid.uuid4().hex, b"0")),
        lambda: store.read(operations.count(namespace)),
    ]
    for action in actions * 2:
        end_all(admin)
        assert await action()  # type: ignore[misc] # each is a coroutine
    assert await store.get(namespace, "a") == b"2"


async def test_a_connection_that_breaks_inside_a_transaction_is_told_to_everybody_and_nothing_has_changed(
    stores: list[PostgresStore], admin: psycopg.Connection, namespace: str
) -> None:
    def breaking(document: bytes) -> bytes:
        end_all(admin)
        return document + b"!"

    def steps() -> Steps[None]:
        yield from operations.put(namespace, [("a", b"!")])
        end_all(admin)
        yield from operations.put(namespace, [("b", b"!")])

    updates = [stores[0].update(namespace, "a", plus_one), stores[0].update(namespace, "b", breaking)]
    results = await asyncio.gather(*updates, stores[1].write(steps()), return_exceptions=True)
    assert all(isinstance(result, psycopg.OperationalError) for result in results)
    for store in stores:
        assert await store.get(namespace, "a") == await store.get(namespace, "b") == b"0"
        await store.update(namespace, "a", lambda document: document)


async def test_a_server_that_is_away_fails_each_call_and_serves_again_when_it_is_back(
    database: str, admin: psycopg.Connection
) -> None:
    name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
    store = PostgresStore.open(database)
    await store.write(operations.put("", [("a", b"0")]))
    admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    admin.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name])
    for call in (store.get("", "a"), store.update("", "a", plus_one), store.read(operations.count(""))):
        with pytest.raises(psycopg.OperationalError):
            await call
    admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    assert await store.update("", "a", plus_one) == await store.get("", "a") == b"1"
    await store.close()


async def test_nobody_waits_for_a_lock_or_holds_one_for_ever(stores: list[PostgresStore]) -> None:
    def settings() -> Steps[set[str]]:
        found = set()
        for name in ("lock_timeout", "idle_in_transaction_session_timeout"):
            ((value,),) = yield f"SHOW {name}", ()
            found.add(str(value))
        return found

    assert await stores[0].read(settings()) == await stores[0].write(settings()) == {"30s", "1min"}


async def test_an_identifier_that_no_index_can_hold_is_refused_and_others_are_not(
    stores: list[PostgresStore], namespace: str
) -> None:
    longest, too_long = secrets.token_hex(1300), secrets.token_hex(4000)
    with pytest.raises(errors.ProgramLimitExceeded):
        await stores[0].write(operations.create(namespace, too_long, b"0"))
    assert await stores[0].get(namespace, too_long) is None
    assert await stores[0].write(operations.create(namespace, longest, b"0"))


async def test_stores_that_are_opened_at_once_make_the_tables_once(database: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(PostgresStore.open, [database] * 8))
    begun = [await store.write(operations.begin("", {"a": b"0"})) for store in opened]
    assert begun == [True] + [False] * 7
    for store in opened:
        await store.close()


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("CREATE SCHEMA trustly_sandbox; CREATE TABLE trustly_sandbox.mine (id int)", "belongs to another program"),
        ("UPDATE trustly_sandbox.schema_version SET version = 99", "another version of the sandbox \\(schema 99"),
        ("DELETE FROM trustly_sandbox.schema_version", "another version of the sandbox \\(schema none"),
    ],
)
async def test_a_database_of_another_program_or_version_is_said_to_be(
    database: str, statement: str, words: str
) -> None:
    if "CREATE" not in statement:
        await open_store(database).close()
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(statement)
    with pytest.raises(SandboxError, match=words):
        open_store(database)


async def test_a_user_who_may_not_create_a_schema_is_told_and_one_whose_schema_is_there_can_start(
    database: str, admin: psycopg.Connection
) -> None:
    user = f"user_{uuid.uuid4().hex}"
    admin.execute(f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}'")
    own = make_conninfo(database, user=user)
    with pytest.raises(SandboxError, match="may not make or use the schema"):
        open_store(own)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA trustly_sandbox AUTHORIZATION {user}")
    store = open_store(own)
    assert await store.write(operations.begin("", {"a": b"0"}))
    await store.close()
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"DROP OWNED BY {user}")
        connection.execute(f"DROP ROLE {user}")


@pytest.mark.parametrize(
    ("store", "words"),
    [
        (f"postgresql://user:{SECRET}@127.0.0.1:1/x", "cannot be reached"),
        (f"postgres://user:{SECRET}/{SECRET}@127.0.0.1:1/x", "cannot be reached"),
        (f"postgresql://user:{SECRET}%zz@127.0.0.1/x", "neither a URL nor a conninfo"),
        (f"host=127.0.0.1 port=1 password={SECRET}", "cannot be reached"),
        (f"host=127.0.0.1 port=x password={SECRET}", "cannot be reached"),
        (f" host=127.0.0.1 port=1 password={SECRET}", "cannot be reached"),
        (f"\npostgresql://user:{SECRET}@127.0.0.1:1/x", "cannot be reached"),
        (f"host=127.0.0.1 {SECRET}", "neither a URL nor a conninfo"),
        (f"postgresql://user:{SECRET}\udc80@127.0.0.1:1/x", "neither a URL nor a conninfo"),
    ],
)
def test_a_server_that_cannot_be_reached_is_said_to_be_and_no_password_is_shown(store: str, words: str) -> None:
    with pytest.raises(SandboxError, match=words) as raised:
        open_store(store)
    assert SECRET not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


@pytest.mark.parametrize("change", [{"user": "nobody-here"}, {"dbname": "nothing-here"}, {"password": SECRET}])
def test_a_user_a_password_or_a_database_that_is_not_there_is_refused(conninfo: str, change: dict[str, str]) -> None:
    with pytest.raises(SandboxError, match="refuses the connection; check the user") as raised:
        open_store(make_conninfo(conninfo, **change))
    assert not set(change.values()) & set(str(raised.value).split())


def test_a_machine_without_psycopg_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    for name in ("postgres", "postgres_schema"):
        monkeypatch.delitem(sys.modules, f"trustly_customers.sandbox._stores.{name}", raising=False)
    with pytest.raises(SandboxError, match=r"needs psycopg.*trustly-customers\[postgres\]"):
        open_store("postgresql://127.0.0.1:1/x")

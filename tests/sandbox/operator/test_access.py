"""Who may ask on the operator's side, and what every answer there has in common."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest

from trustly_customers.sandbox import SandboxError, Store, create_app, open_store
from trustly_customers.sandbox._spec import Spec
from trustly_customers.sandbox._stores.sqlite import Durability, SQLiteStore

from .conftest import Sides

pytestmark = pytest.mark.anyio

ENDPOINTS = [
    ("GET", "/metrics"),
    ("GET", "/customers"),
    ("POST", "/customers"),
    ("GET", "/customers/1002580963"),
    ("PUT", "/customers/1002580963"),
    ("DELETE", "/customers/1002580963"),
    ("POST", "/reset"),
    ("DELETE", "/namespace"),
    ("GET", "/snapshots"),
    ("PUT", "/snapshots/a"),
    ("DELETE", "/snapshots/a"),
    ("POST", "/snapshots/a/restore"),
    ("GET", "/requests"),
    ("DELETE", "/requests"),
    ("GET", "/faults"),
    ("POST", "/faults"),
    ("DELETE", "/faults"),
    ("DELETE", "/faults/1"),
    ("GET", "/faults/catalogue"),
]


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
@pytest.mark.parametrize("auth", [None, ("sandbox", "Sandbox"), ("other", "sandbox"), ("sandbox~", "sandbox")])
async def test_nothing_is_told_or_done_without_the_right_credentials(
    sides: Sides, method: str, path: str, auth: Any
) -> None:
    operator = await sides.operator()
    answer = await operator.request(method, path, auth=auth or httpx.Auth())
    assert answer.status_code == 401
    assert answer.json().keys() == {"error"}
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert (await operator.get("/customers/1002580963")).status_code == 200


@pytest.mark.parametrize(("method", "path"), [*ENDPOINTS, ("GET", "/health"), ("GET", "/ready"), ("GET", "/nowhere")])
async def test_no_answer_may_be_stored_or_sets_a_cookie(operator: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await operator.request(method, path)
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    assert answer.status_code < 500


@pytest.mark.parametrize("path", ["/health", "/ready"])
async def test_health_and_readiness_are_told_to_everybody(operator: httpx.AsyncClient, path: str) -> None:
    answer = await operator.get(path, auth=httpx.Auth())
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert (await operator.head(path)).content == b""


async def test_a_store_that_fails_is_not_ready_and_yet_alive(tmp_path: Any) -> None:
    store = SQLiteStore.open(tmp_path / "store.db")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(store)), base_url="http://s/_sandbox"
    ) as all_:
        await store.close()
        with pytest.raises(sqlite3.ProgrammingError):
            await store.get("", "")
        assert (await all_.get("/ready")).status_code == 503
        assert (await all_.get("/ready")).json() == {"error": "The store does not answer."}
        assert (await all_.get("/health")).status_code == 200
        answer = await all_.get("/customers", auth=("sandbox", "sandbox"))
        assert (answer.status_code, answer.json()) == (500, {"error": "The sandbox failed."})


@pytest.mark.parametrize("durability", Durability)
@pytest.mark.parametrize("instead", ["nothing", "another file"])
async def test_a_store_whose_file_is_gone_is_not_ready(durability: Durability, instead: str, tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    store = SQLiteStore.open(file, durability)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(store)), base_url="http://s/_sandbox"
    ) as all_:
        assert (await all_.get("/ready")).status_code == 200
        file.rename(tmp_path / "moved.db")
        if instead == "another file":
            file.touch()
        answer = await all_.get("/ready")
        assert answer.status_code == 503
        assert answer.json() == {
            "error": "The store's file is gone or another, so what is written now may be lost; start the sandbox anew."
        }
        file.unlink(missing_ok=True)
        (tmp_path / "moved.db").rename(file)
        assert (await all_.get("/ready")).status_code == 200
    await store.close()


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PATCH", "/customers", "GET, HEAD, OPTIONS, POST"),
        ("GET", "/reset", "OPTIONS, POST"),
        ("BREW", "/health", "GET"),
    ],
)
async def test_a_method_that_a_path_does_not_know_is_405_with_those_that_it_knows(
    operator: httpx.AsyncClient, method: str, path: str, allow: str
) -> None:
    answer = await operator.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"].startswith(allow)
    assert answer.json().keys() == {"error"}


@pytest.mark.parametrize("path", ["/", "/nowhere", "/customers/a/b", "/health/", "/customers/", "/customers/%ff"])
async def test_a_path_that_is_not_there_is_404(operator: httpx.AsyncClient, path: str) -> None:
    answer = await operator.get(path)
    assert answer.status_code == 404
    assert answer.json().keys() == {"error"}


async def test_the_operators_paths_are_nowhere_below_the_apis(api: httpx.AsyncClient) -> None:
    for path in ("/_sandbox/health", "/health", "/../../_sandboxes/health"):
        answer = await api.get(path)
        assert answer.status_code == 404
        assert "errors" in answer.json()


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("GET", "/customers", "limit=0"),
        ("GET", "/customers", "limit=zqsecret"),
        ("GET", "/customers", "limit=1001"),
        ("GET", "/customers", "limit=٣"),
        ("GET", "/customers", "limit=1&limit=2"),
        ("GET", "/customers", "zqsecret=1"),
        ("GET", "/customers", "after=%ff"),
        ("GET", "/customers", "&".join(f"a{n}=1" for n in range(100))),
        ("GET", "/requests", "wait=61"),
        ("GET", "/requests", "wait=-1"),
        ("GET", "/requests", "count=0"),
        ("GET", "/requests", "status=zqsecret"),
        ("GET", "/requests", "status=99"),
        ("GET", "/requests", "unmask=zqsecret"),
        ("GET", "/requests", "since=99999999999999999999"),
        ("POST", "/reset", "all=zqsecret"),
    ],
)
async def test_a_query_that_cannot_be_is_400_and_repeats_nothing(
    operator: httpx.AsyncClient, method: str, path: str, query: str
) -> None:
    answer = await operator.request(method, f"{path}?{query}")
    assert answer.status_code == 400
    assert answer.json().keys() == {"error"}
    assert "zqsecret" not in answer.text


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"a":1,"a":2}', "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[" * 1000, "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"{}", None, 415),
        (b'{"a":"%b"}' % (b"x" * 2**20), "application/json", 413),
    ],
)
@pytest.mark.parametrize("path", ["/customers", "/faults"])
async def test_a_body_that_is_no_json_object_is_refused(
    operator: httpx.AsyncClient, path: str, content: bytes, content_type: str | None, status: int
) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    answer = await operator.post(path, content=content, headers=headers)
    assert answer.status_code == status
    assert answer.json().keys() == {"error"}


@pytest.mark.parametrize("base", ["https://a/_sandbox", "https://a/_sandbox/v1"])
def test_a_specification_below_the_operators_path_is_refused(
    spec: dict[str, Any], monkeypatch: pytest.MonkeyPatch, base: str
) -> None:
    moved = Spec({**spec, "servers": [{"url": base}]})
    monkeypatch.setattr("trustly_customers.sandbox._app.load_spec", lambda: moved)
    store: Store = open_store()
    with pytest.raises(SandboxError, match="begin with /_sandbox"):
        create_app(store)
    moved = Spec({**spec, "servers": [{"url": "https://a/_sandboxes"}]})
    create_app(store)

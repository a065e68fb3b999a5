"""The fixtures, as a merchant's test suite uses them: each of these runs a suite of its own in a fresh process."""

from __future__ import annotations

import re
import socket

import pytest

from codegen.spec import ROOT
from trustly_customers.sandbox import Sandbox
from trustly_customers.testing import SandboxNamespace

CONFIGURATION = "[pytest]\nfilterwarnings = error\n"


def run(pytester: pytest.Pytester, suite: str, *options: str) -> pytest.RunResult:
    """Run a suite in this process, where all that is slow to load is loaded."""
    pytester.makeini(CONFIGURATION)
    pytester.makepyfile(test_suite=suite)
    return pytester.runpytest_inprocess("-q", "-p", "no:cacheprovider", *options)


def run_apart(pytester: pytest.Pytester, suite: str, *options: str) -> pytest.RunResult:
    """Run a suite in a process of its own, with the plugins that pytest finds by itself but the slow one."""
    pytester.makeini(CONFIGURATION)
    pytester.makepyfile(test_suite=suite)
    return pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider", "-p", "no:schemathesis", *options, timeout=100)


def readme_suite() -> str:
    """The suite that the documentation shows."""
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    (suite,) = re.findall(r"^```python title=\"test_promotion.py\"\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return str(suite)


def test_the_suite_that_the_readme_shows_passes(pytester: pytest.Pytester) -> None:
    run(pytester, readme_suite()).assert_outcomes(passed=1)


SUITE = """
import pytest

from trustly_customers import APIConnectionError, Trustly


def test_code_that_makes_its_own_client(trustly_environment, trustly_sandbox):
    customer = trustly_sandbox.create_customer(name="Ann Example", vip="1")
    with Trustly.from_env(max_retries=0) as client:
        assert client.customers.get(customer.customer_id).name == "Ann Example"
        trustly_sandbox.fail("reset-before", operation="updateCustomer")
        with pytest.raises(APIConnectionError):
            client.customers.modify(customer.customer_id, vip="2")
    seen = [each["operation"] for each in trustly_sandbox.requests()]
    assert seen == ["getCustomer", "getCustomer", "updateCustomer"]


def test_a_client_without_a_socket(trustly_client, trustly_sandbox):
    assert trustly_client.customers.modify("1002580963", vip="4").vip == "4"
    assert [each["status"] for each in trustly_sandbox.requests(operation="updateCustomer")] == [200]


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_a_client_that_is_awaited(async_trustly_client):
    async with async_trustly_client as client:
        assert (await client.customers.modify("1002580963", vip="5")).vip == "5"


def test_nothing_of_another_test_is_seen(trustly_sandbox, trustly_client):
    assert trustly_client.customers.get("1002580963").vip not in {"4", "5"}
    assert len(trustly_sandbox.requests()) == 1
"""


@pytest.mark.parametrize("where", ["in process", "elsewhere"])
def test_the_fixtures_serve_each_kind_of_client(pytester: pytest.Pytester, where: str) -> None:
    if where == "in process":
        run(pytester, SUITE).assert_outcomes(passed=5)
        return
    with Sandbox() as sandbox:
        run(pytester, SUITE, f"--trustly-sandbox-url={sandbox.base_url}").assert_outcomes(passed=5)


CROWD = """
import pytest


@pytest.mark.parametrize("number", range(200))
def test_nobody_else_is_here(number, trustly_sandbox, trustly_client):
    assert [each["customerId"] for each in trustly_sandbox.operator.customers()] == ["1001165729", "1002580963"]
    mine = trustly_sandbox.create_customer("shared-id", vip=str(number + 1))
    trustly_client.customers.modify("1002580963", vip=str(number + 1))
    trustly_sandbox.fail({"name": "status", "status": 503}, operation="getCustomer", customer_id="shared-id")
    assert trustly_client.customers.get("1002580963").vip == str(number + 1)
    assert trustly_client.customers.get("shared-id") == mine
    assert len(trustly_sandbox.requests(customer_id="shared-id")) == 2
"""


@pytest.mark.thorough
def test_two_hundred_tests_of_parallel_workers_share_a_server_and_never_meet(pytester: pytest.Pytester) -> None:
    with Sandbox() as sandbox, SandboxNamespace(sandbox) as before:
        url = f"--trustly-sandbox-url={sandbox.base_url}"
        run_apart(pytester, CROWD, "-n", "4", url).assert_outcomes(passed=200)
        # What was there is as it was, and every test has cleared up after itself.
        assert len(list(before.operator.customers())) == 2


@pytest.mark.thorough
def test_a_suite_that_wants_no_sandbox_loads_none(pytester: pytest.Pytester) -> None:
    suite = """
        import sys

        def test_nothing():
            loaded = {name for name in sys.modules if name.startswith("trustly")}
            assert loaded <= {"trustly_customers", "trustly_customers._version", "trustly_customers.pytest_plugin"}
    """
    run_apart(pytester, suite).assert_outcomes(passed=1)


def test_a_server_that_is_not_there_is_said_to_be(pytester: pytest.Pytester) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    result = run(pytester, CROWD, "-x", f"--trustly-sandbox-url=http://127.0.0.1:{port}/api/v1")
    assert result.ret != 0
    result.stdout.fnmatch_lines(["*no sandbox answers at http://127.0.0.1:*"])


@pytest.mark.thorough
def test_the_plugin_is_an_entry_point(pytester: pytest.Pytester) -> None:
    listed = run_apart(pytester, "", "--fixtures", "-v")
    for name in ("trustly_sandbox", "trustly_client", "async_trustly_client", "trustly_environment"):
        listed.stdout.fnmatch_lines([f"{name} -- *pytest_plugin.py*"])


def test_a_sandbox_elsewhere_may_have_credentials_of_its_own(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUSTLY_SANDBOX_ACCESS_ID", "somebody")
    monkeypatch.setenv("TRUSTLY_SANDBOX_ACCESS_KEY", "hush")
    with Sandbox(access_id="somebody", access_key="hush") as sandbox:
        run(pytester, SUITE, f"--trustly-sandbox-url={sandbox.base_url}").assert_outcomes(passed=5)


COMPARED = """
import attrs

from trustly_customers import Address


def test_two_that_differ(trustly_sandbox):
    one = trustly_sandbox.create_customer(name="Zqname One", vip="1")
    other = attrs.evolve(one, name="Zqname Two", address=Address(country="CA", city="Zqtown"))
    other["zqunknown"] = "zqvalue"
    assert one == other
"""


def test_a_failed_comparison_of_customers_names_what_differs_and_shows_no_value(pytester: pytest.Pytester) -> None:
    done = run(pytester, COMPARED)
    done.assert_outcomes(failed=1)
    shown = done.stdout.str().replace(COMPARED, "")
    told = "\n".join(line for line in shown.splitlines() if line.startswith("E "))
    assert "these differ: name, address, additional_properties" in told
    assert "zq" not in told.lower()

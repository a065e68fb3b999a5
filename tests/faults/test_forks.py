"""A forked process makes connections of its own: on its parent's it would read its parent's answers."""

from __future__ import annotations

import asyncio
import os
import traceback
from collections.abc import Callable

import pytest

from trustly_customers import AsyncTrustly, Trustly

from ._calls import CREDENTIALS
from ._examples import GOOD, IDENTIFIER, answer
from ._faults import says
from ._server import Server

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning"),
]

OK = says(answer("200 OK", GOOD))


def in_a_fork(work: Callable[[], object]) -> int:
    """Do something in a forked process, and return its exit status."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        work()
    except BaseException:  # noqa: BLE001 - the child of a test must not go on with the other tests
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def test_a_forked_process_leaves_its_parent_s_connections_alone() -> None:
    with Server(OK) as server, Trustly(*CREDENTIALS, base_url=server.url(), max_retries=0) as client:
        client.customers.get(IDENTIFIER)
        status = in_a_fork(lambda: [client.customers.get(IDENTIFIER) for _ in range(2)])
        client.customers.get(IDENTIFIER)
    assert status == 0
    assert server.connections == 2
    assert len(server.heads) == 4


def test_a_forked_process_leaves_its_parent_s_awaited_connections_alone() -> None:
    async def main(client: AsyncTrustly) -> None:
        await client.customers.get(IDENTIFIER)

    with Server(OK) as server:
        client = AsyncTrustly(*CREDENTIALS, base_url=server.url(), max_retries=0)
        with asyncio.Runner() as runner:
            runner.run(main(client))
            status = in_a_fork(lambda: asyncio.Runner().run(main(client)))
            runner.run(main(client))
            runner.run(client.close())
    assert status == 0
    assert server.connections == 2
    assert len(server.heads) == 3

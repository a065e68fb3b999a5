"""What tests of a merchant's code want of a sandbox: a namespace of their own, clients of it, customers, faults.

    with Sandbox() as sandbox, SandboxNamespace(sandbox) as space:
        customer = space.create_customer(vip="1")
        space.fail("answer-lost", operation="updateCustomer")

With pytest, the fixture `trustly_sandbox` gives one; see `pytest_plugin`.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Final, Self, Unpack
from urllib.parse import urlsplit

import httpx

from trustly_api.changes import CustomerUpdateChanges
from trustly_api.models import Customer

from . import _spec
from ._client import AsyncTrustly, Trustly
from ._config import RequestOptions, checked_url
from ._errors import InvalidRequestError
from ._hidden import Hidden, Problem
from ._merge import named, place_problem
from ._operator_client import OperatorClient, OperatorError
from .sandbox import Sandbox

__all__ = ["OperatorClient", "OperatorError", "SandboxNamespace"]

_IN_PROCESS: Final = "http://127.0.0.1"  # what a URL has to look like; nothing is sent there


class SandboxNamespace:
    """A namespace of a sandbox, new and gone after its `with` block: what is in it, nobody else sees.

    Args:
        sandbox: A running `Sandbox`, or the URL of one that runs elsewhere.
        access_id: The access id of a sandbox elsewhere; a `Sandbox` says its own.
        access_key: The access key of a sandbox elsewhere.
        name: The namespace's name; one that nobody else has by default.

    Attributes:
        access_id: The access id that opens the namespace, for the code under test.
        access_key: The access key.
        operator: The operator's side: journal, snapshots, metrics, and all else.
    """

    def __init__(
        self,
        sandbox: Sandbox | str,
        *,
        access_id: str = "sandbox",
        access_key: str = "sandbox",
        name: str | None = None,
    ) -> None:
        self._sandbox = sandbox if isinstance(sandbox, Sandbox) else _api_url(sandbox)
        if isinstance(sandbox, Sandbox):
            access_id, access_key = sandbox.access_id, sandbox.access_key
        self.access_id = f"{access_id}~{name or uuid.uuid4().hex}"
        self.access_key = access_key
        self._ending = ExitStack()
        http = self._operators()
        self._ending.callback(http.close)
        self.operator = OperatorClient(http)

    def _operators(self) -> httpx.Client:
        auth = (self.access_id, self.access_key)
        if isinstance(self._sandbox, Sandbox):
            return httpx.Client(transport=self._sandbox.transport(), base_url=_IN_PROCESS, auth=auth)
        return httpx.Client(base_url=self._sandbox, auth=auth, trust_env=False)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.access_id!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._ending:
            self.operator.delete_namespace()

    @property
    def base_url(self) -> str:
        """The API's URL, for code that makes its own client. A `Sandbox` listens from then on."""
        return self._sandbox.base_url if isinstance(self._sandbox, Sandbox) else self._sandbox

    @property
    def environment(self) -> dict[str, str]:
        """The variables that `Trustly.from_env` reads."""
        return {
            "TRUSTLY_ACCESS_ID": self.access_id,
            "TRUSTLY_ACCESS_KEY": self.access_key,
            "TRUSTLY_BASE_URL": self.base_url,
        }

    def client(self, **options: Unpack[RequestOptions]) -> Trustly:
        """Make a client of this namespace; without a socket where the sandbox is in this process."""
        if isinstance(self._sandbox, Sandbox):
            transport = self._sandbox.transport()
            made = Trustly(self.access_id, self.access_key, transport=transport, **options)
        else:
            made = Trustly(self.access_id, self.access_key, base_url=self._sandbox, **options)
        self._ending.callback(made.close)
        return made

    def async_client(self, **options: Unpack[RequestOptions]) -> AsyncTrustly:
        """As `client`, to be awaited. Over a socket, close it as any other: it belongs to the test's event loop."""
        if isinstance(self._sandbox, Sandbox):
            return AsyncTrustly(self.access_id, self.access_key, transport=self._sandbox.transport(), **options)
        return AsyncTrustly(self.access_id, self.access_key, base_url=self._sandbox, **options)

    def create_customer(
        self, customer_id: str | None = None, /, **properties: Unpack[CustomerUpdateChanges]
    ) -> Customer:
        """Add a customer. What is required and not given is as in the specification's example.

        Raises:
            InvalidRequestError: a property is not what the specification wants.
            OperatorError: there is a customer with this id.
        """
        given = place_problem(properties, "create_customer(customer_id, ...)") or named(
            Hidden(properties), validate=True
        )
        if isinstance(given, Problem):
            raise InvalidRequestError(given)
        wanted = {**_required(), **{name: value for name, value in given.value.items() if value is not None}}
        if customer_id is not None:
            wanted["customerId"] = customer_id
        return Customer.from_dict(self.operator.create_customer(wanted))

    def fail(
        self,
        *faults: str | Mapping[str, Any],
        times: int | None = 1,
        operation: str | None = None,
        customer_id: str | None = None,
        fraction: float | None = None,
        seed: int | None = None,
    ) -> dict[str, Any]:
        """Let the next requests meet faults.

        Args:
            faults: Names, or objects with a `name` and parameters; all of them meet the same request.
            times: How many requests meet them; None for all from now on.
            operation: Only those of this operationId.
            customer_id: Only those for this customer.
            fraction: Only so many of those that could meet them, from 0 to 1.
            seed: Makes the choice of that fraction the same each time.

        Raises:
            OperatorError: there is no such fault, which names those there are; or a parameter is not acceptable.
        """
        optional = {"operation": operation, "customerId": customer_id, "fraction": fraction, "seed": seed}
        rule = {name: value for name, value in optional.items() if value is not None}
        return self.operator.add_fault(*faults, times=times, **rule)

    def requests(self, **filters: Any) -> Sequence[dict[str, Any]]:
        """Return the requests that arrived, oldest first; for the filters see `OperatorClient.requests`."""
        found: list[dict[str, Any]] = self.operator.requests(**filters)["requests"]
        return found


def _api_url(url: str) -> str:
    """The base URL of a sandbox's API, where only its server may have been named."""
    checked = checked_url(url, what="the sandbox's URL")
    path = urlsplit(_spec.document()["servers"][0]["url"]).path
    return checked if urlsplit(checked).path else checked + path


def _required() -> dict[str, Any]:
    schemas, examples = _spec.document()["components"]["schemas"], _spec.document()["components"]["examples"]
    example: dict[str, Any] = examples["CustomerUpdate"]["value"]
    return {name: example[name] for name in schemas["CustomerUpdate"]["required"]}

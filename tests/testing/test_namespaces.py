"""A namespace as tests want one, without pytest's fixtures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from trustly_customers import Address, InvalidRequestError, NotFoundError, Trustly
from trustly_customers.sandbox import Sandbox
from trustly_customers.testing import OperatorError, SandboxNamespace

ID = "1002580963"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(access_id="somebody", access_key="hush") as running:
        yield running


@pytest.fixture(params=["in this process", "elsewhere"])
def space(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[SandboxNamespace]:
    """A namespace of a sandbox in this process, or of one that is known by its URL alone."""
    if request.param == "elsewhere":
        with SandboxNamespace(sandbox.base_url, access_id="somebody", access_key="hush") as found:
            yield found
    else:
        with SandboxNamespace(sandbox) as found:
            yield found


def test_its_customers_are_gone_with_it(sandbox: Sandbox) -> None:
    with SandboxNamespace(sandbox, name="kept") as space:
        customer = space.create_customer("mine", name="Ann Example")
        assert space.client().customers.get("mine") == customer
    with SandboxNamespace(sandbox, name="kept") as again, pytest.raises(NotFoundError):
        again.client().customers.get("mine")


def test_two_of_them_have_different_names(sandbox: Sandbox) -> None:
    with SandboxNamespace(sandbox) as one, SandboxNamespace(sandbox) as other:
        one.create_customer("mine")
        with pytest.raises(NotFoundError):
            other.client().customers.get("mine")


def test_a_customer_has_what_is_given_and_the_rest_of_the_example(space: SandboxNamespace) -> None:
    customer = space.create_customer(vip="2", address=Address(country="CA"), tax_id=None)
    assert (customer.vip, customer.address.country) == ("2", "CA")
    assert customer.name
    assert space.client().customers.get(customer.customer_id) == customer


@pytest.mark.parametrize(
    ("properties", "words"), [({"nmae": "x"}, "did you mean name"), ({"email": ""}, "email"), ({"vip": 2}, "vip")]
)
def test_a_customer_that_the_specification_would_not_have_is_refused(
    space: SandboxNamespace, properties: dict[str, object], words: str
) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        space.create_customer(**properties)  # type: ignore[arg-type] # wrong on purpose
    assert len(list(space.operator.customers())) == len([ID, "1001165729"])


@pytest.mark.parametrize("name", ["customer_id", "customerId"])
def test_an_id_that_is_given_by_its_name_is_told_where_it_goes(space: SandboxNamespace, name: str) -> None:
    words = rf"^{name} goes by its place, without its name: create_customer\(customer_id, \.\.\.\)$"
    with pytest.raises(InvalidRequestError, match=words):
        space.create_customer(**{name: "17"})  # type: ignore[arg-type] # wrong on purpose


def test_an_unknown_fault_names_those_that_there_are(space: SandboxNamespace) -> None:
    with pytest.raises(OperatorError, match="answer-lost"):
        space.fail("anser-lost")


def test_code_that_reads_its_environment_reaches_it(space: SandboxNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in space.environment.items():
        monkeypatch.setenv(name, value)
    with Trustly.from_env() as client:
        client.customers.modify(ID, vip="6")
    assert space.client().customers.get(ID).vip == "6"


def test_an_option_of_the_client_is_heeded(space: SandboxNamespace) -> None:
    space.fail({"name": "status", "status": 503, "retryAfter": 0}, times=2)
    assert space.client(max_retries=2).customers.get(ID).customer_id == ID
    statuses = [request["status"] for request in space.requests(customer_id=ID)]
    assert statuses == [503, 503, 200]


def test_its_repr_shows_no_key(sandbox: Sandbox) -> None:
    with SandboxNamespace(sandbox, name="shown") as space:
        assert repr(space) == "SandboxNamespace('somebody~shown')"


def test_the_url_of_the_server_alone_will_do(sandbox: Sandbox) -> None:
    url = sandbox.base_url.removesuffix("/api/v1")
    with SandboxNamespace(url, access_id="somebody", access_key="hush") as space:
        assert space.base_url == sandbox.base_url
        assert space.client().customers.get(ID).customer_id == ID


def test_after_its_block_the_operator_s_side_and_its_clients_say_so(sandbox: Sandbox) -> None:
    with SandboxNamespace(sandbox) as space:
        client = space.client()
    with pytest.raises(OperatorError, match=r"^the client of the sandbox is closed; stay within its `with` block"):
        space.create_customer()
    with pytest.raises(InvalidRequestError, match="the client is closed"):
        client.customers.get(ID)

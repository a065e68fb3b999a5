"""What a person asks of a running sandbox, in words: its operator's side as commands."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .terminal import fail, json_object, print_json, print_json_line, say

if TYPE_CHECKING:
    from trustly_customers._operator_client import OperatorClient

Url = Annotated[str, typer.Option(help="Where the sandbox is.")]
Namespace = Annotated[str | None, typer.Option(help="Which namespace, instead of that of TRUSTLY_ACCESS_ID.")]
CustomerId = Annotated[str, typer.Argument(help="The customer's id.")]
Snapshot = Annotated[str, typer.Argument(help="The snapshot's name.")]
CustomerObject = Annotated[
    dict[str, Any],
    typer.Argument(
        parser=json_object, metavar="FILE", help="A file (- for standard input) with the customer, a JSON object."
    ),
]

_URL = "http://127.0.0.1:8086"
_DEFAULT = "sandbox"
_WIDE = 4096

customers = typer.Typer(no_args_is_help=True, help="See and set customers, past the API.")
snapshots = typer.Typer(no_args_is_help=True, help="Keep the customers as they are, and go back to them.")
faults = typer.Typer(no_args_is_help=True, help="Let requests fail.")


def add_operator_commands(sandbox: typer.Typer) -> None:
    """Add them below `sandbox`."""
    for command in (status, reset, requests, metrics):
        sandbox.command()(command)
    sandbox.add_typer(customers, name="customers")
    sandbox.add_typer(snapshots, name="snapshots")
    sandbox.add_typer(faults, name="faults")


@contextmanager
def _operator(url: str, namespace: str | None) -> Iterator[OperatorClient]:
    from trustly_customers._errors import InvalidRequestError
    from trustly_customers._operator_client import OperatorError, operator_client

    if namespace == "":
        fail("--namespace must not be empty; leave it out for the one of TRUSTLY_ACCESS_ID", status=2)
    access_id = os.environ.get("TRUSTLY_ACCESS_ID") or _DEFAULT
    if namespace is not None:
        access_id = access_id.partition("~")[0]
    access_key = os.environ.get("TRUSTLY_ACCESS_KEY") or _DEFAULT
    try:
        with operator_client(url, access_id, access_key, namespace=namespace or "") as operator:
            yield operator
    except InvalidRequestError as error:
        fail(str(error), status=2)
    except OperatorError as error:
        fail(str(error))


def status(*, url: Url = _URL) -> None:
    """Say whether the sandbox serves, and its store answers."""
    with _operator(url, None) as operator:
        operator.health()
        operator.ready()
    say("ready")


def reset(*, url: Url = _URL, namespace: Namespace = None) -> None:
    """Go back to the two examples, without faults and with an empty journal. Snapshots stay."""
    with _operator(url, namespace) as operator:
        operator.reset()


def metrics(*, url: Url = _URL) -> None:
    """Print the metrics in Prometheus's text format."""
    with _operator(url, None) as operator:
        say(operator.metrics(), end="")


def requests(  # noqa: PLR0913 - the options of a command
    *,
    url: Url = _URL,
    namespace: Namespace = None,
    operation: Annotated[str | None, typer.Option(help="Only those of an operation, such as updateCustomer.")] = None,
    customer: Annotated[str | None, typer.Option(metavar="ID", help="Only those for a customer.")] = None,
    answered: Annotated[
        str | None, typer.Option("--status", help="Only those with a status; none: nothing was sent.")
    ] = None,
    method: Annotated[str | None, typer.Option(help="Only those with a method.")] = None,
    after: Annotated[int | None, typer.Option(min=0, metavar="ID", help="Only those after a request.")] = None,
    limit: Annotated[int | None, typer.Option(min=0, help="How many to show, the newest; 100 by default.")] = None,
    wait: Annotated[int, typer.Option(min=0, max=60, metavar="SECONDS", help="Wait until --count are there.")] = 0,
    count: Annotated[int, typer.Option(min=1, help="How many to wait for.")] = 1,
    unmask: Annotated[bool, typer.Option("--unmask", help="Show bodies with the personal data in them.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, bodies included.")] = False,
) -> None:
    """Show the requests to the API, from the journal. With --wait, ends in 1 when the time is over before."""
    with _operator(url, namespace) as operator:
        found = operator.requests(
            operation=operation,
            customer_id=customer,
            status=answered,
            method=method,
            after=after,
            limit=limit,
            unmask=unmask,
            wait=wait,
            count=count,
        )
    if as_json or unmask:
        for each in found["requests"]:
            print_json_line(each)
    else:
        _print_table(found["requests"])
    if wait and found["count"] < count:
        fail(f"{found['count']} of {count} requests came within {wait} seconds")


def _print_table(requests: list[dict[str, Any]]) -> None:
    from datetime import UTC, datetime

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("id", "time (UTC)", "method", "operation", "customer", "status", "ms", "faults", box=None)
    for each in requests:
        time = datetime.fromtimestamp(each["time"] / 1000, UTC).strftime("%H:%M:%S.%f")[:-3]
        shown = (each[name] for name in ("operation", "customerId", "status"))
        cells = [each["id"], time, each["method"], *("-" if value is None else value for value in shown)]
        # As text: an id may hold what rich takes for markup.
        table.add_row(*(Text(str(cell)) for cell in [*cells, each["milliseconds"], ", ".join(each["faults"])]))
    console = Console()
    if not console.is_terminal:
        console.width = _WIDE  # for programs, nothing is cut
    with console.capture() as captured:
        console.print(table)
    say(captured.get(), end="")


@customers.command("list")
def list_customers(*, url: Url = _URL, namespace: Namespace = None) -> None:
    """Print every customer as JSON on a line of its own, personal data included."""
    with _operator(url, namespace) as operator:
        for customer in operator.customers():
            print_json_line(customer)


@customers.command("show")
def show_customer(customer_id: CustomerId, *, url: Url = _URL, namespace: Namespace = None) -> None:
    """Print a customer as JSON, personal data included."""
    with _operator(url, namespace) as operator:
        print_json(operator.show_customer(customer_id))


@customers.command("create")
def create_customer(customer: CustomerObject, *, url: Url = _URL, namespace: Namespace = None) -> None:
    """Add a customer and print it; what only the provider sets is made up where it is missing."""
    with _operator(url, namespace) as operator:
        print_json(operator.create_customer(customer), done="the customer was created")


@customers.command("replace")
def replace_customer(
    customer_id: CustomerId, customer: CustomerObject, *, url: Url = _URL, namespace: Namespace = None
) -> None:
    """Put a customer in the place of another, or where there was none, and print it."""
    with _operator(url, namespace) as operator:
        print_json(operator.replace_customer(customer_id, customer), done="the customer was replaced")


@customers.command("delete")
def delete_customer(customer_id: CustomerId, *, url: Url = _URL, namespace: Namespace = None) -> None:
    """Delete a customer."""
    with _operator(url, namespace) as operator:
        operator.delete_customer(customer_id)


@snapshots.command("list")
def list_snapshots(*, url: Url = _URL, namespace: Namespace = None) -> None:
    """Print the names of the snapshots."""
    with _operator(url, namespace) as operator:
        for name in operator.snapshots():
            say(name)


@snapshots.command("take")
def take_snapshot(name: Snapshot, *, url: Url = _URL, namespace: Namespace = None) -> None:
    """Keep the customers as they are under a name; a snapshot of that name is replaced."""
    with _operator(url, namespace) as operator:
        operator.take_snapshot(name)


@snapshots.command("restore")
def restore_snapshot(name: Snapshot, *, url: Url = _URL, namespace: Namespace = None) -> None:
    """Go back to the customers of a snapshot."""
    with _operator(url, namespace) as operator:
        operator.restore_snapshot(name)


@snapshots.command("delete")
def delete_snapshot(name: Snapshot, *, url: Url = _URL, namespace: Namespace = None) -> None:
    """Forget a snapshot."""
    with _operator(url, namespace) as operator:
        operator.delete_snapshot(name)


@faults.command("list")
def list_faults(*, url: Url = _URL, namespace: Namespace = None) -> None:
    """Print every rule that is not spent, as JSON on a line of its own."""
    with _operator(url, namespace) as operator:
        for rule in operator.faults():
            print_json_line(rule)


@faults.command("add")
def add_fault(  # noqa: PLR0913 - the options of a command
    names: Annotated[list[str] | None, typer.Argument(help="What goes wrong, the outermost first.")] = None,
    *,
    times: Annotated[int | None, typer.Option(min=1, help="How many requests meet it; 1 by default.")] = None,
    always: Annotated[bool, typer.Option("--always", help="Let all of them meet it.")] = False,
    fraction: Annotated[float | None, typer.Option(min=0, max=1, help="The share of requests that meet it.")] = None,
    seed: Annotated[int | None, typer.Option(help="What --fraction is drawn with.")] = None,
    customer: Annotated[str | None, typer.Option(metavar="ID", help="Only requests for a customer.")] = None,
    operation: Annotated[str | None, typer.Option(help="Only requests for an operation.")] = None,
    rule: Annotated[
        dict[str, Any] | None,
        typer.Option(
            "--json",
            parser=json_object,
            metavar="FILE",
            help="A file (- for standard input) with the whole rule, for faults with parameters.",
        ),
    ] = None,
    url: Url = _URL,
    namespace: Namespace = None,
) -> None:
    """Let the next requests meet faults, and print the rule. `catalogue` has the names."""
    if bool(names) == (rule is not None):
        fail("name faults, or give the whole rule with --json", status=2)
    if always and times is not None:
        fail("give --times or --always, not both", status=2)
    options = {"times": times, "fraction": fraction, "seed": seed, "customerId": customer, "operation": operation}
    given: dict[str, object] = {name: value for name, value in options.items() if value is not None}
    if always:
        given["times"] = None
    described = {"faults": names} if rule is None else rule
    with _operator(url, namespace) as operator:
        print_json_line(operator.add_rule({**described, **given}), done="the rule was added")


@faults.command("clear")
def clear_faults(*, url: Url = _URL, namespace: Namespace = None) -> None:
    """Drop all rules."""
    with _operator(url, namespace) as operator:
        operator.clear_faults()


@faults.command("catalogue")
def print_fault_catalogue(*, url: Url = _URL) -> None:
    """Print the faults there are, each with its parameters, as JSON on a line of its own."""
    with _operator(url, None) as operator:
        for fault in operator.fault_catalogue():
            print_json_line(fault)

"""The command itself: a customer read and updated by the client, and the sandbox's commands below `sandbox`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from trustly_api.contract import SPEC_SHA256, SPEC_VERSION
from trustly_customers._version import __version__, provenance

from .sandbox import sandbox
from .terminal import fail, print_json, read_object, say

if TYPE_CHECKING:
    from trustly_customers._client import Trustly
    from trustly_customers._config import ClientOptions

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(sandbox, name="sandbox")

CustomerId = Annotated[str, typer.Argument(help="The provider's identifier of the customer.")]
BaseUrl = Annotated[
    str | None, typer.Option(help="The server to ask, instead of TRUSTLY_BASE_URL or TRUSTLY_ENVIRONMENT.")
]


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        say(f"trustly-customers {__version__}, {provenance()}\nspec {SPEC_VERSION}, sha256 {SPEC_SHA256}")
        raise typer.Exit


@app.callback()
def root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Read and update Trustly customers, and run a sandbox to try it on.

    `get` and `update` take the credentials from TRUSTLY_ACCESS_ID and TRUSTLY_ACCESS_KEY.
    """


@app.command()
def get(customer_id: CustomerId, *, base_url: BaseUrl = None) -> None:
    """Print a customer as JSON, personal data included."""
    with _client(base_url) as client:
        print_json(client.customers.get(customer_id).to_dict())


@app.command()
def update(
    customer_id: CustomerId,
    *,
    assign: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=TEXT", help="Set a property to a text.")
    ] = None,
    remove: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Remove an optional property.")] = None,
    changes: Annotated[
        typer.FileBinaryRead | None,
        typer.Option(
            "--json", help="A file (- for standard input) with a JSON object of properties to set; null removes."
        ),
    ] = None,
    base_url: BaseUrl = None,
) -> None:
    """Change some properties of a customer, leave the others as they are, and print what it is then."""
    from trustly_api.contract import PROVIDER_SET
    from trustly_api.models import CustomerUpdate

    wanted = {
        **({} if changes is None else read_object(changes)),
        **dict(map(_assignment, assign or [])),
        **dict.fromkeys(remove or []),
    }
    if twice := {name for name, _ in map(_assignment, assign or [])} & {*(remove or [])}:
        fail(f"--set and --remove both name {', '.join(sorted(twice))}", status=2)
    if own := PROVIDER_SET["Customer"] & wanted.keys():
        fail(f"only the provider sets {', '.join(sorted(own))}", status=2)
    if not wanted:
        fail("nothing to change; name properties with --set, --remove or --json", status=2)

    def edit(customer: CustomerUpdate) -> None:
        try:
            edited = CustomerUpdate.from_dict({**customer.to_dict(), **wanted})
        except (AttributeError, KeyError, TypeError, ValueError):
            fail("a property is not of the type that the specification gives it; nothing was sent", status=2)
        for name in customer.__slots__:
            if not name.startswith("__"):
                setattr(customer, name, getattr(edited, name))

    with _client(base_url) as client:
        print_json(client.customers.modify(customer_id, edit).to_dict(), done="the update was applied")


@contextmanager
def _client(base_url: str | None) -> Iterator[Trustly]:
    from trustly_customers._client import Trustly
    from trustly_customers._errors import TrustlyError

    options: ClientOptions = {} if base_url is None else {"base_url": base_url}
    try:
        with Trustly.from_env(**options) as client:
            yield client
    except TrustlyError as error:
        fail(str(error))


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        # The text itself is not repeated: it may be a value.
        fail("--set wants NAME=TEXT", status=2)
    return name, value

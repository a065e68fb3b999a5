"""The `trustly-customers` command: words in, words out. What it does is done by the client and the sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from trustly_api.contract import SPEC_SHA256, SPEC_VERSION

from ._version import __version__

if TYPE_CHECKING:
    from ._client import Trustly
    from ._config import ClientOptions

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

CustomerId = Annotated[str, typer.Argument(help="The provider's identifier of the customer.")]
BaseUrl = Annotated[
    str | None, typer.Option(help="The server to ask, instead of TRUSTLY_BASE_URL or TRUSTLY_ENVIRONMENT.")
]


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        typer.echo(f"trustly-customers {__version__}, spec {SPEC_VERSION}, sha256 {SPEC_SHA256}")
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
        _print(client.customers.get(customer_id).to_dict())


@app.command()
def update(
    customer_id: CustomerId,
    *,
    assign: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=TEXT", help="Set a property to a text.")
    ] = None,
    remove: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Remove an optional property.")] = None,
    changes: Annotated[
        typer.FileText | None,
        typer.Option(
            "--json", help="A file (- for standard input) with a JSON object of properties to set; null removes."
        ),
    ] = None,
    base_url: BaseUrl = None,
) -> None:
    """Change some properties of a customer, leave the others as they are, and print what it is then."""
    from trustly_api.models import CustomerUpdate

    wanted = {**_read(changes), **dict(map(_assignment, assign or [])), **dict.fromkeys(remove or [])}
    if not wanted:
        _fail("nothing to change; name properties with --set, --remove or --json", status=2)

    def edit(customer: CustomerUpdate) -> None:
        edited = CustomerUpdate.from_dict({**customer.to_dict(), **wanted})
        for name in customer.__slots__:
            if not name.startswith("__"):
                setattr(customer, name, getattr(edited, name))

    with _client(base_url) as client:
        try:
            _print(client.customers.modify(customer_id, edit).to_dict())
        except (AttributeError, KeyError, TypeError, ValueError):
            _fail("a property is not of the type that the specification gives it; nothing was sent", status=2)


@app.command()
def sandbox(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 picks a free one.")] = 8086,
    store: Annotated[str, typer.Option(help="Where to keep customers: memory, or an SQLite file.")] = "memory",
    durability: Annotated[
        str,
        typer.Option(help="What an acknowledged update survives: a killed process (normal), or a power cut (full)."),
    ] = "normal",
) -> None:
    """Serve the API with a state of its own, until interrupted. Credentials: sandbox / sandbox."""
    from .sandbox import SandboxError, serve

    def announce(base_url: str) -> None:
        typer.echo(f"Sandbox ready at {base_url}")

    try:
        serve(host=host, port=port, store=store, durability=durability, announce=announce)
    except SandboxError as error:
        _fail(str(error))


@contextmanager
def _client(base_url: str | None) -> Iterator[Trustly]:
    from ._client import Trustly
    from ._errors import TrustlyError

    options: ClientOptions = {} if base_url is None else {"base_url": base_url}
    try:
        with Trustly.from_env(**options) as client:
            yield client
    except TrustlyError as error:
        _fail(str(error))


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        # The text itself is not repeated: it may be a value.
        _fail("--set wants NAME=TEXT", status=2)
    return name, value


def _read(changes: typer.FileText | None) -> dict[str, Any]:
    if changes is None:
        return {}
    try:
        found = json.load(changes)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        _fail(f"{changes.name} does not hold a JSON object", status=2)
    return found


def _print(properties: dict[str, Any]) -> None:
    typer.echo(json.dumps(properties, ensure_ascii=False, indent=2))


def _fail(message: str, *, status: int = 1) -> NoReturn:
    typer.echo(f"error: {message}", err=True)
    raise typer.Exit(status)

"""The command itself: a customer read and updated by the client, and the sandbox's commands below `sandbox`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trustly_api.contract import PROVIDER_SET, SPEC_SHA256, SPEC_VERSION
from trustly_customers._version import __version__, provenance

from .sandbox import sandbox
from .terminal import fail, json_object, print_json, say

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


@app.command(context_settings={"allow_extra_args": True})
def update(  # noqa: PLR0913 - the options of a command
    context: typer.Context,
    customer_id: CustomerId,
    *,
    assign: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=TEXT", help="Set a property to a text.")
    ] = None,
    remove: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Remove an optional property.")] = None,
    changes: Annotated[
        dict[str, Any] | None,
        typer.Option(
            "--json",
            parser=json_object,
            metavar="FILE",
            help="A file (- for standard input) with a JSON object of properties to set; null removes.",
        ),
    ] = None,
    base_url: BaseUrl = None,
) -> None:
    """Change some properties of a customer, leave the others as they are, and print what it is then."""
    from trustly_api.models import CustomerUpdate

    if context.args:
        # Not repeated: who forgets --set gives values.
        fail("there are arguments too many; give changes as --set NAME=TEXT, --remove NAME or --json FILE", status=2)
    wanted = _wanted(changes or {}, dict(map(_assignment, assign or [])), remove or [])

    def edit(customer: CustomerUpdate) -> None:
        try:
            edited = CustomerUpdate.from_dict({**customer.to_dict(), **wanted})
        except (AttributeError, KeyError, TypeError, ValueError):
            fail("a property is not of the type that the specification gives it; nothing was sent", status=2)
        for name in customer.__slots__:
            if not name.startswith("__"):
                setattr(customer, name, getattr(edited, name))

    with _client(base_url) as client:
        try:
            updated = client.customers.modify(customer_id, edit)
        except KeyboardInterrupt:
            fail("interrupted; whether the update was applied is not known, read the customer to see", status=130)
        print_json(updated.to_dict(), done="the update was applied")


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


def _wanted(changes: dict[str, Any], assigned: dict[str, str], removed: list[str]) -> dict[str, Any]:
    """Return what is to change, by the names in JSON; refuse what cannot be meant."""
    for name in (*assigned, *removed):
        _be_known(name)
    if twice := assigned.keys() & {*removed}:
        fail(f"--set and --remove both name {', '.join(sorted(twice))}", status=2)
    wanted = {**changes, **assigned, **dict.fromkeys(removed)}
    if own := PROVIDER_SET["Customer"] & wanted.keys():
        fail(f"only the provider sets {', '.join(sorted(own))}", status=2)
    if not wanted:
        fail("nothing to change; name properties with --set, --remove or --json", status=2)
    return wanted


def _be_known(name: str) -> None:
    """Refuse a name that no property has: it would be sent as a new one, and what was meant would stay as it is."""
    from trustly_api.changes import JSON_NAMES
    from trustly_customers._merge import no_property

    names = [*JSON_NAMES["CustomerUpdate"].values(), *PROVIDER_SET["Customer"]]
    if name not in names:
        told = no_property(name, names, otherwise="names are those of JSON, such as taxId.")
        fail(f"{told} What the specification does not name is set by --json", status=2)


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        # The text itself is not repeated: it may be a value.
        fail("--set wants NAME=TEXT", status=2)
    return name, value

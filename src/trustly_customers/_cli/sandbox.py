"""`sandbox`: the server, and the commands beside it."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from .operator import add_operator_commands
from .store import STORE_VARIABLE, add_store_commands
from .terminal import fail, say

_VARIABLES = {"access_id": "TRUSTLY_SANDBOX_ACCESS_ID", "access_key": "TRUSTLY_SANDBOX_ACCESS_KEY"}

sandbox = typer.Typer(invoke_without_command=True)


@sandbox.callback()
def serve(
    context: typer.Context,
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 picks a free one.")] = 8086,
    store: Annotated[
        str,
        typer.Option(
            envvar=STORE_VARIABLE,
            help="Where to keep customers: memory, an SQLite file, or postgresql://USER:PASSWORD@HOST:PORT/DATABASE. "
            "Others can read the command line, so a password belongs into the environment.",
        ),
    ] = "memory",
    durability: Annotated[
        str,
        typer.Option(
            help="What an acknowledged update survives: a killed process (normal), or a power cut (full). "
            "PostgreSQL decides for itself."
        ),
    ] = "normal",
) -> None:
    """Serve the API with a state of its own, until interrupted.

    Credentials: sandbox / sandbox, or TRUSTLY_SANDBOX_ACCESS_ID and TRUSTLY_SANDBOX_ACCESS_KEY.

    With a command, none is started: those that take --url ask a running one, those that take --store need none.
    """
    if context.invoked_subcommand is not None:
        _refuse_options_of_the_server(context)
        return
    from trustly_customers.sandbox import SandboxError, serve

    def announce(base_url: str) -> None:
        say(f"Sandbox ready at {base_url}")

    try:
        serve(host=host, port=port, store=store, durability=durability, announce=announce, **_credentials())
    except SandboxError as error:
        fail(str(error))


def _credentials() -> dict[str, str]:
    # From the environment alone: an option would show in the list of processes.
    return {name: os.environ[variable] for name, variable in _VARIABLES.items() if variable in os.environ}


def _refuse_options_of_the_server(context: typer.Context) -> None:
    sources = {name: context.get_parameter_source(name) for name in context.params}
    given = [name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"]
    if given:
        fail(f"--{given[0]} before a command is for the server, which it does not start; put it after", status=2)


add_operator_commands(sandbox)
add_store_commands(sandbox)

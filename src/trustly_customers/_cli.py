"""The `trustly-customers` command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def root() -> None:
    """Read and update Trustly customers, and run a sandbox to try it on."""


@app.command()
def sandbox(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 picks a free one.")] = 8086,
    database: Annotated[Path | None, typer.Option(help="SQLite file to keep customers in; memory without it.")] = None,
) -> None:
    """Serve the API with a state of its own, until interrupted."""
    from .sandbox import SandboxError, serve

    def announce(base_url: str) -> None:
        typer.echo(f"Sandbox ready at {base_url}")

    try:
        serve(host=host, port=port, database=database, announce=announce)
    except SandboxError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None

"""The entry point of the `trustly-customers` command and of `python -m trustly_customers`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; without the `cli` extra, say how to get it."""
    try:
        from ._cli import app
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"rich", "typer"}:
            raise
        sys.exit(
            "error: the command needs an extra: pip install 'trustly-customers[sandbox]' (or [cli] without the server)"
        )
    app()


if __name__ == "__main__":
    main()

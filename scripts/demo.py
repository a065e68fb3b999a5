"""The main job, shown: a customer is updated through the generated client, and the contract is checked.

Starts a sandbox on a free port and stops it again, whatever happens.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from trustly_customers import Customer, Trustly, TrustlyError

SCRIPTS = Path(__file__).parent
CUSTOMER_ID = "1002580963"
READY = "Sandbox ready at "
STOP_SECONDS = 10


@contextmanager
def sandbox() -> Iterator[str]:
    """Run a sandbox of its own and give its base URL."""
    command = [sys.executable, "-m", "trustly_customers", "sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - for the type checker: it was asked for above
        try:
            line = process.stdout.readline()
            if not line.startswith(READY):
                sys.exit("error: the sandbox did not start; see above")
            yield line.removeprefix(READY).strip()
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def run(script: str, *arguments: str) -> int:
    """Run another of the project's commands and return its exit status."""
    return subprocess.run([sys.executable, str(SCRIPTS / script), *arguments], check=False).returncode


def show(console: Console, before: Customer, after: Customer) -> None:
    """Print both, side by side, and mark what differs."""
    table = Table("property", "before", "after", title=f"Customer {CUSTOMER_ID}", title_justify="left")
    old, new = before.to_dict(), after.to_dict()
    for name in {**old, **new}:
        was, now = (str(each.get(name, "")) for each in (old, new))
        table.add_row(name, was, now, style="bold green" if was != now else None)
    console.print(table)


def main() -> int:
    """Run the demonstration; 0 when everything did what it should."""
    console = Console()
    console.rule("Is the generated client what the specification gives?", align="left")
    if status := run("generate.py", "--check"):
        return status
    console.rule("Change a customer's VIP tier and e-mail", align="left")
    try:
        with sandbox() as base_url, Trustly("sandbox", "sandbox", base_url=base_url) as client:
            console.print(f"a sandbox of this demo's own at {base_url}", highlight=False)
            before = client.customers.get(CUSTOMER_ID)
            customer = client.customers.get(CUSTOMER_ID)
            customer.vip = "2"
            customer.email = "joe.user@example.com"
            client.customers.update(CUSTOMER_ID, customer)
            show(console, before, client.customers.get(CUSTOMER_ID))
    except TrustlyError as error:
        sys.exit(f"error: {error}")
    console.rule("Does a server keep the contract?", align="left")
    return run("contract.py")


if __name__ == "__main__":
    sys.exit(main())

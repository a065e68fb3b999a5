"""A standard output that takes nothing: the command as a process, since Python flushes it once more at the end."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from trustly_customers import Trustly
from trustly_customers.sandbox import Sandbox

from .conftest import Run

Ended = subprocess.CompletedProcess[str]
Start = Callable[..., Ended]
ONE = "1002580963"
FULL = Path("/dev/full")


@pytest.fixture(
    params=[pytest.param("full", marks=pytest.mark.skipif(not FULL.exists(), reason="only Linux has it")), "closed"]
)
def output(request: pytest.FixtureRequest) -> Iterator[int]:
    """A device that is always full, and a pipe that nobody reads."""
    if request.param == "full":
        descriptor = os.open(FULL, os.O_WRONLY)
    else:
        unread, descriptor = os.pipe()
        os.close(unread)
    yield descriptor
    os.close(descriptor)


@pytest.fixture
def start(output: int, shared: Sandbox, namespace: str) -> Start:
    """Run the command as users do: with an output that is buffered."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    environment |= {
        "TRUSTLY_ACCESS_ID": f"sandbox~{namespace}",
        "TRUSTLY_ACCESS_KEY": "sandbox",
        "TRUSTLY_BASE_URL": shared.base_url,
    }

    def run(*arguments: str, text: str | None = None) -> Ended:
        command = [sys.executable, "-m", "trustly_customers", *arguments]
        return subprocess.run(
            command, stdout=output, stderr=subprocess.PIPE, input=text, text=True, check=False, env=environment
        )

    return run


def failed(done: Ended, sentence: str) -> bool:
    """Whether it ended in 1 and with a sentence, the system's reason for it in brackets, and nothing else."""
    return done.returncode == 1 and done.stderr.startswith(f"error: {sentence} (") and done.stderr.count("\n") == 1


def test_an_update_that_cannot_be_shown_is_said_to_be_applied(start: Start, shared: Sandbox, namespace: str) -> None:
    done = start("update", ONE, "--set", "vip=7")
    assert failed(done, "the update was applied; writing to standard output failed"), done
    with Trustly(f"sandbox~{namespace}", "sandbox", transport=shared.transport()) as client:
        assert client.customers.get(ONE).vip == "7"


def test_what_a_sandbox_answers_and_cannot_be_shown_is_told_in_a_sentence(start: Start, url: str) -> None:
    done = start("sandbox", "requests", "--url", url)
    assert failed(done, "writing to standard output failed"), done


def test_customers_that_an_output_does_not_take_are_told_in_a_sentence(start: Start) -> None:
    done = start("sandbox", "generate", "3", "-")
    assert failed(done, "reading or writing failed"), done


def test_a_sandbox_that_cannot_say_where_it_is_ends_in_a_sentence(start: Start) -> None:
    done = start("sandbox", "--port", "0")
    assert failed(done, "writing to standard output failed"), done


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("customers", "create", "-"), "the customer was created; "),
        (("customers", "replace", "new", "-"), "the customer was replaced; "),
        (("faults", "add", "latency"), "the rule was added; "),
        (("faults", "catalogue"), ""),
        (("customers", "list"), ""),
        (("customers", "show", ONE), ""),
        (("status",), ""),
        (("metrics",), ""),
    ],
)
def test_what_was_done_before_the_output_failed_is_said(  # noqa: PLR0913, PLR0917 - what is run, and on what
    offline: Run,
    url: str,
    namespace: str,
    components: Any,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    told: str,
) -> None:
    echo = typer.echo

    def full(message: str, *, err: bool = False, **options: Any) -> None:
        if not err:
            raise OSError(errno.ENOSPC, "full")
        echo(message, err=err, **options)

    monkeypatch.setenv("TRUSTLY_ACCESS_ID", f"sandbox~{namespace}")
    monkeypatch.setattr(typer, "echo", full)
    customer = {**components["examples"]["CustomerUpdate"]["value"], "customerId": "new"}
    done = offline(*command, "--url", url, text=json.dumps(customer))
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"error: {told}writing to standard output failed (full)\n"

"""Writers that update customers of one or more sandboxes at the same time, each in a field of its own."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ._process import TIMEOUT, Sandbox, read_answer


@dataclass
class Writer:
    """Counts up in two fields of a customer, so that half an update would show."""

    customer_id: str
    name: str
    keeps_all: bool = False
    """Whether each update sets a field of its own too, so that any that is lost shows, and not only the last."""
    acknowledged: int = 0
    sent: int = 0
    updated_at: int = 0
    """Of the last update that was acknowledged."""
    unexpected: list[int] = field(default_factory=list)
    """Statuses other than 200."""

    def write(self, sandbox: Sandbox, required: dict[str, Any], goes_on: Callable[[], bool]) -> None:
        """Update until told to stop, or until there is no answer, or another than 200."""
        try:
            with sandbox.connect() as sock:
                while goes_on():
                    self.sent += 1
                    body = json.dumps({**required, **self._changes()}).encode()
                    path = f"/customers/{self.customer_id}"
                    sock.sendall(sandbox.request(path, b"Content-Length: %d\r\n" % len(body)) + body)
                    answer = read_answer(sock)
                    if answer.status != 200:
                        self.unexpected.append(answer.status)
                        return
                    self.acknowledged = self.sent
                    self.updated_at = json.loads(answer.body)["customer"]["updatedAt"]
        except (OSError, AssertionError):
            return  # the server went away, as it should in the tests that use this

    def _changes(self) -> dict[str, int]:
        names = [self.name, f"{self.name} again", *([f"{self.name} {self.sent}"] * self.keeps_all)]
        return dict.fromkeys(names, self.sent)

    def check(self, customer: dict[str, Any]) -> None:
        """Hold the stored customer against what was acknowledged; what was sent last may have been applied or not."""
        stored = customer.get(self.name, 0)
        assert stored in {self.acknowledged, self.sent}, (self, stored)
        assert customer.get(f"{self.name} again", 0) == stored, "half an update"
        assert customer["updatedAt"] >= self.updated_at
        if self.keeps_all:
            assert [customer.get(f"{self.name} {n}") for n in range(1, stored + 1)] == [*range(1, stored + 1)]
        self.acknowledged = self.sent = stored


CUSTOMERS = ("1002580963", "1001165729")


def writers(number: int, *, keep_all: bool = False) -> list[Writer]:
    """Some writers, by turns of the two customers that every sandbox begins with."""
    return [Writer(CUSTOMERS[n % 2], f"writer{n}", keep_all) for n in range(number)]


def write_together(
    all_writers: Sequence[Writer], sandboxes: Sequence[Sandbox], update: dict[str, Any], *, until: int
) -> None:
    """Let all of them write at once, to the sandboxes by turns, until so many updates have been begun."""
    begun = itertools.count()
    required = {name: update[name] for name in ("name", "address", "phone", "email")}
    with ThreadPoolExecutor(len(all_writers)) as pool:
        for number, writer in enumerate(all_writers):
            sandbox = sandboxes[number // 2 % len(sandboxes)]
            pool.submit(writer.write, sandbox, required, lambda: next(begun) < until)


def break_off(
    all_writers: Sequence[Writer], sandbox: Sandbox, update: dict[str, Any], *, after: int, crash: Callable[[], object]
) -> None:
    """Let all of them write at once, and break something once so many updates have been acknowledged."""
    calls = itertools.count()
    reached = threading.Event()
    required = {name: update[name] for name in ("name", "address", "phone", "email")}

    def goes_on() -> bool:
        # Each writer asks once before anything is acknowledged.
        if next(calls) >= after + len(all_writers):
            reached.set()
        return True

    with ThreadPoolExecutor(len(all_writers)) as pool:
        for writer in all_writers:
            pool.submit(writer.write, sandbox, required, goes_on)
        try:
            assert reached.wait(TIMEOUT), [writer.unexpected for writer in all_writers]
        finally:
            crash()


def check(all_writers: Sequence[Writer], sandbox: Sandbox) -> None:
    """Hold what a sandbox has stored against what it, or another over the same store, acknowledged."""
    customers = {}
    for customer_id in CUSTOMERS:
        answer = sandbox.get(f"/customers/{customer_id}")
        assert answer.status == 200, answer
        customers[customer_id] = json.loads(answer.body)["customer"]
    for writer in all_writers:
        writer.check(customers[writer.customer_id])

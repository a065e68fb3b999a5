"""From files and from chance into a namespace, and back into files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import BinaryIO

from trustly_customers.sandbox._api.auth import NAMESPACE_RULE, is_namespace_name
from trustly_customers.sandbox._api.customers import GET, seeds
from trustly_customers.sandbox._api.records import RecordError, Records
from trustly_customers.sandbox._errors import SandboxError
from trustly_customers.sandbox._spec import load_spec
from trustly_customers.sandbox._stores import Store, operations
from trustly_customers.sandbox._stores.protocol import Steps

from .files import put_aside
from .generate import generate
from .lines import Refused, read_lines

_PAGE = 250

Told = Callable[[int], None]
"""Is told how much more is done."""


async def import_lines(store: Store, namespace: str, source: BinaryIO, refused: Refused, read: Told) -> int:
    """Set the customers that a file has, one a line; all in one transaction, or none. Return how many lines.

    All is read before the transaction begins: who writes the lines may take long, and nobody else shall wait for it.
    The last of two with the same id wins. A namespace that this begins has no others. `refused` is told of lines that
    hold no customer, and ends it all by raising; `read` is told the bytes.
    """
    spec = load_spec()
    name = _checked(namespace)
    with put_aside(read_lines(source, Records(spec, spec.operation(GET)), refused, read)) as records:
        return await store.write(_put_all(name, records, {}))


async def import_generated(store: Store, namespace: str, count: int, seed: int, drawn: Told) -> None:
    """Set synthetic customers, all or none, beside those that are there or that a namespace begins with.

    All are drawn before the transaction begins, as an import's lines are read.
    """
    name = _checked(namespace)
    with put_aside(_generated(count, seed, drawn)) as records:
        await store.write(_put_all(name, records, seeds(load_spec())))


def write_generated(target: BinaryIO, count: int, seed: int, drawn: Told) -> None:
    """Write synthetic customers, one a line."""
    target.writelines(document + b"\n" for _, document in _generated(count, seed, drawn))


async def export_lines(store: Store, namespace: str, target: BinaryIO, written: Told) -> int:
    """Write every customer of a namespace on a line of its own, in the order of their ids, and return how many.

    Each is whole, but they are not of one moment when somebody writes meanwhile. Raises SandboxError for a name that
    no namespace has; the one without a name is always there.
    """
    if namespace and not await store.read(operations.exists(_checked(namespace))):
        raise SandboxError(f"there is no namespace {namespace} in the store")
    after: str | None = None
    count = 0
    while page := await store.read(operations.page(_checked(namespace), after, _PAGE)):
        target.writelines(document + b"\n" for _, document in page)
        after = page[-1][0]
        count += len(page)
        written(len(page))
    return count


def _put_all(namespace: str, records: Iterable[tuple[str, bytes]], beginning: Mapping[str, bytes]) -> Steps[int]:
    # A namespace that has not begun would begin later, and put its own customers over these.
    yield from operations.begin(namespace, beginning)
    return (yield from operations.put(namespace, records))


def _generated(count: int, seed: int, drawn: Told) -> Iterator[tuple[str, bytes]]:
    spec = load_spec()
    records = Records(spec, spec.operation(GET))
    for customer in generate(count, seed):
        try:
            yield records.record(customer)
        except RecordError as error:
            raise SandboxError(f"the spec wants what no generated customer has ({error})") from None
        drawn(1)


def _checked(namespace: str) -> str:
    if namespace and not is_namespace_name(namespace):
        raise SandboxError(f"the name of a namespace may have {NAMESPACE_RULE}")
    return namespace

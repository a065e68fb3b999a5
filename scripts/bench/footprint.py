"""What it costs to have the client: importing it, making one, keeping many.

Whole processes, and as where nothing but the client is installed: httpx otherwise loads what its own command wants,
which takes longer than all the rest. `import trustly_customers` against `import httpx`, at most 1.10 of its time, with
a name used or not. What is put off until a client is made is told beside it, against a client of httpx's. Told without
a target: the memory of each of 50 clients, and the time of the first and of a further one, which shares the first
one's TLS setup.

Again: `python scripts/bench/footprint.py`, or all of them with `run.py`. Some 20 seconds.
"""

from __future__ import annotations

import compileall
import importlib.util
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from trustly_customers import Trustly

if not __package__:  # run as a file: find the neighbours as the tests do
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._measure import CREDENTIALS, Row, medians, seconds_each

ROUNDS = 11
MANY = 50
# By statement: the one that it is measured against, and at most how much of its time it may take.
IMPORTS: dict[str, tuple[str, float | None]] = {
    "import httpx": ("import httpx", None),
    "import trustly_customers": ("import httpx", 1.10),
    "from trustly_customers import Trustly": ("import httpx", 1.10),
    "import httpx; httpx.Client()": ("import httpx; httpx.Client()", None),
    "from trustly_customers import Trustly; Trustly('id', 'key')": ("import httpx; httpx.Client()", None),
}
BARE = "import sys; sys.modules.update(dict.fromkeys(('click', 'pygments', 'rich')))\n"


def rows() -> list[Row]:
    """Measure, and return what was found."""
    return [*_imports(), *_clients()]


def _imports() -> list[Row]:
    # Compiled as an installer leaves them, whatever this machine's settings are.
    for package in ("trustly_customers", "trustly_api"):
        spec = importlib.util.find_spec(package)
        assert spec is not None and spec.origin is not None  # noqa: S101, PT018 - for the type checker: it is imported
        compileall.compile_dir(Path(spec.origin).parent, quiet=2)
    found = medians({each: seconds_each(_process(BARE + each), 1) for each in IMPORTS}, ROUNDS)
    return [
        Row(each, f"{found[each] * 1e3:.0f} ms", against, found[each] / found[against], at_most=most)
        for each, (against, most) in IMPORTS.items()
    ]


def _process(statement: str) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, "-c", statement], check=True)


def _clients() -> list[Row]:
    began = time.perf_counter()
    first = Trustly(*CREDENTIALS)
    first_seconds = time.perf_counter() - began
    first.close()
    further = medians({"": seconds_each(lambda: Trustly(*CREDENTIALS).close(), 10)}, ROUNDS)[""]
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    clients = [Trustly(*CREDENTIALS) for _ in range(MANY)]
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    for client in clients:
        client.close()
    return [
        Row("the first client of a process", f"{first_seconds * 1e3:.1f} ms"),
        Row("a further client", f"{further * 1e3:.2f} ms", "the first client", further / first_seconds),
        Row(f"memory of each of {MANY} clients", f"{(after - before) / MANY / 1024:.1f} KiB"),
    ]


if __name__ == "__main__":
    from bench.run import report

    sys.exit(report({"footprint": rows}))

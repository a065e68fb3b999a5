"""Changes of the public Python names: found in source that is read and never run, and judged for callers."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.spec import ROOT
from compat.change import Kind, Level
from compat.surface import surface_changes

PUBLIC = """
from trustly_api.models import *
from trustly_api.models import __all__ as _models
from ._client import Trustly
from ._errors import Broken
__all__ = ["Trustly", "Broken"]
__all__ += _models
"""
CLIENT = """
from __future__ import annotations
from ._customers import Customers
class Trustly:
    def __init__(self, access_id: str, *, timeout: float = 30) -> None:
        self._http = None
        raise RuntimeError("nobody runs this")
    @property
    def customers(self) -> Customers: ...
    def close(self) -> None: ...
"""
CUSTOMERS = """
from __future__ import annotations
class _Generated:
    def get(self, customer_id: str) -> str: ...
class Customers(_Generated):
    def modify(self, customer_id: str, /, *, base: str | None = None, **changes: object) -> str: ...
"""
ERRORS = "class Broken(Exception):\n    status: int\n    detail: str | None\n"
MODELS = "__all__ = ('Customer',)\nclass Customer:\n    vip: str\n    name: str\n"
FILES = {
    "src/trustly_customers/__init__.py": "",
    "src/trustly_customers/_public.py": PUBLIC,
    "src/trustly_customers/_client.py": CLIENT,
    "src/trustly_customers/_customers.py": CUSTOMERS,
    "src/trustly_customers/_errors.py": ERRORS,
    "src/trustly_customers/locks.py": "__all__ = ['Lock']\nclass Lock: ...\ndef unlisted() -> None: ...\n",
    "generated/trustly_api/__init__.py": "",
    "generated/trustly_api/models/__init__.py": MODELS,
}
CLIENT_FILE, CUSTOMERS_FILE = "src/trustly_customers/_client.py", "src/trustly_customers/_customers.py"
ERRORS_FILE, MODELS_FILE = "src/trustly_customers/_errors.py", "generated/trustly_api/models/__init__.py"


def written(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def found(folder: Path, file: str, old: str, new: str) -> set[tuple[str, str, str]]:
    assert FILES[file].count(old) == 1
    before = written(folder / "before", FILES)
    after = written(folder / "after", {**FILES, file: FILES[file].replace(old, new)})
    changes = surface_changes(before, after)
    assert all(change.servers is Level.NEUTRAL for change in changes)
    return {
        (change.kind.value, change.place.removeprefix("trustly_customers."), change.callers.name) for change in changes
    }


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        (CLIENT_FILE, "def close(self)", "def shut(self)",
         {("Removed", "Trustly.close", "BREAKING"), ("Added", "Trustly.shut", "ADDITIVE")}),
        (CLIENT_FILE, "def close(self)", "def close(self, wait: bool)", {("Changed", "Trustly.close", "BREAKING")}),
        (CLIENT_FILE, "def close(self)", "def close(self, wait: bool = True)",
         {("Changed", "Trustly.close", "ADDITIVE")}),
        (CLIENT_FILE, "def close(self)", "async def close(self)", {("Changed", "Trustly.close", "BREAKING")}),
        (CUSTOMERS_FILE, "    def get(self, ", "    @staticmethod\n    def get(",
         {("Changed", "Trustly.customers.get", "BREAKING")}),
        (CLIENT_FILE, "access_id: str, *", "*, access_id: str", {("Changed", "Trustly.__init__", "BREAKING")}),
        (CLIENT_FILE, "timeout: float", "seconds: float",
         {("Changed", "Trustly.__init__", "BREAKING"), ("Changed", "Trustly.__init__", "ADDITIVE")}),
        (CLIENT_FILE, "access_id: str", "access_id: str | bytes", {("Loosened", "Trustly.__init__", "ADDITIVE")}),
        (CLIENT_FILE, "access_id: str", "access_id: int", {("Changed", "Trustly.__init__", "BREAKING")}),
        (CUSTOMERS_FILE, "def get(", "def read(",
         {("Removed", "Trustly.customers.get", "BREAKING"), ("Added", "Trustly.customers.read", "ADDITIVE")}),
        (CUSTOMERS_FILE, "base: str | None", "basis: str | None",
         {("Changed", "Trustly.customers.modify", "BREAKING"), ("Changed", "Trustly.customers.modify", "ADDITIVE")}),
        (CUSTOMERS_FILE, "**changes: object) -> str", "**changes: object) -> str | None",
         {("Loosened", "Trustly.customers.modify", "BREAKING")}),
        (ERRORS_FILE, "detail: str | None", "detail: str", {("Tightened", "Broken.detail", "ADDITIVE")}),
        (ERRORS_FILE, "status: int\n", "", {("Removed", "Broken.status", "BREAKING")}),
        (ERRORS_FILE, "Broken(Exception)", "Broken", {("Changed", "Broken", "BREAKING")}),
        (MODELS_FILE, "vip: str", "vip: int", {("Changed", "Customer.vip", "BREAKING")}),
        (MODELS_FILE, "    vip: str\n", "", {("Removed", "Customer.vip", "BREAKING")}),
        ("src/trustly_customers/locks.py", "class Lock", "class Latch", {("Removed", "locks.Lock", "BREAKING")}),
    ],
)  # fmt: skip
def test_a_change_that_callers_notice_is_found(
    tmp_path: Path, file: str, old: str, new: str, told: set[tuple[str, str, str]]
) -> None:
    assert found(tmp_path, file, old, new) == told


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (CLIENT_FILE, "_http", "_transport"),
        (CUSTOMERS_FILE, "class Customers(_Generated):", "class _More: ...\nclass Customers(_Generated):"),
        ("src/trustly_customers/locks.py", "def unlisted", "def renamed"),
        # A model's null-ability and the like are the contract's to judge, which knows who sends and who reads.
        (MODELS_FILE, "vip: str", "vip: str | None"),
    ],
)
def test_what_is_private_or_judged_elsewhere_is_no_change(tmp_path: Path, file: str, old: str, new: str) -> None:
    assert found(tmp_path, file, old, new) == set()


def test_a_class_that_goes_is_told_once_without_its_members(tmp_path: Path) -> None:
    told = found(tmp_path, "src/trustly_customers/_public.py", '["Trustly", "Broken"]', '["Trustly"]')
    assert told == {("Removed", "Broken", "BREAKING")}


def test_the_project_itself_is_read_whole(tmp_path: Path) -> None:
    """Against an almost empty package, every name that people import is new."""
    empty = dict.fromkeys(FILES, "") | {"src/trustly_customers/_public.py": "__all__ = []\n"}
    changes = surface_changes(written(tmp_path, empty), ROOT)
    added = {change.place.removeprefix("trustly_customers.") for change in changes if change.kind is Kind.ADDED}
    assert {"Trustly", "AsyncTrustly", "CustomerUpdate", "APIStatusError", "fast.FastTransport"} <= added
    assert {"locks.InProcessLock", "opentelemetry.span_hook", "testing.SandboxNamespace", "sandbox.Sandbox"} <= added

"""What importing the client loads, and which module names the HTTP library."""

from __future__ import annotations

import ast
import enum
import importlib.metadata
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import trustly_customers

from . import _spec

PACKAGE = Path(trustly_customers.__file__).parent
HTTP_MODULES = {"_http.py", "_network.py", "_outgoing.py", "_operator_client.py", "fast.py", "testing.py"}

LOADED = """
import json, sys
import httpx
before = set(sys.modules)
from trustly_customers import *
Trustly("id", "key"), AsyncTrustly("id", "key")
print(json.dumps(sorted(set(sys.modules) - before)))
"""
FIRST_CALL = """
import httpx, sys
from trustly_customers import Trustly
client = Trustly("id", "key", transport=httpx.MockTransport(lambda _: httpx.Response(200, json={answer!r})))
before = set(sys.modules)
client.customers.update("1", client.customers.get("1"))
print(sorted(set(sys.modules) - before))
"""
BLOCKED = """
import sys
for name in {blocked!r}:
    sys.modules[name] = None
import trustly_customers
client = trustly_customers.Trustly("id", "key")
print(type(client).__name__, trustly_customers.__version__)
"""


def requirements(*, extra: bool) -> set[str]:
    """Return the top-level modules of the package's requirements: those of its extras, or those of the client."""
    found = importlib.metadata.requires("trustly-customers") or []
    names = {re.split(r"[^\w.-]", each)[0].lower() for each in found if ("extra ==" in each) == extra}
    modules = importlib.metadata.packages_distributions()
    return {module for module, owners in modules.items() if {owner.lower() for owner in owners} & names}


EXTRAS = requirements(extra=True) - requirements(extra=False) - {"trustly_customers", "trustly_api"}


def python(code: str) -> str:
    """Run code in an interpreter of its own, and return what it prints."""
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=30).stdout


def test_the_extras_are_known() -> None:
    assert {"uvicorn", "typer", "rich"} <= EXTRAS


def test_importing_all_of_the_client_does_not_load_the_http_library() -> None:
    code = "import sys; from trustly_customers import *; print({'httpx', 'jsonschema_rs'} & set(sys.modules))"
    assert python(code) == "set()\n"


def test_a_first_call_loads_nothing_that_making_the_client_did_not() -> None:
    assert python(FIRST_CALL.format(answer=_spec.example("CustomerResponse"))) == "[]\n"


def test_importing_all_of_the_client_loads_neither_the_sandbox_nor_an_extra() -> None:
    # httpx comes first: it looks for what its own command wants, and loads what it finds.
    loaded = json.loads(python(LOADED))
    assert "trustly_customers._http" in loaded
    assert [name for name in loaded if name.startswith("trustly_customers.sandbox")] == []
    assert {name.partition(".")[0] for name in loaded} & EXTRAS == set()


def test_the_client_works_without_any_extra() -> None:
    blocked = sorted({*EXTRAS, "trustly_customers.sandbox"})
    assert python(BLOCKED.format(blocked=blocked)) == f"Trustly {trustly_customers.__version__}\n"


def names(tree: ast.AST) -> Iterator[str]:
    """Yield every name that code holds, and the first part of every module that it imports."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                yield from (alias.name.partition(".")[0] for alias in aliases)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.partition(".")[0]
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield name
            case ast.Call(args=[ast.Constant(value=str(name)), *_]):
                yield name.partition(".")[0]


def test_only_what_sends_names_the_http_library() -> None:
    modules = [path for path in PACKAGE.rglob("*.py") if "sandbox" not in path.parts]
    naming = {path.name for path in modules if {"httpx", "httpcore", "h11"} & set(names(ast.parse(path.read_bytes())))}
    assert naming == HTTP_MODULES


@pytest.mark.parametrize(
    "code", ["import httpx", "import httpx._client as c", "from httpx import Client", "x: httpx.Client", "f('httpx.x')"]
)
def test_naming_the_library_is_found_in_whatever_form(code: str) -> None:
    assert "httpx" in set(names(ast.parse(code)))


def test_every_public_name_is_there_and_documented() -> None:
    public = importlib.import_module("trustly_customers").__all__
    for name in public:
        value = getattr(trustly_customers, name)
        assert not isinstance(value, type) or issubclass(value, enum.Enum) or value.__doc__, name
    assert len(set(public)) == len(public)


def test_the_package_lists_its_public_names_and_has_no_others() -> None:
    package = importlib.import_module("trustly_customers")
    assert set(package.__all__) <= set(dir(package))
    assert "__name__" in dir(package)
    with pytest.raises(AttributeError, match=r"^module 'trustly_customers' has no attribute 'Customers'$"):
        _ = package.Customers

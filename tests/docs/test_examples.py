"""Every Python block of the documentation runs, against the provider's own examples."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from codegen.spec import ROOT

PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
COMMANDS_ALONE = {ROOT / "docs" / "contract-check.md"}
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> Iterator[Any]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for found in BLOCK.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            yield pytest.param(page, line, found[1], id=f"{page.relative_to(ROOT)}:{line}")


@pytest.fixture
def provider() -> Iterator[respx.MockRouter]:
    """The provider's sandbox, as far as its example goes: it answers with its customer, and remembers an update."""
    document = json.loads((ROOT / "generated" / "trustly_api" / "openapi.json").read_bytes())
    customer = dict(document["components"]["examples"]["CustomerResponse"]["value"]["customer"])

    def updated(request: httpx.Request) -> httpx.Response:
        customer.update(json.loads(request.content))
        return httpx.Response(200, json={"customer": {k: v for k, v in customer.items() if v is not None}})

    url = f"{document['servers'][0]['url']}/customers/{customer['customerId']}"
    with respx.mock(assert_all_called=False) as router:
        router.route(host="127.0.0.1").pass_through()
        router.get(url).side_effect = lambda _: httpx.Response(
            200, json={"customer": {k: v for k, v in customer.items() if v is not None}}
        )
        router.post(url).side_effect = updated
        yield router


@pytest.mark.parametrize(("page", "line", "code"), list(blocks()))
def test_the_block_runs(page: Path, line: int, code: str, provider: respx.MockRouter) -> None:
    exec(compile("\n" * line + code, page, "exec"), {"__name__": "example"})  # noqa: S102 - our own documentation
    assert provider is not None


def test_there_are_blocks_to_run() -> None:
    assert {param.values[0] for param in blocks()} == set(PAGES) - COMMANDS_ALONE

"""A copy of the project whose specification is edited and nothing else: generated, type-checked, tested, called."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

import generate
import lint_spec
from codegen.spec import ROOT, SPEC_PATH, load

from ._edit import Edit

HEAD = '''"""What callers write after the edits."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable

from trustly_customers import UNSET, Address, Customer, CustomerUpdate, Trustly
from trustly_customers import APIStatusError, BadRequestError, InvalidRequestError
from trustly_customers.sandbox import Sandbox
'''
TAIL = """

def main() -> None:
    result = {}
    with Sandbox() as sandbox:
        for name, call in CALLS.items():
            with Trustly("sandbox", "sandbox", base_url=sandbox.base_url, max_retries=0) as client:
                try:
                    call(client, "1002580963")
                    result[name] = ""
                except Exception:
                    result[name] = traceback.format_exc()
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
"""

TESTS = ("tests/unit", "tests/modify", "tests/codegen/test_resources.py", "tests/sandbox/operator/test_requests.py")
# With the sync client alone: what a specification holds is the same to each.
ONCE = ("-m", "not thorough", "-k", "not asyncio and not trio")


class Project:
    """One copy. What its steps find is text, empty where all is well."""

    def __init__(self, root: Path, edits: Sequence[Edit]) -> None:
        self.root, self.edits = root, edits
        for folder in ("openapi", "src", "scripts", "tests"):
            shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
        shutil.copy(ROOT / "pyproject.toml", root)
        yaml: Any = YAML(typ="safe", pure=True)
        yaml.sort_base_mapping_type_on_output = False  # what is generated has the order of the specification
        document = yaml.load(root / SPEC_PATH)
        for edit in edits:
            edit.apply(document)
        yaml.dump(json.loads(json.dumps(document)), root / SPEC_PATH)  # without what ruamel would write as an anchor
        (root / "use.py").write_text(_code(edits), encoding="utf-8")

    def lint(self) -> list[str]:
        return lint_spec.findings(load(self.root / SPEC_PATH))

    def generate(self) -> None:
        generate.write(self.root, generate.expected(self.root), generate.actual(self.root))

    def typecheck(self, cache: Path) -> str:
        done = self._run("-m", "mypy", "--cache-dir", str(cache), "src", "generated", "use.py", cwd=self.root)
        return "" if done.returncode == 0 else done.stdout + done.stderr

    def check(self) -> dict[str, Any]:
        """Hold the copy's sandbox to the copy's contract; return what `make contract` writes, and what it says."""
        reports = self.root / "reports"
        command = [str(ROOT / "scripts" / "contract.py"), "--spec", str(self.root / SPEC_PATH)]
        done = self._run(*command, "--reports", str(reports), cwd=ROOT)
        result: dict[str, Any] = json.loads((reports / "result.json").read_text(encoding="utf-8"))
        return {**result, "exit": done.returncode, "said": done.stdout + done.stderr}

    def test(self) -> str:
        """Run those of the project's own tests that make values by the specification, as they are."""
        done = self._run("-m", "pytest", "-q", "-p", "no:cacheprovider", *ONCE, *TESTS, cwd=self.root)
        return "" if done.returncode == 0 else done.stdout + done.stderr

    def call(self) -> dict[str, str]:
        """Run each edit's code against the sandbox; return the traceback by the edit's name, or nothing."""
        done = self._run("use.py", cwd=self.root)
        assert done.returncode == 0, done.stderr
        told: dict[str, str] = json.loads(done.stdout)
        return told

    def _run(self, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        # Before the installed project's own folders, so that both packages are the copy's.
        path = os.pathsep.join(str(self.root / folder) for folder in ("src", "generated"))
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CONTRACT_", "PYTEST_"))}
        environment = {**kept, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
        )


def _code(edits: Sequence[Edit]) -> str:
    imports = sorted({edit.imports for edit in edits if edit.imports})
    functions = [
        f"def call_{number}(client: Trustly, customer_id: str) -> None:\n"
        + textwrap.indent(textwrap.dedent(edit.code).strip("\n"), "    ")
        for number, edit in enumerate(edits)
    ]
    calls = ", ".join(f"{edit.name!r}: call_{number}" for number, edit in enumerate(edits))
    listed = f"CALLS: dict[str, Callable[[Trustly, str], None]] = {{{calls}}}"
    return "\n\n\n".join([HEAD + "\n".join(imports), *functions, listed]) + "\n" + TAIL

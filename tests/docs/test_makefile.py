"""What is set on make's command line is read by something, or refused."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest
from tests.contract_runner._command import _OURS

from codegen.spec import ROOT

MAKE = shutil.which("make")
SET = re.compile(r"\bmake [a-z-]+(?: [A-Z_]+=(?:\"[^\"]*\"|\S*))+")
NAME = re.compile(r"([A-Z_]+)=")
READ = re.compile(r"\$\((?:or |if )?\$?\(?([A-Z]+)\)")
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "Makefile", "docs/contract-check.md", ".ci/run")]
OWN = {"RUN", "UV", "PIN", "MAKE", "OS", "INSTALLED", "SETTINGS", "UNKNOWN"}
"""What the Makefile sets, or make itself."""

pytestmark = pytest.mark.skipif(MAKE is None, reason="there is no make")


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    names = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS"}}
    command = [str(MAKE), "--dry-run", "help", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=names | environment, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("arguments", [["BASEURL=http://x"], ["SCOP=all"], ["SCOPE=all", "seed=1"]])
def test_a_mistyped_variable_is_refused_with_those_that_there_are(arguments: list[str]) -> None:
    ended = make(*arguments)
    assert ended.returncode == 2
    assert f"nothing reads {arguments[-1].partition('=')[0]}; what can be set is PYTHON " in ended.stderr


def test_what_is_documented_and_what_is_read_can_be_set() -> None:
    told = {
        name
        for page in PAGES
        for found in SET.findall(page.read_text(encoding="utf-8"))
        for name in NAME.findall(found)
    }
    read = set(READ.findall(PAGES[2].read_text(encoding="utf-8"))) - OWN
    names = told | read | _OURS | {"TRUSTLY_ACCESS_KEY", "PIP_CERT"}
    assert {"UPGRADE", "VERSION", "PYTEST", "SANDBOX", "MUTATE", "MUTANTS", "SEEDS", "ROUNDS", "INDEX_URL"} <= names
    ended = make(*(f"{name}=a b=c NOBODY=1" for name in sorted(names)))
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_environment_may_hold_whatever_it_likes() -> None:
    assert make(BASEURL="http://x").returncode == 0

"""The wheel, alone: built, installed into an empty environment away from the repository, and used."""

from __future__ import annotations

import base64
import http.client
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from email.parser import HeaderParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from codegen.spec import ROOT, SPEC_PATH, load
from release.artifacts import version
from release.trial import clean, installed, round_trip, run, sandbox
from trustly_api.contract import SPEC_SHA256, SPEC_VERSION

_TEST = re.compile(r'^```python title="(test_\w+\.py)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)

pytestmark = [pytest.mark.thorough, pytest.mark.xdist_group("wheel")]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("else where")


@pytest.fixture(scope="module")
def wheel(elsewhere: Path) -> Path:
    run(elsewhere, sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "dist", str(ROOT))
    (built,) = (elsewhere / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(elsewhere: Path, wheel: Path) -> Path:
    """An environment that holds the wheel with its sandbox and pytest, and nothing of the repository."""
    return installed(
        elsewhere, "--constraint", str(ROOT / "requirements" / "dev.txt"), f"{wheel}[sandbox]", "pytest", "pytest-xdist"
    )


@pytest.fixture(scope="module")
def base_url(elsewhere: Path, environment: Path) -> Iterator[str]:
    with sandbox(elsewhere, environment) as url:
        yield url


def metadata(wheel: Path) -> Any:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return HeaderParser().parsestr(archive.read(name).decode())


def test_the_wheel_holds_both_packages_the_spec_the_typing_markers_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    tops = {name.partition("/")[0] for name in names}
    assert {re.sub(r"-.*\.dist-info", ".dist-info", top) for top in tops} == {
        "trustly_api",
        "trustly_customers",
        "trustly_customers.dist-info",
    }
    assert {"trustly_api/openapi.json", "trustly_api/py.typed", "trustly_customers/py.typed"} <= names
    assert {Path(name).suffix for name in names if ".dist-info" not in name} == {".py", ".json", ".typed"}


def test_the_client_depends_on_at_most_four_packages(wheel: Path) -> None:
    required = [line for line in metadata(wheel).get_all("Requires-Dist") if "extra ==" not in line]
    assert 0 < len(required) <= 4


def test_a_public_index_would_refuse_the_wheel(wheel: Path) -> None:
    assert "Private :: Do Not Upload" in metadata(wheel).get_all("Classifier")


def test_the_installed_client_updates_a_customer_of_the_installed_sandbox(
    elsewhere: Path, environment: Path, base_url: str
) -> None:
    round_trip(elsewhere, environment, base_url)


def test_the_documented_test_of_a_user_passes_with_the_installed_pytest_plugin(
    elsewhere: Path, environment: Path
) -> None:
    ((name, text),) = _TEST.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    (elsewhere / name).write_text(text, encoding="utf-8")
    said = run(
        elsewhere, str(environment / "python"), "-I", "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", name
    )
    assert re.search(r"^1 passed in", said, re.MULTILINE)


def test_the_installed_package_says_of_which_commit_it_is(elsewhere: Path, environment: Path) -> None:
    said = run(elsewhere, str(environment / "trustly-customers"), "--version")
    commit = git("rev-parse", "HEAD")
    assert f"{version(ROOT)}, commit {commit} of " in said
    assert f"spec {SPEC_VERSION}, sha256 {SPEC_SHA256}" in said
    asked = "import trustly_customers as t; print(t.__version__, t.SPEC_VERSION, t.SPEC_SHA256, t.provenance().commit)"
    said = run(elsewhere, str(environment / "python"), "-I", "-c", asked)
    assert said.split() == [version(ROOT), SPEC_VERSION, SPEC_SHA256, commit]


def git(*arguments: str) -> str:
    return subprocess.run(  # the tests run where the project was cloned
        [shutil.which("git") or "git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_the_providers_documented_example_sent_by_a_plain_http_client_is_accepted_and_read_back(base_url: str) -> None:
    example = load(ROOT / SPEC_PATH).document["components"]["examples"]["CustomerUpdate"]["value"]
    parts = urlsplit(base_url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    headers = {
        "Authorization": "Basic " + base64.b64encode(b"sandbox:sandbox").decode(),
        "Content-Type": "application/json",
    }
    path = f"{parts.path}/customers/{example['customerId']}"
    read = []
    for method, body in (("POST", json.dumps(example)), ("GET", None)):
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        assert answer.status == 200
        read.append(json.load(answer)["customer"])
    connection.close()
    accepted, read_back = read
    assert read_back == accepted
    assert example.items() <= read_back.items()


def test_the_installed_command_reads_a_customer(
    elsewhere: Path, environment: Path, base_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = clean() | {"TRUSTLY_ACCESS_ID": "sandbox", "TRUSTLY_ACCESS_KEY": "sandbox"}
    monkeypatch.chdir(elsewhere)
    command = [str(environment / "trustly-customers"), "get", "1002580963", "--base-url", base_url]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["customerId"] == "1002580963"

"""The wheel, alone: built, installed into an empty environment away from the repository, and used."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
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

READY = "Sandbox ready at "
BIN = "Scripts" if sys.platform == "win32" else "bin"
UPDATE = """
import sys, trustly_customers
from trustly_customers import Trustly

with Trustly("sandbox", "sandbox", base_url=sys.argv[1]) as client:
    customer = client.customers.get("1001165729")
    customer.vip = "4"
    client.customers.update("1001165729", customer)
    print(client.customers.get("1001165729").vip, trustly_customers.__file__)
"""

pytestmark = pytest.mark.xdist_group("wheel")


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
    """An environment that holds the wheel with its sandbox, and nothing of the repository."""
    place = elsewhere / "environment"
    uv = (sys.executable, "-m", "uv", "--quiet")
    run(elsewhere, *uv, "venv", "--python", sys.executable, str(place))
    pinned = ("--constraint", str(ROOT / "requirements" / "dev.txt"))
    run(elsewhere, *uv, "pip", "install", "--python", str(place / BIN / "python"), *pinned, f"{wheel}[sandbox]")
    return place / BIN


@pytest.fixture(scope="module")
def base_url(elsewhere: Path, environment: Path) -> Iterator[str]:
    command = [str(environment / "trustly-customers"), "sandbox", "--port", "0", "--store", "customers.db"]
    with subprocess.Popen(command, cwd=elsewhere, env=clean(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line.startswith(READY), line
            yield line.removeprefix(READY).strip()
        finally:
            process.terminate()
            process.wait(10)


def clean() -> dict[str, str]:
    """The environment variables, without what points Python at the repository."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TRUSTLY", "VIRTUAL_ENV"))
    }


def run(folder: Path, *command: str) -> str:
    system_certificates = {"UV_SYSTEM_CERTS": "1"}
    done = subprocess.run(
        command, cwd=folder, env=clean() | system_certificates, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


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
    vip, used = run(elsewhere, str(environment / "python"), "-I", "-c", UPDATE, base_url).strip().split(" ", 1)
    assert vip == "4"
    assert Path(used).is_relative_to(elsewhere)


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

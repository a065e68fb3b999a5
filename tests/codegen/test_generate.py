"""The generator step: what it writes, and that the check goes red when it must and only then."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Any
from unittest.mock import Mock

import openapi_python_client
import pytest

import generate
from codegen import render
from codegen.spec import ROOT, SPEC_PATH, Spec, SpecError

CONTRACT = Path("generated/trustly_api/contract.py")


def snapshot(root: Path) -> dict[Path, tuple[bytes, int]]:
    return {
        path: (path.read_bytes(), path.stat().st_mtime_ns)
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def rendered(spec: Spec) -> dict[PurePosixPath, bytes]:
    """What the specification gives, made once: it takes a second."""
    return render.render(spec)


def edit_a_line(root: Path) -> str:
    path = root / CONTRACT
    path.write_text(path.read_text(encoding="utf-8").replace("internal error", "external error"), encoding="utf-8")
    return "contract.py: differs"


def add_a_file(root: Path) -> str:
    (root / "generated" / "trustly_api" / "models" / "stale.py").write_text("", encoding="utf-8")
    return "models/stale.py: nothing generates it"


def delete_a_file(root: Path) -> str:
    (root / "generated" / "trustly_api" / "py.typed").unlink()
    return "py.typed: is missing"


def edit_the_spec(root: Path) -> str:
    path = root / SPEC_PATH
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("The customer's full name.", "The full name."), encoding="utf-8")
    return "models/customer.py: differs"


def edit_the_clauses(root: Path) -> str:
    path = root / "openapi" / "README.md"
    path.write_text(path.read_text(encoding="utf-8").replace("| `https-only` |", "| `http` |"), encoding="utf-8")
    return "openapi/README.md: differs"


@pytest.mark.parametrize(
    "spoil",
    [
        edit_the_spec,
        *(
            pytest.param(each, marks=pytest.mark.thorough)
            for each in (edit_a_line, add_a_file, delete_a_file, edit_the_clauses)
        ),
    ],
)
def test_the_check_goes_red_touches_nothing_and_generating_mends_it(
    tree: Path, spoil: Callable[[Path], str], capsys: pytest.CaptureFixture[str]
) -> None:
    told = spoil(tree)
    before = snapshot(tree)
    assert generate.main(["--check", "--root", str(tree)]) == 1
    red = capsys.readouterr().err
    assert told in red
    assert "run `make generate`" in red
    assert snapshot(tree) == before
    assert generate.main(["--root", str(tree)]) == 0
    assert generate.main(["--check", "--root", str(tree)]) == 0


@pytest.mark.thorough
def test_the_command_is_green_on_the_tree_as_it_is(tree: Path) -> None:
    command = [sys.executable, str(ROOT / "scripts" / "generate.py"), "--check", "--root", str(tree)]
    green = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (green.returncode, green.stderr) == (0, "")


def test_line_ends_of_another_system_are_no_difference(tree: Path) -> None:
    for path in [tree / SPEC_PATH, tree / CONTRACT]:
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert generate.differences(generate.expected(tree), generate.actual(tree)) == []


def test_a_removed_schema_leaves_no_file_and_no_folder_behind(tree: Path, rendered: dict[PurePosixPath, bytes]) -> None:
    stale = tree / "generated" / "trustly_api" / "api" / "gone" / "old.py"
    stale.parent.mkdir()
    stale.write_text("", encoding="utf-8")
    wanted = {generate.GENERATED / path: content for path, content in rendered.items()}
    generate.write(tree, wanted, generate.actual(tree))
    assert not stale.parent.exists()


def test_the_same_specification_gives_the_same_bytes(spec: Spec, rendered: dict[PurePosixPath, bytes]) -> None:
    assert render.render(spec) == rendered


def test_each_file_opens_with_the_command_and_the_specifications_version_and_hash(
    spec: Spec, rendered: dict[PurePosixPath, bytes]
) -> None:
    for path, content in rendered.items():
        first = content.split(b"\n", 1)[0].decode()
        assert "make generate" in first, path
        assert spec.version in first, path
        assert spec.sha256 in first, path


def test_a_default_is_what_the_server_takes_and_nothing_that_a_model_or_a_method_sends(
    document: dict[str, Any],
) -> None:
    def generated(**default: object) -> dict[PurePosixPath, list[bytes]]:
        components = document["components"]
        components["schemas"]["Tier"] = {"type": "string", "enum": ["gold", "silver"], **default}
        properties = components["schemas"]["CustomerUpdate"]["properties"]
        properties["vip"] = {"type": ["string", "null"], **default}
        properties["tier"] = {"$ref": "#/components/schemas/Tier", **default}
        properties["phone"] = {"type": "string", **default}
        query = {"name": "rank", "in": "query", "schema": {"type": "string", **default}}
        document["paths"]["/customers/{customerId}"]["parameters"][1:] = [query]
        files = render.render(Spec(str(SPEC_PATH), document, "0"))
        return {path: content.splitlines()[1:] for path, content in files.items() if path.suffix == ".py"}

    assert generated(default="gold") == generated()


def test_the_package_is_marked_as_typed(rendered: dict[PurePosixPath, bytes]) -> None:
    assert PurePosixPath("trustly_api/py.typed") in rendered


def test_writing_a_second_time_changes_no_file(tree: Path) -> None:
    before = snapshot(tree)
    assert generate.write(tree, generate.expected(tree), generate.actual(tree)) == 0
    assert snapshot(tree) == before


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (
            lambda path: path.write_text("openapi: [3.1\ninfo: {", encoding="utf-8"),
            "customers.yaml:2:5: not valid YAML",
        ),
        (lambda path: path.write_text("a: 1\na: 2\n", encoding="utf-8"), "customers.yaml:2:1: not valid YAML"),
        (lambda path: path.write_text("- a list", encoding="utf-8"), "not an OpenAPI document"),
        (lambda path: path.write_bytes(b"info: \xff"), "byte 6 is not UTF-8"),
        (lambda path: path.unlink(), "cannot read the specification"),
    ],
)
def test_a_specification_that_cannot_be_read_is_told_in_words_and_leaves_the_tree(
    tree: Path, spoil: Callable[[Path], object], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(tree / SPEC_PATH)
    before = snapshot(tree)
    assert generate.main(["--root", str(tree)]) == 2
    assert told in capsys.readouterr().err
    assert snapshot(tree) == before


def test_a_readme_without_the_markers_is_told(tree: Path) -> None:
    (tree / "openapi" / "README.md").write_text("nothing here", encoding="utf-8")
    with pytest.raises(SpecError, match="must enclose the table of clauses"):
        generate.expected(tree)


NO_NAME = ImportError("cannot import name 'Project' from 'x' (/y.py)", name="openapi_python_client.parser")
NO_MODULE = ModuleNotFoundError("No module named 'x'", name="openapi_python_client.config")


def no_attribute(of: object) -> AttributeError:
    return AttributeError("no attribute 'build'", name="build", obj=of)


@pytest.mark.parametrize(
    "error",
    [NO_NAME, NO_MODULE, *map(no_attribute, (openapi_python_client, openapi_python_client.Project))],
    ids=["a name", "a module", "a module's", "a class's"],
)
def test_a_generator_whose_python_api_has_moved_is_told_in_one_sentence(
    tree: Path, error: Exception, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(ROOT / "pyproject.toml", tree)
    monkeypatch.setattr(render, "render", Mock(side_effect=error))
    before = snapshot(tree)
    assert generate.main(["--root", str(tree)]) == 2
    said = capsys.readouterr().err
    version = metadata.version("openapi-python-client")
    assert said.startswith(
        f"error: openapi-python-client {version} has not the Python API that scripts/codegen wants ("
    )
    assert f"pyproject.toml pins {version}, " in said
    assert "/y.py" not in said
    assert said.count("\n") == 1
    assert snapshot(tree) == before


@pytest.mark.parametrize("error", [ImportError("x", name="another"), no_attribute(3)])
def test_a_defect_of_our_own_is_not_blamed_on_the_generator(
    tree: Path, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "render", Mock(side_effect=error))
    with pytest.raises(type(error)):
        generate.main(["--root", str(tree)])

"""Edits of upstream's templates: where upstream has changed a passage, each edit that lost it is told, with how."""

from __future__ import annotations

import shutil
from pathlib import Path

import openapi_python_client
import pytest
from jinja2 import DictLoader, Environment

import upgrade_generator
from codegen import edits, render
from codegen.drift import Edit
from codegen.spec import ROOT, Spec, SpecError

TEMPLATES = Path(openapi_python_client.__file__).parent / "templates"


@pytest.fixture
def upstream() -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.jinja")}


def told_of(templates: dict[str, str]) -> str:
    with pytest.raises(SpecError) as caught:
        edits.EditedLoader(DictLoader(templates), Environment(autoescape=True))
    return str(caught.value)


def test_every_edit_fits_the_generator_that_is_installed(upstream: dict[str, str]) -> None:
    loader = edits.EditedLoader(DictLoader(upstream), Environment(autoescape=True))
    for edit in edits.EDITS:
        assert edit.new in loader.get_source(Environment(autoescape=True), edit.template)[0]


def test_each_edit_that_upstream_has_overtaken_is_told_with_the_difference(upstream: dict[str, str]) -> None:
    upstream["types.py.jinja"] = upstream["types.py.jinja"].replace(
        "    def __bool__(self) -> Literal[False]:\n", "    def __bool__(self, /) -> Literal[False]:\n"
    )
    upstream["client.py.jinja"] = upstream["client.py.jinja"].replace("field(factory=dict, kw_only", "field(kw_only")
    told = told_of(upstream)
    assert "types.py.jinja: upstream's template has drifted: the passage stands there 0 times, not 1" in told
    assert "-    def __bool__(self) -> Literal[False]:\n    +    def __bool__(self, /) -> Literal[False]:\n" in told
    assert "because: The raw client's repr must not show its token, its headers or its cookies." in told
    assert "    +    _headers: dict[str, str] = field(kw_only" in told
    assert told.endswith(f"3 of {len(edits.EDITS)} edits no longer fit: mend them in scripts/codegen/edits.py.")


def test_a_passage_that_stands_there_once_too_often_is_told(upstream: dict[str, str]) -> None:
    upstream["errors.py.jinja"] *= 2
    assert "errors.py.jinja: upstream's template has drifted: the passage stands there 2 times" in told_of(upstream)


def test_the_upgrade_holds_the_edits_against_the_templates_before_it_generates(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert upgrade_generator.main(["--templates"]) == 0
    assert f"all {len(edits.EDITS)} edits fit" in capsys.readouterr().out
    shutil.copytree(TEMPLATES, tmp_path, dirs_exist_ok=True)
    (tmp_path / "errors.py.jinja").unlink()
    assert upgrade_generator.main(["--templates", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert "errors.py.jinja: upstream's template has drifted" in told
    assert f"1 of {len(edits.EDITS)} edits no longer fit" in told


def test_a_passage_that_is_gone_without_a_trace_is_shown(upstream: dict[str, str]) -> None:
    upstream["errors.py.jinja"] = "# nothing\n"
    assert "Nothing like it is there:\n    super().__init__(\n" in told_of(upstream)


def test_generation_stops_where_an_edit_does_not_fit(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> None:
    drifted = Edit(template="types.py.jinja", reason="the reason", old="not in there", new="")
    monkeypatch.setattr(edits, "EDITS", (*edits.EDITS, drifted))
    with pytest.raises(SpecError, match="the reason"):
        render.render(spec)


def test_the_pin_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(before, encoding="utf-8")
    assert upgrade_generator.main(["9.8.7", "--root", str(tmp_path)]) == 0
    after = (tmp_path / "pyproject.toml").read_text(encoding="utf-8")
    (line,) = set(after.splitlines()) - set(before.splitlines())
    assert '"openapi-python-client==9.8.7",' in line
    assert len(after.splitlines()) == len(before.splitlines())
    assert "→ 9.8.7" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("version", "told"),
    [("9.8.7", 'has no "openapi-python-client==..."'), ("newest", "VERSION=newest is no version"), ("", "no version")],
)
def test_a_pin_that_cannot_be_moved_is_told(
    tmp_path: Path, version: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    assert upgrade_generator.main([version, "--root", str(tmp_path)]) == 2
    assert told in capsys.readouterr().err
    assert (tmp_path / "pyproject.toml").read_text(encoding="utf-8") == ""

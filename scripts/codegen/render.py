"""Renders every generated file, in memory.

The generator is used as a library rather than as a command: the command ends in 0 when it skips an operation, and
drops what the resource classes need to know. Each of its warnings is an error here.
"""

from __future__ import annotations

import contextlib
import copy
import io
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.properties import ModelProperty, Property

from . import resources, soundness, walking
from .edits import EditedLoader
from .spec import ROOT, Node, Spec, SpecError

PACKAGE = "trustly_api"
TEMPLATES = ROOT / "scripts" / "templates"
# What the generator writes is put in order by these rules alone, whatever the repository's own settings say.
RUFF = [sys.executable, "-m", "ruff"]
RUFF_RULES = "I,F401,UP,W291"


def render(spec: Spec) -> dict[PurePosixPath, bytes]:
    """Return the content of every generated file, by its path below `generated/`.

    The same specification and the same pinned tools give the same bytes.

    Raises:
        SpecError: the specification cannot be generated from as a whole.
    """
    soundness.ensure(spec)
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / PACKAGE
        _write_package(spec, package)
        _tidy(package)
        # Python's own caches are no output.
        files = {path: path.read_text(encoding="utf-8") for path in package.rglob("*") if path.is_file()}
        header = f"# Written by `make generate` from {_origin(spec)}. Do not edit.\n"
        rendered = {
            PurePosixPath(path.relative_to(folder).as_posix()): (header + text).encode()
            for path, text in files.items()
            if path.suffix == ".py" or path.name == "py.typed"
        }
    rendered[PurePosixPath(PACKAGE, "openapi.json")] = _as_json(spec)
    return rendered


def _origin(spec: Spec) -> str:
    return f"{spec.path} {spec.version}, sha256 {spec.sha256}"


def _as_json(spec: Spec) -> bytes:
    """The specification as JSON, which running code reads. JSON has no comments: the header is the first member."""
    document = {"x-generated": f"Written by `make generate` from {_origin(spec)}. Do not edit.", **spec.document}
    text = json.dumps(document, ensure_ascii=False, indent=1)
    return text.replace("{\n ", "{", 1).encode() + b"\n"


def _write_package(spec: Spec, package: Path) -> None:
    config = Config.from_sources(
        ConfigFile(package_name_override=PACKAGE, post_hooks=[]),
        meta_type=MetaType.NONE,
        document_source=Path(spec.path),
        file_encoding="utf-8",
        overwrite=False,
        output_path=package,
    )
    parsed = GeneratorData.from_dict(_without_defaults(spec.document), config=config)
    if isinstance(parsed, GeneratorError):
        raise SpecError(_told(spec, parsed))
    project = Project(openapi=parsed, config=config)
    assert project.env.loader is not None  # noqa: S101 - for the type checker: the generator always sets one
    project.env.loader = EditedLoader(project.env.loader, project.env)
    project.env.filters["declaration"] = _declaration
    with contextlib.redirect_stdout(io.StringIO()):
        problems = project.build()
    if problems:
        raise SpecError("\n".join(_told(spec, problem) for problem in problems))
    (package / "py.typed").touch()
    _write_own(spec, project, package)


def _without_defaults(document: Node) -> Node:
    """The document without what servers take for a value that is left out: upstream would have clients send it."""
    document = copy.deepcopy(document)
    for _, schema in walking.schemas(document):
        schema.pop("default", None)
    return document


def _told(spec: Spec, problem: GeneratorError) -> str:
    detail = " ".join(f"{problem.header}: {problem.detail or ''}".split())
    # Values that the generator does not trust have no form but this one.
    detail = re.sub(r"<openapi_python_client\S+ object at \w+>", "…", detail)
    return f"{spec.path}: cannot be generated from: {detail}"


def _declaration(prop: Property, model: ModelProperty) -> str:
    """How a model declares a property: as upstream does, but without its value in the repr where sensitive."""
    declared: str = prop.to_string().as_unembedded_code()
    schema = (model.data.properties or {}).get(prop.name)
    if schema is None or not (schema.model_extra or {}).get("x-sensitive"):
        return declared
    name_and_type, equals, default = declared.partition(" = ")
    arguments = f"default={default}, repr=redacted" if equals else "repr=redacted"
    return f"{name_and_type} = _attrs_field({arguments})"


def _write_own(spec: Spec, project: Project, package: Path) -> None:
    """Write the modules that the generator has no template for."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - Python is written, not HTML; values go through the `literal` filter
    )
    env.filters["literal"] = _literal
    collections = project.openapi.endpoint_collections_by_tag.values()
    classes = resources.build(spec, collections)
    facts = {"spec": spec, "error_codes": _error_codes(spec.document), "provider_set": _provider_set(spec.document)}
    outputs: dict[str, tuple[str, dict[str, Any]]] = {
        "redaction.py": ("redaction.py.jinja", {}),
        "contract.py": ("contract.py.jinja", facts),
        "operation.py": ("operation.py.jinja", {}),
        "changes.py": ("changes.py.jinja", resources.changes(collections)),
        "resources/__init__.py": ("resources_init.py.jinja", {"resources": classes}),
        **{f"resources/{each.tag}.py": ("resource.py.jinja", {"resource": each}) for each in classes},
    }
    (package / "resources").mkdir()
    for name, (template, context) in outputs.items():
        (package / name).write_text(env.get_template(template).render(context), encoding="utf-8", newline="\n")


def _literal(value: object) -> str:
    """Python source for a plain value; a set is sorted, so that the output is stable."""
    return repr(sorted(value) if isinstance(value, set | frozenset) else value)


def _error_codes(document: dict[str, Any]) -> dict[int, str]:
    detail = document["components"]["schemas"].get("ErrorDetail", {})
    known = detail.get("properties", {}).get("code", {}).get("x-known-codes", {})
    return {int(code): meaning for code, meaning in known.items()}


def _provider_set(document: dict[str, Any]) -> dict[str, set[str]]:
    found = {
        name: {key for key, value in (schema.get("properties") or {}).items() if value.get("readOnly")}
        for name, schema in document["components"]["schemas"].items()
    }
    return {name: properties for name, properties in found.items() if properties}


def _tidy(package: Path) -> None:
    for arguments in (
        ["check", "--isolated", "--no-cache", "--quiet", "--fix-only", "--select", RUFF_RULES],
        ["format", "--isolated", "--no-cache", "--quiet", "--line-length", "120"],
    ):
        # Not from within the package: its types.py would hide the standard library's.
        done = subprocess.run([*RUFF, *arguments, str(package)], capture_output=True, text=True, check=False)
        if done.returncode:
            msg = f"ruff could not put the generated code in order; this is a defect of the templates: {done.stderr}"
            raise SpecError(msg)

"""Reading the specification: one place for its path, its hash, and what to say when it cannot be read."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, SequenceNode

ROOT = Path(__file__).resolve().parents[2]
SPEC_PATH = Path("openapi/customers.yaml")
Token = str | int
"""A step into the document: a key, or the position in a list."""
Place = tuple[Token, ...]
Finding = tuple[Place, str]
"""What is wrong: where, and in one sentence."""
Node = dict[str, Any]


class SpecError(Exception):
    """The specification is missing, is not YAML, or says something that cannot be generated from.

    The text is one sentence a problem, each with the place and what to do.
    """


@dataclass(frozen=True)
class Spec:
    """A specification as read: its text's hash and its content as plain Python objects."""

    path: str
    document: dict[str, Any]
    sha256: str
    text: str = field(default="", repr=False)

    @property
    def version(self) -> str:
        """The specification's own version, `info.version`."""
        return str(self.document["info"]["version"])

    def position(self, place: Sequence[Token]) -> str:
        """Return the file with the line and column of a place in it, or of what is nearest around it."""
        if not self.text:
            return self.path
        node, mark = self._tree, None
        for token in place:
            found = _member(node, token)
            if found is None:
                break
            mark, node = found
        return f"{self.path}:{mark.line + 1}:{mark.column + 1}" if mark else self.path

    @cached_property
    def _tree(self) -> Any:
        return YAML(typ="safe", pure=True).compose(self.text)

    def resolve(self, node: dict[str, Any]) -> dict[str, Any]:
        """Follow a reference within the document, members beside it left aside.

        Raises:
            SpecError: it leads nowhere, or outside the document.
        """
        while "$ref" in node:
            reference = node["$ref"]
            found: Any = self.document
            for part in reference.removeprefix("#/").split("/"):
                found = found.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
            if not isinstance(found, dict) or not reference.startswith("#/"):
                msg = f"{self.path}: the reference {reference!r} leads nowhere in this file; mend it or add its target."
                raise SpecError(msg)
            node = found
        return node


def load(path: Path) -> Spec:
    """Read a specification from a YAML file.

    The hash is over the file's text with UNIX line ends, so that it is the same on every system.

    Raises:
        SpecError: the file is missing or unreadable, is not UTF-8, is not YAML, holds a key twice or what JSON has
            no form for, or is no OpenAPI document at all.
    """
    try:
        text = path.read_bytes().replace(b"\r\n", b"\n")
    except OSError as error:
        msg = f"{path}: cannot read the specification ({error.strerror}); is this the project's root?"
        raise SpecError(msg) from None
    try:
        document = YAML(typ="safe", pure=True).load(text.decode("utf-8"))
    except UnicodeDecodeError as error:
        msg = f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8."
        raise SpecError(msg) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        problem = " ".join(str(error.problem or error.context).split())
        if isinstance(error, DuplicateKeyError):
            problem = problem.partition(" with value ")[0]  # it tells values that it has not read yet
        msg = f"{place}: not valid YAML: {problem}."
        raise SpecError(msg) from None
    except YAMLError as error:
        msg = f"{path}: not valid YAML: {' '.join(str(error).split())}"
        raise SpecError(msg) from None
    if not isinstance(document, dict) or not isinstance(document.get("info"), dict) or "openapi" not in document:
        msg = f"{path}: not an OpenAPI document; it must be a mapping with `openapi` and `info`."
        raise SpecError(msg)
    digest = hashlib.sha256(text).hexdigest()
    spec = Spec(path=SPEC_PATH.as_posix(), document=document, sha256=digest, text=text.decode())
    told = [f"{spec.position(place)}: {'/'.join(map(str, place))}: {reason}" for place, reason in _not_json(document)]
    if told:
        raise SpecError("\n".join(told))
    return spec


def _not_json(node: Any, place: Place = ()) -> Iterator[Finding]:
    """Find what YAML has and JSON has not, and the generated `openapi.json` with it."""
    if isinstance(node, dict):
        for key, value in node.items():
            if isinstance(key, str):
                yield from _not_json(value, (*place, key))
            else:
                yield (*place, str(key)), f"the key is read as {type(key).__name__}, not as text; put it in quotes"
    elif isinstance(node, list):
        for position, value in enumerate(node):
            yield from _not_json(value, (*place, position))
    elif isinstance(node, float) and not math.isfinite(node):
        yield place, "is no number that JSON has"
    elif node is not None and not isinstance(node, str | int | float):
        yield place, f"is read as {type(node).__name__}, not as text; put it in quotes"


def _member(node: Any, token: Token) -> tuple[Any, Any] | None:
    """The mark of a member and the member itself, of a node of ruamel's tree; None where there is none."""
    if isinstance(node, MappingNode):
        return next(((key.start_mark, value) for key, value in node.value if key.value == str(token)), None)
    if isinstance(node, SequenceNode) and isinstance(token, int) and token < len(node.value):
        return node.value[token].start_mark, node.value[token]
    return None


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """List the operations as (path, method, operation object), in the order of the document."""
    methods = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
    return [
        (path, method, item[method])
        for path, item in (document.get("paths") or {}).items()
        for method in methods
        if method in item
    ]


def types(schema: Node) -> list[str]:
    """Return what a schema names as its type, as a list."""
    kinds = schema.get("type", [])
    return [kinds] if isinstance(kinds, str) else kinds

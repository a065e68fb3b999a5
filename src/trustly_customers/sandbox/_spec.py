"""The spec, as far as a server needs it: where the operations are, what they take, what the answers look like.

Only reading belongs here. The spec comes from the package data of `trustly_api`, whose code is never imported.
"""

from __future__ import annotations

import functools
import importlib.util
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ._errors import SandboxError
from ._json import Value

_PACKAGE = "trustly_api"
_FILE = "openapi.json"
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: a method on a path, with the base path in front."""

    id: str
    method: str
    path: str
    parameters: tuple[str, ...]
    """The names of the path's parameters, in the order of the path."""
    other_parameters: tuple[dict[str, Any], ...]
    """Those of the query and of the headers, as the spec describes them."""
    request_schema: dict[str, Any] | None
    """What the body must match; None for an operation without one."""
    request_example: Value
    wrapper: str | None
    """The property of a successful answer that holds the resource itself."""
    resource_schema: dict[str, Any]
    response_example: Value

    @property
    def provider_set(self) -> frozenset[str]:
        """The properties of the resource that only the server sets."""
        properties = self.resource_schema.get("properties", {})
        return frozenset(name for name, schema in properties.items() if schema.get("readOnly"))


class Spec:
    """An OpenAPI document with its references followed."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.components: dict[str, Any] = document["components"]
        self.base_path = urlsplit(document["servers"][0]["url"]).path.rstrip("/")
        self._document = document
        self.operations = {operation.id: operation for operation in self._operations()}

    def responses(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Every documented response of every operation, with its status."""
        for item in self._document["paths"].values():
            for method in _METHODS:
                for status, response in item.get(method, {}).get("responses", {}).items():
                    if status.isdecimal():
                        yield int(status), self.follow(response)

    @property
    def error_codes(self) -> dict[int, str]:
        """The provider's numbers for kinds of errors, and what they mean."""
        properties = [each for schema in self.components.get("schemas", {}).values() for each in _properties(schema)]
        return {int(code): meaning for each in properties for code, meaning in each.get("x-known-codes", {}).items()}

    def operation(self, operation_id: str) -> Operation:
        """An operation that the sandbox cannot do without; SandboxError where the spec has none of that id."""
        try:
            return self.operations[operation_id]
        except KeyError:
            raise SandboxError(
                f"the installed spec has no operation {operation_id}, without which there is nothing to serve; "
                "install trustly-customers again, or run `make generate` in its repository"
            ) from None

    def example(self, content: dict[str, Any]) -> Value:
        """The first example of a body that is JSON, or None."""
        examples = content.get(_JSON, {}).get("examples", {})
        return next((self.follow(example)["value"] for example in examples.values()), None)

    def follow(self, node: dict[str, Any]) -> dict[str, Any]:
        """The object that a chain of references inside the document ends at."""
        while "$ref" in node:
            target: Any = self._document
            for token in node["$ref"].removeprefix("#/").split("/"):
                target = target[token.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def _operations(self) -> Iterator[Operation]:
        for path, item in self._document["paths"].items():
            for method in _METHODS:
                if method in item:
                    shared = [self.follow(parameter) for parameter in item.get("parameters", [])]
                    yield self._operation(path, method, item[method], shared)

    def _operation(self, path: str, method: str, operation: dict[str, Any], shared: list[dict[str, Any]]) -> Operation:
        own = [self.follow(parameter) for parameter in operation.get("parameters", [])]
        request = self.follow(operation.get("requestBody", {})).get("content", {})
        responses = operation["responses"]
        success = self.follow(responses[min(responses)]).get("content", {})
        body = self.follow(success.get(_JSON, {}).get("schema", {}))
        wrapper = body.get("x-unwrap")
        return Operation(
            id=operation["operationId"],
            method=method.upper(),
            path=self.base_path + path,
            parameters=tuple(part[1:-1] for part in path.split("/") if part.startswith("{")),
            other_parameters=tuple(each for each in (*shared, *own) if each["in"] != "path"),
            request_schema=request.get(_JSON, {}).get("schema"),
            request_example=self.example(request),
            wrapper=wrapper,
            resource_schema=self.follow(body["properties"][wrapper]) if wrapper else body,
            response_example=self.example(success),
        )


def _properties(schema: dict[str, Any]) -> Iterable[dict[str, Any]]:
    properties: dict[str, dict[str, Any]] = schema.get("properties", {})
    return properties.values()


@functools.cache
def load_spec() -> Spec:
    """The spec that was installed with the package.

    Raises SandboxError when it is not there, or is not an OpenAPI document that a server can follow.
    """
    # find_spec does not import a top-level package: the generated client, and httpx with it, stay unloaded.
    package = importlib.util.find_spec(_PACKAGE)
    folders = list(package.submodule_search_locations or ()) if package else []
    file = Path(folders[0], _FILE) if folders else Path(_PACKAGE, _FILE)
    remedy = "install trustly-customers again, or run `make generate` in its repository"
    try:
        return Spec(json.loads(file.read_bytes()))
    except OSError:
        raise SandboxError(f"the spec {file} is missing or cannot be read; {remedy}") from None
    except (ValueError, LookupError, TypeError, AttributeError):
        raise SandboxError(f"the spec {file} is not an OpenAPI document that can be served; {remedy}") from None

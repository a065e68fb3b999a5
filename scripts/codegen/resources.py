"""The resource classes: what `templates/resource.py.jinja` is rendered with, one object a tag and a method.

Method names drop the resource's noun from the operationId: `updateCustomer` with the tag `customers` is
`customers.update`, `listCustomers` is `customers.list`.
"""

from __future__ import annotations

import builtins
import keyword
import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from openapi_python_client.parser.openapi import Endpoint, EndpointCollection
from openapi_python_client.parser.properties import ModelProperty, Property
from openapi_python_client.parser.responses import HTTPStatusPattern
from openapi_python_client.strings import PythonIdentifier, safe_for_docstring

from .spec import Spec, SpecError, operations

WIDTH = 100


@dataclass(frozen=True)
class Method:
    """One operation, as a method of a resource class."""

    name: str
    module: str
    constant: str
    operation_id: str
    http_method: str
    path: str
    path_parameters: tuple[str, ...]
    places: dict[str, tuple[str, str]]
    parameters: tuple[str, ...]
    arguments: tuple[str, ...]
    keywords: str
    keyword_fields: tuple[str, ...]
    returns: str
    parse: str
    success: tuple[int, ...]
    docstring: str
    imports: frozenset[str]


@dataclass(frozen=True)
class Resource:
    """One tag, as a pair of classes."""

    tag: str
    class_name: str
    methods: tuple[Method, ...]
    imports: tuple[str, ...]


def build(spec: Spec, collections: Iterable[EndpointCollection]) -> list[Resource]:
    """Describe every resource class.

    Raises:
        SpecError: two operations of a tag would get the same method name, or an operation uses something that
            the resource classes do not support.
    """
    originals = {
        str(PythonIdentifier(operation["operationId"], prefix="field_")): (path, operation)
        for path, _, operation in operations(spec.document)
    }
    return [_resource(collection, originals, spec) for collection in collections]


def changes(collections: Iterable[EndpointCollection]) -> dict[str, Any]:
    """Describe the models that are request bodies, with the imports that their properties need."""
    endpoints = [endpoint for collection in collections for endpoint in collection.endpoints]
    bodies = [body.prop for endpoint in endpoints for body in endpoint.bodies]
    models = {str(prop.class_info.name): prop for prop in bodies if isinstance(prop, ModelProperty)}
    properties = [
        prop
        for model in models.values()
        for prop in (model.required_properties or []) + (model.optional_properties or [])
    ]
    lines = {line for prop in properties for line in prop.get_imports(prefix="..") | prop.get_lazy_imports(prefix="..")}
    imports = sorted(line.replace("from ..", "from .", 1) for line in lines if " UNSET" not in line)
    return {"models": list(models.values()), "imports": imports}


def _resource(collection: EndpointCollection, originals: dict[str, tuple[str, dict[str, Any]]], spec: Spec) -> Resource:
    tag = str(collection.tag)
    methods: dict[str, Method] = {}
    for endpoint in collection.endpoints:
        path, operation = originals[str(endpoint.name)]
        method = _method(endpoint, tag, path, operation["operationId"], _descriptions(endpoint, spec, path, operation))
        if method.name in methods:
            msg = (
                f"{method.operation_id}: the tag {tag!r} would get two methods {method.name!r}, the other from "
                f"{methods[method.name].operation_id}; rename one of the operations."
            )
            raise SpecError(msg)
        methods[method.name] = method
    imports = {line for method in methods.values() for line in method.imports}
    if any(hasattr(builtins, name) for name in methods):
        # A method called `list` hides the built-in from the annotations of its class.
        imports.add("import builtins")
        methods = {name: _with_qualified_builtins(method, methods) for name, method in methods.items()}
    class_name = "".join(word.capitalize() for word in tag.split("_")) + "Resource"
    return Resource(tag=tag, class_name=class_name, methods=tuple(methods.values()), imports=tuple(sorted(imports)))


def _with_qualified_builtins(method: Method, names: Iterable[str]) -> Method:
    hidden = "|".join(sorted(name for name in names if hasattr(builtins, name)))

    def qualify(code: str) -> str:
        return re.sub(rf"(?<![\w.])({hidden})\[", r"builtins.\1[", code)

    values = {
        **vars(method),
        "returns": qualify(method.returns),
        "parameters": tuple(qualify(parameter) for parameter in method.parameters),
    }
    return Method(**values)


def _method(endpoint: Endpoint, tag: str, path: str, operation_id: str, descriptions: dict[str, str]) -> Method:
    returns, parse, success, imports = _result(endpoint, operation_id)
    parameters, arguments = _signature(endpoint, operation_id)
    used = " ".join((returns, parse, *parameters))
    return Method(
        name=_method_name(operation_id, tag),
        module=str(endpoint.name),
        constant=str(endpoint.name).upper(),
        operation_id=operation_id,
        http_method=endpoint.method.upper(),
        path=path,
        path_parameters=tuple(str(parameter.python_name) for parameter in endpoint.path_parameters),
        places=_places(endpoint),
        parameters=parameters,
        arguments=arguments,
        keywords=f"{operation_id[0].upper()}{operation_id[1:]}Parameters",
        keyword_fields=tuple(map(_field, _by_keyword(endpoint))),
        returns=returns,
        parse=parse,
        success=success,
        docstring=_docstring(endpoint, descriptions),
        imports=frozenset(
            line.replace("from ...", "from ..")
            for line in endpoint.relative_imports | imports
            # The error envelope, for one, is imported by the raw call and not by the method.
            if any(re.search(rf"\b{name}\b", used) for name in line.partition(" import ")[2].split(", "))
        ),
    )


def _method_name(operation_id: str, tag: str) -> str:
    nouns = {tag, tag.removesuffix("s"), re.sub("ies$", "y", tag)}
    words = [word for word in _snake(operation_id).split("_") if word not in nouns]
    name = "_".join(words)
    if not name.isidentifier() or keyword.iskeyword(name):
        msg = (
            f"{operation_id}: without the noun of its tag {tag!r} the name is {name!r}, which is no name of a method; "
            "use a verb and the noun, as in updateCustomer."
        )
        raise SpecError(msg)
    return name


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _signature(endpoint: Endpoint, operation_id: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parameters as declared and the names as passed on: path and body by position, the rest by keyword."""
    if len(endpoint.bodies) > 1:
        msg = f"{operation_id}: more than one kind of request body is not supported; describe one."
        raise SpecError(msg)
    body = [part.prop for part in endpoint.bodies]
    by_keyword = _by_keyword(endpoint)
    declared = [_declared(parameter) for parameter in endpoint.path_parameters]
    declared += [_declared(part, name="body") for part in body]
    if by_keyword:
        declared += ["*", *(_declared(parameter) for parameter in by_keyword)]
    names = [str(parameter.python_name) for parameter in endpoint.path_parameters]
    names += ["body"] * len(body)
    names += [str(parameter.python_name) for parameter in by_keyword]
    return tuple(declared), tuple(names)


def _by_keyword(endpoint: Endpoint) -> list[Property]:
    return [*endpoint.query_parameters, *endpoint.header_parameters, *endpoint.cookie_parameters]


def _places(endpoint: Endpoint) -> dict[str, tuple[str, str]]:
    """Where the parameters of the query and of the headers go, by their names in Python, and what they are there."""
    by_place = {"query": endpoint.query_parameters, "header": endpoint.header_parameters}
    return {
        str(parameter.python_name): (place, parameter.name.get_untrusted_value())
        for place, parameters in by_place.items()
        for parameter in parameters
    }


def _field(parameter: Property) -> str:
    """A parameter as a key of a TypedDict."""
    name, _, kind = _declared(parameter).partition(" = ")[0].partition(": ")
    return f"{name}: Required[{kind}]" if parameter.required else f"{name}: {kind}"


def _declared(parameter: Property, name: str | None = None) -> str:
    code: str = parameter.to_string().as_unembedded_code()
    return code if name is None else name + code[len(str(parameter.python_name)) :]


def _result(endpoint: Endpoint, operation_id: str) -> tuple[str, str, tuple[int, ...], set[str]]:
    """The type that the method returns, the code that makes it, the statuses of success, and imports."""
    successes = [response for response in endpoint.responses if _is_success(response.status_code)]
    types = {response.prop.get_type_string().as_unembedded_code() for response in successes}
    model = successes[0].prop if len(types) == 1 else None
    if not isinstance(model, ModelProperty):
        msg = (
            f"{operation_id}: an operation needs one schema, of an object, for all its answers of success, and has "
            f"{len(types)}: {', '.join(sorted(types)) or 'none'}."
        )
        raise SpecError(msg)
    statuses = tuple(sorted(int(response.status_code.pattern) for response in successes))
    code = f"{model.class_info.name}.from_dict(data)"
    inner = (model.data.model_extra or {}).get("x-unwrap")
    if inner is None:
        return str(model.class_info.name), code, statuses, set()
    wrapped = next((prop for prop in model.required_properties or [] if prop.name == inner), None)
    if wrapped is None:
        msg = f"{model.class_info.name}: x-unwrap names {inner!r}, which is not a required property of it."
        raise SpecError(msg)
    imports = wrapped.get_imports(prefix="...") | wrapped.get_lazy_imports(prefix="...")
    return wrapped.get_type_string().as_unembedded_code(), f"{code}.{wrapped.python_name}", statuses, imports


def _is_success(status: HTTPStatusPattern) -> bool:
    return status.range is not None and status.range[0] == status.range[1] and status.range[0] // 100 == 2  # noqa: PLR2004 - the class of success


def _docstring(endpoint: Endpoint, descriptions: dict[str, str]) -> str:
    paragraphs = [f"{safe_for_docstring(endpoint.summary)}."]
    if endpoint.description:
        paragraphs.append(textwrap.fill(safe_for_docstring(endpoint.description), WIDTH))
    documented = [
        textwrap.fill(f"{name}: {safe_for_docstring(text)}", WIDTH, initial_indent=" " * 4, subsequent_indent=" " * 8)
        for name, text in descriptions.items()
    ]
    if documented:
        paragraphs.append("\n".join(["Args:", *documented]))
    return '"""' + "\n\n".join(paragraphs) + '\n"""'


def _descriptions(endpoint: Endpoint, spec: Spec, path: str, operation: dict[str, Any]) -> dict[str, str]:
    """Each argument's description by its name in Python; the generator keeps none for parameters."""
    shared = spec.document["paths"][path].get("parameters", [])
    written = [spec.resolve(parameter) for parameter in [*shared, *operation.get("parameters", [])]]
    told = {parameter["name"]: parameter.get("description", "") for parameter in written}
    named = {
        str(prop.python_name): told.get(prop.name.get_untrusted_value(), "")
        for _, prop in endpoint.iter_all_parameters()
    }
    if endpoint.bodies:
        named["body"] = spec.resolve(operation["requestBody"]).get("description", "")
    return {name: text for name, text in named.items() if text}

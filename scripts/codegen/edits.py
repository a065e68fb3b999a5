"""What this project changes in the generator's own templates, as the smallest edits that do it.

An edit names a passage of an upstream template that must stand there exactly so often, and what to put in its
place. A copied template would have to be merged by hand with each release of the generator; an edit either still
fits or fails loudly, naming the passage that has drifted.
"""

from __future__ import annotations

from collections.abc import Callable

from jinja2 import BaseLoader, Environment

from . import drift
from .drift import Edit
from .spec import SpecError

EDITS = (
    Edit(
        template="model.py.jinja",
        reason="Properties marked x-sensitive must not show their values in a repr.",
        old="{{ property.to_string() | as_unembedded_code }}",
        new="{{ property | declaration(model) }}",
        count=2,
    ),
    Edit(
        template="model.py.jinja",
        reason="Nobody knows what unknown properties hold, so they are treated as sensitive.",
        old="_attrs_field(init=False, factory=dict)",
        new="_attrs_field(init=False, factory=dict, repr=redacted)",
    ),
    Edit(
        template="model.py.jinja",
        reason="The import that the two edits above need.",
        old="from ..types import UNSET, Unset\n",
        new="from ..redaction import redacted\nfrom ..types import UNSET, Unset\n",
    ),
    Edit(
        template="package_init.py.jinja",
        reason="Models and constants must be there without loading the HTTP library; the raw client is in .client.",
        old=(
            "from .client import AuthenticatedClient, Client\n\n"
            '__all__ = (\n    "AuthenticatedClient",\n    "Client",\n)\n'
        ),
        new="",
    ),
    Edit(
        template="endpoint_module.py.jinja",
        reason="The typed client calls none of the raw functions; it need not load the raw client that they take.",
        old=(
            "from http import HTTPStatus\nfrom typing import Any, cast\nfrom urllib.parse import quote\n\n"
            "import httpx\n\nfrom ...client import AuthenticatedClient, Client\n"
        ),
        new=(
            "from __future__ import annotations\n\n"
            "from http import HTTPStatus\nfrom typing import TYPE_CHECKING, Any, cast\n"
            "from urllib.parse import quote\n\nimport httpx\n\n"
            "if TYPE_CHECKING:\n    from ...client import AuthenticatedClient, Client\n\n"
        ),
    ),
    Edit(
        template="types.py.jinja",
        reason=(
            "Upstream compares with `is UNSET`, yet a deep copy or a pickle of a model makes a second Unset, which "
            "then cannot be sent as JSON. Copies are the same object, and the repr reads."
        ),
        old="class Unset:\n    def __bool__(self) -> Literal[False]:\n        return False\n",
        new=(
            "class Unset:\n"
            '    """The type of `UNSET`, the value of a property that is left out; there is one instance."""\n\n'
            "    def __reduce__(self) -> str:\n"
            "        return 'UNSET'\n\n"
            "    def __repr__(self) -> str:\n"
            "        return 'UNSET'\n\n"
            "    def __bool__(self) -> Literal[False]:\n"
            "        return False\n"
        ),
    ),
    Edit(
        template="client.py.jinja",
        reason="The raw client's repr must not show its token, its headers or its cookies.",
        old='_headers: dict[str, str] = field(factory=dict, kw_only=True, alias="headers")',
        new='_headers: dict[str, str] = field(factory=dict, kw_only=True, alias="headers", repr=False)',
    ),
    Edit(
        template="client.py.jinja",
        reason="As above.",
        old='_cookies: dict[str, str] = field(factory=dict, kw_only=True, alias="cookies")',
        new='_cookies: dict[str, str] = field(factory=dict, kw_only=True, alias="cookies", repr=False)',
    ),
    Edit(
        template="client.py.jinja",
        reason="As above.",
        old='"token": namespace(type="str", default="",',
        new='"token": namespace(type="str", default="field(repr=False)",',
    ),
    Edit(
        template="errors.py.jinja",
        reason="A body may repeat personal data: it stays an attribute and is no part of the message.",
        old=(
            "super().__init__(\n"
            '            f"Unexpected status code: {status_code}\\n\\n'
            "Response content:\\n{content.decode(errors='ignore')}\"\n"
            "        )"
        ),
        new='super().__init__(f"Unexpected status code: {status_code}")',
    ),
)


def ensure_fit(source_of: Callable[[str], str]) -> None:
    """Raise SpecError with a paragraph for each edit that no longer fits its template, given the templates' texts."""
    found = [drift.of(edit, source_of(edit.template)) for edit in EDITS]
    told = [paragraph for paragraph in found if paragraph is not None]
    if told:
        remedy = f"{len(told)} of {len(EDITS)} edits no longer fit: mend them in scripts/codegen/edits.py."
        raise SpecError("\n\n".join([*told, remedy]))


class EditedLoader(BaseLoader):
    """Loads upstream's templates and applies the edits to them. Raises as `ensure_fit`."""

    def __init__(self, upstream: BaseLoader, environment: Environment) -> None:
        self._upstream = upstream
        ensure_fit(lambda template: upstream.get_source(environment, template)[0])

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        """Return the edited text of a template."""
        source, filename, uptodate = self._upstream.get_source(environment, template)
        for edit in EDITS:
            if edit.template == template:
                source = source.replace(edit.old, edit.new)
        return source, filename, uptodate

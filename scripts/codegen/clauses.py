"""The table of clauses in `openapi/README.md`, between two marker lines."""

from __future__ import annotations

from .spec import Spec, SpecError

BEGIN = "<!-- clauses: written by `make generate` from x-contract; edit the specification instead -->"
END = "<!-- clauses end -->"


def with_table(readme: str, spec: Spec) -> str:
    """Return the README's text with the table of clauses as the specification has it now.

    Raises:
        SpecError: the marker lines are not there, once each and in order.
    """
    before, begin, rest = readme.partition(BEGIN + "\n")
    _, end, after = rest.partition(END)
    if not begin or not end:
        msg = f"openapi/README.md: the lines {BEGIN!r} and {END!r} must enclose the table of clauses; put them back."
        raise SpecError(msg)
    rows = "".join(
        f"| `{clause['id']}` | {_cell(clause['text'])} | {clause['provenance']} | {_cell(clause['reason'])} |\n"
        for clause in spec.document.get("x-contract", [])
    )
    return f"{before}{begin}\n| Clause | Text | Provenance | Reason |\n| --- | --- | --- | --- |\n{rows}\n{end}{after}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")

"""The page on the sandbox says of faults what the code does."""

from __future__ import annotations

import json
import re

from codegen.spec import ROOT
from trustly_customers.sandbox._faults.requested import MAGIC
from trustly_customers.sandbox._faults.rules import MOST_RULES

from ._calls import Place, requested
from ._expected import EXPECTED

PAGE = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("\n## Make it misbehave\n")[2].partition("\n## ")[0]


def rows(first_heading: str) -> list[list[str]]:
    """The cells of the table that begins with a heading, without that line and the next."""
    lines = [line.strip() for line in SECTION.splitlines()]
    (begin,) = (number for number, line in enumerate(lines) if line.startswith(f"| {first_heading} |"))
    table = lines[begin + 2 : lines.index("", begin)]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table]


def test_the_table_of_faults_is_that_of_the_catalogue_and_of_the_tests(place: Place) -> None:
    said = {}
    for name, _, parameters, applied, error in rows("Fault"):
        raised = re.match(r"`(\w+)`|nothing", error)
        assert raised is not None, error
        said[name.strip("`")] = (parameters, applied, raised[1])
    held = {}
    for each in place.rules._catalogue.described():
        expected = EXPECTED[each["name"]]
        parameters = ", ".join(_parameter(name, values["default"]) for name, values in each["parameters"].items())
        error_name = None if expected.error is None else expected.error.__name__
        held[each["name"]] = (parameters, "yes" if expected.applied else "no", error_name)
    assert said == held


def _parameter(name: str, default: object) -> str:
    if default is None:
        return f"`{name}`"
    return f"`{name}` `{json.dumps(default)}`" if isinstance(default, dict) else f"`{name}` {default}"


def test_the_table_of_magic_ids_names_all_there_are(place: Place) -> None:
    named, numbered = (cells[0] for cells in rows("Customer id"))
    assert named == f"`{MAGIC}` and a name from the table above, such as `fault-answer-lost`"
    bounds = re.search(r"from (\d+) to (\d+), such as `fault-429`", numbered)
    assert numbered.startswith(f"`{MAGIC}` and a number")
    assert bounds is not None
    magic = requested(place).magic
    assert [name for name in EXPECTED if magic(MAGIC + name) is None] == []
    statuses = [status for status in range(1000) if magic(f"{MAGIC}{status}") is not None]
    assert statuses == list(range(int(bounds[1]), int(bounds[2]) + 1))
    assert [each for each in ("", "hush", "0503", "²") if magic(MAGIC + each)] == []
    assert magic("503") is magic("answer-lost") is None


def test_the_members_of_a_rule_are_those_that_it_takes(place: Place) -> None:
    parameters = place.rules._parameters
    said = {name.strip("`"): default.strip("`") for name, default, _ in rows("Member of a rule")}
    held = {name: json.dumps(each.default) for name, each in parameters.items()}
    assert said == {**held, "faults": ""}
    assert f"A namespace has {MOST_RULES:,} rules at most." in SECTION
    assert re.search(r"^1 to (\d+) of them", rows("Member of a rule")[0][2])
    assert rows("Member of a rule")[0][2].split()[2] in parameters["faults"].allowed

"""What cannot be generated from: told with its place and reason, and the generated tree stays as it was."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

import changes
import check_compat
import generate
from codegen.spec import ROOT, SPEC_PATH

ADDRESS, GET = "components/schemas/Address/properties", "paths//customers/{customerId}/get"
ZIP = "        zip:\n          type: string\n"
ADDRESS_OPEN = """    Address:
      type: object
      description: The customer's mailing or billing address.
      additionalProperties: true
"""
READ_CURRENCY = "        currency:\n          type: string\n"  # the update's has another type
GET_TAGS = "      tags: [customers]\n      security:\n        - basicAuth: []\n      responses:\n"
CUSTOMER_ID = "  /customers/{customerId}:\n    parameters:\n      - $ref: '#/components/parameters/CustomerId'\n"


def snapshot(root: Path) -> dict[Path, tuple[bytes, int]]:
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in root.rglob("*") if path.is_file()}


def spoil(root: Path, old: str, new: str) -> int:
    """Replace a passage of the specification where it stands first; return the line that it begins on."""
    text = (root / SPEC_PATH).read_text(encoding="utf-8")
    before, found, after = text.partition(old)
    assert found
    (root / SPEC_PATH).write_text(before + new + after, encoding="utf-8")
    return before.count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "told"),
    [
        pytest.param(
            ZIP, ZIP.replace("type: string", "type: [string"), 2, 22, "not valid YAML", id="a syntax error",
        ),
        pytest.param(
            ZIP, "        zip:\n          $ref: '#/components/schemas/Zip'\n", 1, 11,
            f"{ADDRESS}/zip/$ref: '#/components/schemas/Zip' leads nowhere", id="a reference to nowhere",
        ),
        pytest.param(
            ZIP, "        zip:\n          $ref: '#/components/schemas/Adress'\n", 1, 11,
            "leads nowhere in this file; did you mean '#/components/schemas/Address'?", id="a reference nearly right",
        ),
        pytest.param(
            ZIP, "        zip:\n          $ref: 'other.yaml#/Zip'\n", 1, 11,
            f"{ADDRESS}/zip/$ref: 'other.yaml#/Zip' leads nowhere in this file", id="a reference to another file",
        ),
        pytest.param(
            "operationId: updateCustomer", "operationId: getCustomer", 0, 7,
            "post/operationId: 'getCustomer' is the name of GET /customers/{customerId} already",
            id="an operationId that is taken",
        ),
        pytest.param(
            "      operationId: getCustomer\n", "", -1, 5, f"{GET}: has no operationId", id="no operationId",
        ),
        pytest.param(
            GET_TAGS, GET_TAGS.replace("[customers]", "[]"), -6, 5, f"{GET}: must have one tag", id="no tag",
        ),
        pytest.param(
            "    Address:\n", "    Address:\n      x-sensitive: true\n", 1, 7,
            "components/schemas/Address/x-sensitive: counts at a property alone", id="a component marked as sensitive",
        ),
        pytest.param(
            ZIP, ZIP.replace("string", "array") + "          items: {type: string, x-sensitive: true}\n", 2, 33,
            f"{ADDRESS}/zip/items/x-sensitive: counts at a property alone", id="items marked as sensitive",
        ),
        pytest.param(
            ZIP, ZIP.replace("zip", "class"), 0, 9,
            f"{ADDRESS}/class: 'class' is a keyword of Python", id="a property named as a keyword",
        ),
        pytest.param(
            ZIP, ZIP.replace("zip", "toDict"), 0, 9,
            f"{ADDRESS}/toDict: 'toDict' would be 'to_dict' in Python, which every model has",
            id="a property named as a method of models",
        ),
        pytest.param(
            ZIP, ZIP.replace("zip", "cls"), 0, 9,
            f"{ADDRESS}/cls: 'cls' would be 'cls' in Python, by which the code of the model itself works",
            id="a property named as a variable of models",
        ),
        pytest.param(
            "        vip:\n", "        lock:\n", 0, 9,
            "components/schemas/CustomerUpdate/properties/lock: 'lock' would be 'lock' in Python, which "
            "customers.modify takes for something else", id="a property named as an argument of modify",
        ),
        pytest.param(
            ZIP, ZIP.replace("zip", "$ref"), 0, 9, f"{ADDRESS}/$ref: '$ref' is the name of references",
            id="a property named as a reference",
        ),
        pytest.param(
            ZIP, ZIP.replace("zip", "''"), 0, 9, f"{ADDRESS}/: '' is no name", id="a property without a name",
        ),
        pytest.param(
            ZIP, "        lines:\n          type: array\n          items: {}\n" + ZIP.replace("zip", "linesItem"), 3, 9,
            f"{ADDRESS}/linesItem: 'linesItem' would be 'lines_item' in Python, by which the code of the model",
            id="a property named as the member of an array",
        ),
        pytest.param(
            ZIP, ZIP + "          description: One.\n" + ZIP.replace("zip", "Zip"), 3, 9,
            f"{ADDRESS}/Zip: 'Zip' would be 'zip_' in Python, as is 'zip'; rename one", id="two properties of one name",
        ),
        pytest.param(
            "    Address:\n", "    address:\n      type: object\n    Address:\n", 2, 5,
            "components/schemas/Address: 'Address' would be 'Address' in Python, as is 'address'",
            id="two schemas of one name",
        ),
        pytest.param(
            CUSTOMER_ID, CUSTOMER_ID + "      - {name: customer_id, in: query, schema: {type: string}}\n", 3, 9,
            "'customer_id' would be 'customer_id' in Python, as is the parameter 'customerId'",
            id="two parameters of one name",
        ),
        pytest.param(
            CUSTOMER_ID, CUSTOMER_ID + "      - {name: body, in: query, schema: {type: string}}\n", 3, 9,
            "'body' would be 'body' in Python, as is the request body", id="a parameter named as the body",
        ),
        pytest.param(
            CUSTOMER_ID, CUSTOMER_ID + "      - {name: who, in: cookie, schema: {type: string}}\n", 3, 9,
            "in: cookie is not supported", id="a cookie",
        ),
        pytest.param(
            CUSTOMER_ID,
            CUSTOMER_ID + "      - {name: who, in: query, style: deepObject, schema: {type: object}}\n", 3, 9,
            "'style' is not supported of a parameter", id="a style of a parameter",
        ),
        pytest.param(
            CUSTOMER_ID, CUSTOMER_ID + "      - {name: who, in: query, required: true, schema: {type: string}}\n", 3, 9,
            "'who' cannot be required; customers.modify", id="a parameter that nobody would send",
        ),
        pytest.param(
            ZIP, "        zip:\n          allOf: [{type: string}]\n", 1, 11,
            f"{ADDRESS}/zip/allOf: 'allOf' is not supported in a schema", id="a keyword that is not supported",
        ),
        pytest.param(
            ZIP, ZIP + "          maximun: 3\n", 2, 11,
            f"{ADDRESS}/zip/maximun: 'maximun' is not supported in a schema; did you mean 'maximum'?",
            id="a keyword nearly right",
        ),
        pytest.param(
            ZIP, "        zip:\n          ref: '#/components/schemas/Address'\n", 1, 11,
            f"{ADDRESS}/zip/ref: 'ref' is not supported in a schema; did you mean '$ref'?", id="a reference nearly",
        ),
        pytest.param(
            ZIP, ZIP + ZIP, 2, 9, 'not valid YAML: found duplicate key "zip".', id="a key twice",
        ),
        pytest.param(
            ZIP, "        zip:\n          type: array\n", 0, 9, f"{ADDRESS}/zip: is an array without items",
            id="an array of anything",
        ),
        pytest.param(
            ZIP, "        zip:\n          enum: [a, 1]\n", 1, 11, f"{ADDRESS}/zip/enum: mixes types",
            id="an enumeration of several types",
        ),
        pytest.param(
            ZIP, "        zip:\n          type: [string, 'null']\n          enum: [a, null]\n", 2, 11,
            f"{ADDRESS}/zip/enum: needs a name, as it may be null", id="an enumeration whose class would have no name",
        ),
        pytest.param(
            ZIP, "        zip:\n          enum: [x-y, z, x y]\n", 1, 26,
            f"{ADDRESS}/zip/enum/2: 'x y' would be 'X_Y' in Python, as is 'x-y'; name each value in x-enum-varnames",
            id="two members of one name",
        ),
        pytest.param(
            ZIP, "        zip:\n          enum: [x, '2']\n", 1, 21,
            f"{ADDRESS}/zip/enum/1: '2' would be named by its place; name each value in x-enum-varnames",
            id="a member that has no name",
        ),
        pytest.param(
            ZIP, "        zip:\n          enum: ['']\n", 1, 18, "'' would be named by its place", id="an empty member",
        ),
        pytest.param(
            ZIP, "        zip:\n          enum: ['1', '2']\n          x-enum-varnames: [one]\n", 2, 11,
            f"{ADDRESS}/zip/x-enum-varnames: must be a list of 2 names, one for each value",
            id="a name too few",
        ),
        pytest.param(
            ZIP, "        zip:\n          enum: [1, 2]\n          x-enum-varnames: [one, ONE]\n", 1, 21,
            f"{ADDRESS}/zip/enum/1: 2 would be 'ONE' in Python, as is 1", id="a name twice",
        ),
        pytest.param(
            ZIP, "        zip:\n          enum: ['1', '2']\n          x-enum-varnames: [one, 2nd]\n", 1, 23,
            f"{ADDRESS}/zip/enum/1: '2' would be '2ND' in Python, which is no name",
            id="a name that is none",
        ),
        pytest.param(
            ZIP, ZIP.replace("string", "text"), 1, 11,
            f"{ADDRESS}/zip/type: 'text' is not one of ['array', 'boolean', 'integer'", id="a type that there is not",
        ),
        pytest.param(
            ZIP, ZIP.replace("string", "[string, nul]"), 1, 26, f"{ADDRESS}/zip/type/1: 'nul' is not one of ['array'",
            id="one of several types that there is not",
        ),
        pytest.param(
            READ_CURRENCY, READ_CURRENCY.replace("string", "text"), 1, 11,
            "components/schemas/Customer/properties/currency/type: 'text'", id="in the second of two like places",
        ),
        pytest.param(
            "            application/json:\n", "            text/csv:\n", 0, 13,
            "content/text/csv: is not supported as a content type", id="a content type",
        ),
        pytest.param(
            "        '503':\n", "        '5XX':\n", 0, 9, "responses/5XX: is not supported as a status",
            id="a range of statuses",
        ),
        pytest.param(
            "    x-environment: sandbox\n", "", -2, 5, "servers/0: has no x-environment", id="a server without a name",
        ),
        pytest.param(
            "  version: 1.0.0\n", "", -2, 1, 'info: "version" is a required property', id="no version",
        ),
        pytest.param(
            "  version: 1.0.0\n", "  version: 2027-01-02-beta\n", 0, 3,
            "info/version: '2027-01-02-beta' cannot be compared with another; say three numbers", id="an odd version",
        ),
        pytest.param(
            "        '413':\n", "        413:\n", 0, 9,
            "responses/413: the key is read as int, not as text; put it in quotes", id="a status that is a number",
        ),
        pytest.param(
            ZIP, ZIP + "          examples: [2027-01-02]\n", 2, 22,
            f"{ADDRESS}/zip/examples/0: is read as date, not as text; put it in quotes", id="a date without quotes",
        ),
        pytest.param(
            ZIP, ZIP.replace("string", "number") + "          maximum: .inf\n", 2, 11,
            f"{ADDRESS}/zip/maximum: is no number that JSON has", id="an infinite bound",
        ),
        pytest.param(
            ADDRESS_OPEN, ADDRESS_OPEN.replace("true", "{$ref: '#/components/schemas/Address'}"), 0, 5,
            "components/schemas/Address: holds itself in the end", id="a schema within itself",
        ),
        pytest.param(
            ZIP, "        zone: true\n" + ZIP, 0, 9, f"{ADDRESS}/zone: is true, which is not supported as a schema",
            id="a property of which nothing is said",
        ),
        pytest.param(
            "            '100': internal", "            one hundred: internal", 0, 13,
            "x-known-codes/one hundred: must be a number, and the text", id="an error code that is no number",
        ),
        pytest.param(
            "'100': internal error", "'100': 7", 0, 13,
            "x-known-codes/100: must be a number, and the text", id="an error code whose meaning is no text",
        ),
        pytest.param(
            "one/api/v1\n", "one/api/v1/\n", 0, 5, "servers/0/url: 'https://sandbox.trustly.one/api/v1/' cannot be",
            id="a server with a slash at the end",
        ),
        pytest.param(
            "- url: https://sandbox", "- url: https://{region}", 0, 5, "servers/0/url: 'https://{region}.trustly.one",
            id="a server with a variable",
        ),
        pytest.param(
            "- url: https://sandbox", "- url: http://sandbox", 0, 5, "servers/0/url: 'http://sandbox.trustly.one",
            id="a server that would be sent passwords in clear text",
        ),
        pytest.param(
            "    x-environment: production\n", "    x-environment: sandbox\n", 0, 5,
            "servers/1/x-environment: 'sandbox' is the name of another server already", id="two servers of one name",
        ),
        pytest.param(
            "        required: true\n        content:\n", "        content:\n", -2, 7,
            "post/requestBody: may be left out, which no method offers", id="a body that may be left out",
        ),
        pytest.param(
            "        '200':\n", "        '204':\n          description: Nothing.\n        '200':\n", 0, 9,
            f"{GET}/responses/204: is a success without a body", id="an answer that holds nothing",
        ),
        pytest.param(
            "    text: Credentials and customer data travel over HTTPS only.\n", "", -1, 5,
            "x-contract/0: the clause https-only has no text", id="a clause without a text",
        ),
        pytest.param(
            "x-contract:\n", "x-contract:\n  https-only: {}\nx-others:\n", 0, 1,
            "x-contract: must be a list of clauses, each with id, text, provenance, reason", id="clauses by name",
        ),
    ],
)  # fmt: skip
def test_it_is_told_where_and_why_and_the_tree_is_as_it_was(  # noqa: PLR0913, PLR0917 - the columns of the table
    tree: Path, old: str, new: str, line: int, column: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    line += spoil(tree, old, new)
    before = snapshot(tree)
    assert generate.main(["--root", str(tree)]) == 2
    red = capsys.readouterr().err
    assert f"customers.yaml:{line}:{column}: " in red, red
    assert told in red
    assert snapshot(tree) == before


@pytest.mark.parametrize("command", [changes, check_compat], ids=lambda command: command.__name__)
@pytest.mark.parametrize(
    ("new", "line", "column"),
    [
        pytest.param(ZIP.replace("type: string", "type: [string"), 2, 22, id="not valid YAML"),
        pytest.param("        zip:\n          $ref: '#/components/schemas/Zip'\n", 1, 11, id="not sound"),
    ],
)
def test_every_command_that_reads_the_specification_tells_it(  # noqa: PLR0913, PLR0917 - as above
    tree: Path, command: ModuleType, new: str, line: int, column: int, capsys: pytest.CaptureFixture[str]
) -> None:
    line += spoil(tree, ZIP, new)
    assert command.main(["--root", str(tree), "--base", str(ROOT)]) == 2
    assert f"customers.yaml:{line}:{column}: " in capsys.readouterr().err

"""Edits of the specification as a maintainer makes them, each with the code that a caller writes afterwards.

A caller's code is type-checked strictly together with the package, and then run against the sandbox. Edits that do
not meet share one regeneration; each is judged by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.codegen._documents import PATH, Node, add_create, add_list, add_merchant, schemas


@dataclass(frozen=True)
class Edit:
    """One edit; `code` is the body of a function of `client` and `customer_id`."""

    name: str
    apply: Callable[[Node], object]
    code: str
    imports: str = ""


def examples(document: Node) -> list[Node]:
    """The two examples of a customer, as objects."""
    found = document["components"]["examples"]
    return [found["CustomerUpdate"]["value"], found["CustomerResponse"]["value"]["customer"]]


def add(name: str, schema: Node, components: Node | None = None) -> Callable[[Node], None]:
    """Give customers one more optional property, which an update may remove."""

    def edit(document: Node) -> None:
        schemas(document).update(components or {})
        sent = {**schema, "description": "Something new."}
        if "$ref" in schema:
            sent = {"oneOf": [schema, {"type": "null"}], "description": "Something new."}
        else:
            sent["type"] = [schema["type"], "null"]
        schemas(document)["CustomerUpdate"]["properties"][name] = sent
        schemas(document)["Customer"]["properties"][name] = {**schema, "description": "Something new."}

    return edit


def add_to_address(name: str, schema: Node) -> Callable[[Node], None]:
    """Give addresses one more optional property."""

    def edit(document: Node) -> None:
        schemas(document)["Address"]["properties"][name] = {**schema, "description": "Something new."}

    return edit


def set_and_read(name: str, value: str, other: str) -> str:
    """Code that sets a property in each way that there is, reads it back, and removes it."""
    return f"""
    customer = client.customers.modify(customer_id, {name}={value})
    assert customer.{name} == {value}
    customer.{name} = {other}
    assert client.customers.update(customer_id, customer).{name} == {other}
    update = CustomerUpdate(name="Jo", address=Address(country="US"), phone="1", email="jo@example.com", {name}=None)
    assert client.customers.update(customer_id, update).{name} is UNSET
    assert client.customers.get(customer_id).{name} is UNSET
"""


PET = {
    "type": "object",
    "description": "An animal.",
    "additionalProperties": True,
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "description": "What it is called.", "x-sensitive": True},
        "age": {"type": "integer", "minimum": 0, "description": "In years."},
    },
}
REFERENCE = {"$ref": "#/components/schemas/Pet"}


def change(schema: str, name: str, **keywords: Any) -> Callable[[Node], None]:
    def edit(document: Node) -> None:
        schemas(document)[schema]["properties"][name].update(keywords)

    return edit


def change_both(name: str, **keywords: Any) -> Callable[[Node], None]:
    def edit(document: Node) -> None:
        for schema in ("CustomerUpdate", "Customer"):
            change(schema, name, **keywords)(document)

    return edit


def remove(name: str) -> Callable[[Node], None]:
    def edit(document: Node) -> None:
        for schema in ("CustomerUpdate", "Customer"):
            del schemas(document)[schema]["properties"][name]

    return edit


def require_segment(document: Node) -> None:
    for schema in ("CustomerUpdate", "Customer"):
        schemas(document)[schema]["properties"]["segment"] = {"type": "string", "description": "A segment of ours."}
        schemas(document)[schema]["required"].append("segment")
    for example in examples(document):
        example["segment"] = "retail"


def add_parameter(method: str, **parameter: Any) -> Callable[[Node], None]:
    def edit(document: Node) -> None:
        document["paths"][PATH][method].setdefault("parameters", []).append({"description": "New.", **parameter})

    return edit


PROPERTIES = (
    Edit("an optional string", add("nickname", {"type": "string"}), set_and_read("nickname", '"Jo"', '"Joe"')),
    Edit(
        "a sensitive string",
        add("passport", {"type": "string", "x-sensitive": True}),
        set_and_read("passport", '"P123456"', '"P654321"')
        + """
    shown = repr(client.customers.modify(customer_id, passport="P777"))
    assert "passport=***" in shown and "P777" not in shown
""",
    ),
    Edit(
        "a number with bounds",
        add("score", {"type": "number", "minimum": 0, "maximum": 1}),
        set_and_read("score", "0.25", "0.75")
        + """
    try:
        client.customers.modify(customer_id, score=1.5)
    except InvalidRequestError as error:
        assert "score" in str(error) and "1.5" not in str(error)
    else:
        raise AssertionError("a score beyond its bounds was sent")
""",
    ),
    Edit(
        "an enumeration",
        add("tier", {"$ref": "#/components/schemas/Tier"},
            {"Tier": {"type": "string", "enum": ["gold", "silver"], "description": "A rank."}}),
        set_and_read("tier", "Tier.GOLD", "Tier.SILVER")
        + """
    customer.tier = "gold"  # type: ignore[assignment] # as modify takes it, too
    assert client.customers.update(customer_id, customer).tier is Tier.GOLD
    customer.tier = None  # type: ignore[assignment] # likewise
    assert client.customers.update(customer_id, customer).tier is UNSET
    customer.tier = "iron"  # type: ignore[assignment] # refused
    try:
        client.customers.update(customer_id, customer)
    except InvalidRequestError as error:
        assert str(error) == "tier does not fit enum ['gold', 'silver']; nothing was sent"
    else:
        raise AssertionError("a tier that is none was sent")
""",
        "from trustly_customers import Tier",
    ),
    Edit(
        "an enumeration of digits, which are given names",
        add("vipTier", {"$ref": "#/components/schemas/VipTier"},
            {"VipTier": {"type": "string", "enum": ["1", "2"], "x-enum-varnames": ["first", "second"],
                         "description": "A rank."}}),
        set_and_read("vip_tier", "VipTier.FIRST", "VipTier.SECOND")
        + """
    assert VipTier.FIRST.value == "1"
""",
        "from trustly_customers import VipTier",
    ),
    Edit(
        "a date",
        add("verifiedOn", {"type": "string", "format": "date"}),
        set_and_read("verified_on", "datetime.date(2027, 1, 2)", "datetime.date(2027, 1, 3)"),
        "import datetime",
    ),
    Edit(
        "a date-time",
        add("seenAt", {"type": "string", "format": "date-time"}),
        set_and_read(
            "seen_at",
            "datetime.datetime(2027, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)",
            "datetime.datetime(2027, 1, 2, 3, 4, 6, tzinfo=datetime.timezone.utc)",
        )
        + """
    try:
        client.customers.modify(customer_id, seen_at=datetime.datetime(2027, 1, 2))
    except InvalidRequestError:
        pass
    else:
        raise AssertionError("a time of no zone was sent")
""",
        "import datetime",
    ),
    Edit("a boolean", add("blocked", {"type": "boolean"}), set_and_read("blocked", "True", "False")),
    Edit(
        "a nested object, which null removes",
        add("pet", REFERENCE, {"Pet": PET}),
        set_and_read("pet", 'Pet(name="Rex", age=3)', 'Pet(name="Tom")')
        + """
    assert "Rex" not in repr(Pet(name="Rex"))
""",
        "from trustly_customers import Pet",
    ),
    Edit(
        "an array of objects",
        add("pets", {"type": "array", "items": REFERENCE}, {"Pet": PET}),
        set_and_read("pets", '[Pet(name="Rex"), Pet(name="Tom", age=1)]', "[]"),
        "from trustly_customers import Pet",
    ),
    Edit("an array of strings", add("labels", {"type": "array", "items": {"type": "string"}, "maxItems": 3}),
         set_and_read("labels", '["a", "b"]', '["c"]')),
    Edit("an array of strings of a pattern",
         add("tags", {"type": "array", "items": {"type": "string", "pattern": "^[a-z]+$"}, "minItems": 1}),
         set_and_read("tags", '["a", "b"]', '["c"]')),
    Edit("a whole number with bounds", add("grade", {"type": "integer", "minimum": 1, "maximum": 100}),
         set_and_read("grade", "1", "100")),
    Edit("a sensitive number with bounds",
         add("age", {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 150, "x-sensitive": True}),
         set_and_read("age", "1", "149")),
    Edit("an enumeration of numbers",
         add("level", {"$ref": "#/components/schemas/Level"},
             {"Level": {"type": "integer", "enum": [1, 2, 3], "description": "A rank."}}),
         set_and_read("level", "Level.VALUE_1", "Level.VALUE_3"), "from trustly_customers import Level"),
    Edit(
        "a number with bounds in a nested object",
        add_to_address("floors", {"type": "integer", "minimum": 1, "maximum": 200}),
        """
    address = Address(country="US", floors=200)
    assert client.customers.modify(customer_id, address=address).address.floors == 200
    try:
        client.customers.modify(customer_id, address=Address(country="US", floors=201))
    except InvalidRequestError:
        pass
    else:
        raise AssertionError("more floors than allowed were sent")
""",
    ),
)  # fmt: skip

RULES = (
    Edit(
        "another description",
        change_both("vip", description="The customer's rank among ours."),
        """
    assert "rank among ours" in (Customer.__doc__ or "")
""",
    ),
    Edit(
        "a longer minimal length",
        change_both("externalId", minLength=3),
        """
    try:
        client.customers.modify(customer_id, external_id="ab")
    except InvalidRequestError:
        pass
    else:
        raise AssertionError("too short an id was sent")
    assert client.customers.modify(customer_id, external_id="abc").external_id == "abc"
""",
    ),
    Edit(
        "a pattern",
        change("Address", "zip", pattern="^[0-9]{5}$"),
        """
    address = Address(country="US", zip_="90210")
    assert client.customers.modify(customer_id, address=address).address.zip_ == "90210"
    try:
        client.customers.modify(customer_id, address=Address(country="US", zip_="902"))
    except InvalidRequestError:
        pass
    else:
        raise AssertionError("an address beside its pattern was sent")
""",
    ),
    Edit(
        "a property less",
        remove("organizationNumber"),
        """
    customer = client.customers.get(customer_id)
    assert not hasattr(customer, "organization_number")
    customer["organizationNumber"] = "1"  # as anything that the contract does not name
    assert client.customers.update(customer_id, customer)["organizationNumber"] == "1"
""",
    ),
)

REQUIRED = (
    Edit(
        "a new required property",
        require_segment,
        """
    assert client.customers.get(customer_id).segment == "retail"
    assert client.customers.modify(customer_id, vip="2").segment == "retail"
    update = CustomerUpdate(
        name="Jo", address=Address(country="US"), phone="1", email="jo@example.com", segment="other"
    )
    assert client.customers.update(customer_id, update).segment == "other"
    try:
        CustomerUpdate.from_dict({"name": "Jo"})
    except KeyError:
        pass
    else:
        raise AssertionError("an update without its segment was made")
""",
    ),
)

PARAMETERS = (
    Edit(
        "a query parameter",
        add_parameter("get", name="maxAge", **{"in": "query"}, schema={"type": "integer", "minimum": 0, "maximum": 60}),
        """
    assert client.customers.get(customer_id, max_age=5).customer_id == customer_id
    try:
        client.customers.get(customer_id, max_age=61)
    except InvalidRequestError as error:
        assert str(error) == "max_age does not fit maximum 60; nothing was sent"
    else:
        raise AssertionError("a parameter beyond its bounds was sent")
    try:
        client.with_options(validate=False).customers.get(customer_id, max_age=61)
    except BadRequestError:
        pass
    else:
        raise AssertionError("the sandbox took a parameter beyond its bounds")
""",
    ),
    Edit(
        "a header parameter",
        add_parameter("get", name="X-Request-Tag", **{"in": "header"}, schema={"type": "string", "maxLength": 8}),
        """
    assert client.customers.get(customer_id, x_request_tag="abc").customer_id == customer_id
    try:
        client.customers.get(customer_id, x_request_tag="too long a tag")
    except InvalidRequestError as error:
        assert str(error) == "x_request_tag does not fit maxLength 8; nothing was sent"
    else:
        raise AssertionError("a header that is too long was sent")
    try:
        client.with_options(validate=False).customers.get(customer_id, x_request_tag="too long a tag")
    except BadRequestError:
        pass
    else:
        raise AssertionError("the sandbox took a header that is too long")
""",
    ),
)

UPDATING = (
    Edit(
        "a query parameter of the update",
        add_parameter("post", name="notify", **{"in": "query"}, schema={"type": "boolean"}),
        """
    customer = client.customers.get(customer_id)
    assert client.customers.update(customer_id, customer, notify=True).customer_id == customer_id
    assert client.customers.modify(customer_id, vip="3").vip == "3"
""",
    ),
    Edit(
        "a header parameter of the update",
        add_parameter("post", name="X-Reason", **{"in": "header"}, schema={"type": "string", "minLength": 2}),
        """
    customer = client.customers.get(customer_id)
    assert client.customers.update(customer_id, customer, x_reason="moved").customer_id == customer_id
    try:
        client.customers.update(customer_id, customer, x_reason="m")
    except InvalidRequestError as error:
        assert str(error) == "x_reason does not fit minLength 2; nothing was sent"
    else:
        raise AssertionError("a header that is too short was sent")
    try:
        client.customers.update(customer_id, customer, x_reason="moved\\r\\nX-Other: 1")
    except InvalidRequestError as error:
        assert "x_reason" in str(error) and "moved" not in str(error)
    else:
        raise AssertionError("a header of two lines was sent")
""",
    ),
)

NOT_WRITTEN = """
    except APIStatusError as error:
        assert error.status == 501
        assert "it is not among Customers.handlers" in (error.message or "")
    else:
        raise AssertionError("the sandbox answered what nobody has written")
"""
OPERATIONS = (
    Edit(
        "an operation that lists, with two filters",
        add_list,
        """
    try:
        found: list[Customer] = client.customers.list(external_id="4567890", email="joe.user@mail.com")
        assert found is not None
"""
        + NOT_WRITTEN,
    ),
    Edit(
        "an operation that creates or updates",
        add_create,
        """
    update = CustomerUpdate(name="Jo", address=Address(country="US"), phone="1", email="jo@example.com")
    try:
        created: Customer = client.customers.create_or_update(update)
        assert created is not None
"""
        + NOT_WRITTEN,
    ),
    Edit(
        "an operation of another tag",
        add_merchant,
        """
    send: Any = client.customers._call
    try:
        send(GET_MERCHANT, merchant_id="110005502")
"""
        + NOT_WRITTEN,
        "from typing import Any\nfrom trustly_api.resources.merchants import GET_MERCHANT",
    ),
)

GROUPS = {
    "properties": PROPERTIES,
    "rules": RULES,
    "required": REQUIRED,
    "parameters": PARAMETERS + UPDATING,
    "operations": OPERATIONS,
}

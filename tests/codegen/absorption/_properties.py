"""Edits that give customers a property of another kind."""

from __future__ import annotations

from ._edit import Edit, add, add_provider_set, add_to_address, set_and_read

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
LABELS = {"type": "object", "description": "Labels.", "additionalProperties": {"type": "string"}}
CLOSED = {
    "type": "object",
    "description": "A closed thing.",
    "additionalProperties": False,
    "properties": {"of": {"type": "string", "description": "Whose it is."}},
}
REFERENCE = {"$ref": "#/components/schemas/Pet"}

# Names in another style than the rest, by what they are in Python.
ODD = {"first_name": "first_name", "IBAN": "iban", "self": "self_", "2fa": "field_2fa", "x-y": "x_y", "_x": "field_x"}

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
    Edit("a time of day", add("callAt", {"type": "string", "format": "time", "examples": ["10:00:00Z"]}),
         set_and_read("call_at", '"10:00:00Z"', '"11:00:00Z"')),
    Edit("an object of names that callers choose",
         add("labelled", {"$ref": "#/components/schemas/Labels"}, {"Labels": LABELS}),
         set_and_read("labelled", 'Labels.from_dict({"a": "b"})', "Labels()")
         + """
    try:
        client.customers.modify(customer_id, labelled=Labels.from_dict({"a": 1}))
    except InvalidRequestError:
        pass
    else:
        raise AssertionError("a label that is no text was sent")
""", "from trustly_customers import Labels"),
    Edit("an object that is closed", add("closed", {"$ref": "#/components/schemas/Closed"}, {"Closed": CLOSED}),
         set_and_read("closed", 'Closed(of="us")', "Closed()"), "from trustly_customers import Closed"),
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
    Edit("anything at all", add("remark", {}), set_and_read("remark", "{'a': 1}", "[1]")),
    *(Edit(f"a property called {name}", add(name, {"type": "string"}), set_and_read(python_name, '"a"', '"b"'))
      for name, python_name in ODD.items()),
    Edit("a property that the provider sets", add_provider_set,
         """
    customer = client.customers.get(customer_id)
    assert customer.risk is UNSET
    customer.risk = "low"
    assert client.customers.update(customer_id, customer).risk is UNSET
"""),
)  # fmt: skip

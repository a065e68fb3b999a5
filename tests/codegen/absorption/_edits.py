"""Edits of the specification as a maintainer makes them, each with the code that a caller writes afterwards.

A caller's code is type-checked strictly together with the package, and then run against the sandbox. Edits that do
not meet share one regeneration; each is judged by itself.
"""

from __future__ import annotations

from tests.codegen._documents import add_create, add_list, add_merchant

from ._edit import (
    Edit,
    add_answer,
    add_failure_without_body,
    add_parameter,
    add_server,
    change,
    change_both,
    remove,
    require_segment,
)
from ._properties import PROPERTIES

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
    Edit(
        "another server",
        add_server,
        """
    with Trustly("sandbox", "sandbox", environment="europe") as other:
        assert other.customers is not None
""",
    ),
)

ANSWERS = (
    Edit(
        "an error of another form",
        add_answer("post", "409", "Conflict", {"reason": "It is being closed.", "retry": [1, 2]}),
        """
    customer = client.customers.get(customer_id)
    try:
        client.customers.update("fault-409", customer)
    except APIStatusError as error:
        assert (error.status, error.errors, error.message) == (409, (), None)
        assert json.loads(error.response.content) == {"reason": "It is being closed.", "retry": [1, 2]}
        assert "closed" not in str(error)
    else:
        raise AssertionError("the fault was not met")
""",
    ),
    Edit(
        "an error without a body",
        add_failure_without_body,
        """
    try:
        client.customers.update("fault-429", client.customers.get(customer_id))
    except APIStatusError as error:
        assert error.status == 429
    else:
        raise AssertionError("the fault was not met")
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
    "rules": RULES + ANSWERS,
    "required": REQUIRED,
    "parameters": PARAMETERS + UPDATING,
    "operations": OPERATIONS,
}

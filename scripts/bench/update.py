"""What `update` costs besides the network: a call over a transport that answers at once.

Against hand-written httpx doing the same work, `client.post(url, json=...)` and then `.json()`. Target: at most 0.7 of
it, models and checks included; aim 0.5. Also told: the stock generated call, which the layer stands in for, and a
prepared request handed to the transport, below which nothing over this library goes.

Nothing is waited for, so what is measured is the processor's time.

Again: `python scripts/bench/update.py`, or all of them with `run.py`. Some 5 seconds.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from pathlib import Path

import httpx

from trustly_api.api.customers import update_customer
from trustly_api.client import AuthenticatedClient
from trustly_customers import Customer, CustomerUpdate, Trustly

if not __package__:  # run as a file: find the neighbours as the tests do
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._measure import ANSWER, CREDENTIALS, CUSTOMER, UPDATE, Row, medians, seconds_each

BASE = "https://api.example/api/v1"
BODY = json.dumps(ANSWER).encode()
HEADERS = [(b"Content-Type", b"application/json"), (b"Content-Length", str(len(BODY)).encode())]
TIMES = 400
ROUNDS = 9


class AtOnce(httpx.BaseTransport):
    """Answers every request at once with the specification's example."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        del request
        return httpx.Response(200, headers=HEADERS, stream=httpx.ByteStream(BODY))


def rows() -> list[Row]:
    """Measure, and return what was found."""
    model = CustomerUpdate.from_dict(UPDATE)
    whole = Customer.from_dict(CUSTOMER)
    identifiers = map(str, itertools.count(1_000_000_000))  # another customer each time, as in life
    hand = httpx.Client(transport=AtOnce(), auth=CREDENTIALS)
    stock = AuthenticatedClient(base_url=BASE, token="none", httpx_args={"transport": AtOnce()})  # noqa: S106 - synthetic
    ours = Trustly(*CREDENTIALS, base_url=BASE, transport=AtOnce())
    bare, url, headers = AtOnce(), httpx.URL(f"{BASE}/customers/1"), httpx.Headers({"Host": "api.example"})

    def prepared() -> object:
        stream = httpx.ByteStream(json.dumps(UPDATE).encode())
        answer = bare.handle_request(httpx.Request("POST", url, headers=headers, stream=stream))
        return json.loads(answer.read())

    works = {
        "hand-written httpx": lambda: hand.post(f"{BASE}/customers/{next(identifiers)}", json=UPDATE).json(),
        "Trustly.customers.update": lambda: ours.customers.update(next(identifiers), model),
        "the same with a Customer": lambda: ours.customers.update(next(identifiers), whole),
        "stock generated call": lambda: update_customer.sync(next(identifiers), client=stock, body=model),
        "prepared request to the transport": prepared,
    }
    for work in works.values():
        for _ in range(50):
            work()
    found = medians({name: seconds_each(work, TIMES, time.process_time) for name, work in works.items()}, ROUNDS)
    base = found["hand-written httpx"]
    targets = {"Trustly.customers.update": 0.7}
    return [
        Row(name, f"{each * 1e6:.0f} µs", "hand-written httpx", each / base, at_most=targets.get(name))
        for name, each in found.items()
    ]


if __name__ == "__main__":
    from bench.run import report

    sys.exit(report({"update": rows}))

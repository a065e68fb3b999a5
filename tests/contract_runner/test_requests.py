"""What a run sends: the same for the same seed, and a new field of the spec in every layer without an edit."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.contract._ledger import LAYERS
from tests.contract._spec import Spec

from ._command import SPEC, check_in_process, run
from ._server import serving
from .applications import Recorder
from .test_runs import NEW_FIELD, with_one_more_field

# Each is a run of its own, or two.
pytestmark = pytest.mark.thorough

_CONCURRENCY = "concurrency"
_CLOCK = re.compile(rb'("updatedAt"):\d{13}')


def sent(folder: Path, **settings: str) -> list[dict[str, Any]]:
    """Run the whole check and return its requests, each with the layer that sent it."""
    folder.mkdir()
    ended = check_in_process("Recorder", list(LAYERS), folder, RECORD_TO=str(folder / "requests"), **settings)
    assert ended.result["counts"]["by_layer"].keys() == set(LAYERS.values()), ended.printed
    found = recorded(folder)
    for one in found:
        one["layer"] = LAYERS[Path(one.pop("test").partition("::")[0]).stem]
    return found


def recorded(folder: Path) -> list[dict[str, Any]]:
    """Return the requests as they were written down, but for what the clock makes different."""
    found = [json.loads(line) for line in (folder / "requests").read_text(encoding="utf-8").splitlines()]
    for one in found:
        del one["at"]
        # What is read is sent back, and the server's clock with it.
        one["body"] = _CLOCK.sub(rb"\1:0", base64.b64decode(one["body"])).decode("latin-1")
    return found


def test_the_same_seed_sends_the_same_requests_in_the_same_order_and_another_seed_others(tmp_path: Path) -> None:
    first, again, other = (
        sent(tmp_path / name, CONTRACT_SEED=seed) for name, seed in (("first", "1"), ("again", "1"), ("other", "2"))
    )
    pairs = zip(one_after_the_other(first), one_after_the_other(again), strict=True)
    assert next(((one, two) for one, two in pairs if one != two), None) is None
    # Callers at once send what each of them sends; the order between them is the machine's.
    assert at_once(first) == at_once(again)
    assert one_after_the_other(first) != one_after_the_other(other)


def test_the_same_seed_sends_the_same_requests_over_a_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, again = (sent_over_a_socket(tmp_path / name, monkeypatch) for name in ("first", "again"))
    # Neither the order between callers at once, nor the port.
    assert sorted(first) == sorted(again)


def sent_over_a_socket(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    spec = Spec.load(SPEC)
    folder.mkdir()
    monkeypatch.setenv("RECORD_TO", str(folder / "requests"))
    with serving(Recorder()) as origin:
        settings = {"BASE_URL": origin + spec.base_path, "CUSTOMER_IDS": ",".join(spec.example_ids), "SEED": "1"}
        ended = run(
            settings | {"SCOPE": "all", "TRUSTLY_ACCESS_ID": "sandbox", "TRUSTLY_ACCESS_KEY": "sandbox"}, folder
        )
    assert ended.status == 0, ended.printed + ended.said
    for one in (found := recorded(folder)):
        one["headers"] = [field for field in one["headers"] if field[0] != "host"]
    return [json.dumps(one, sort_keys=True) for one in found]


def one_after_the_other(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in requests if one["layer"] != _CONCURRENCY]


def at_once(requests: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(one, sort_keys=True) for one in requests if one["layer"] == _CONCURRENCY)


def test_a_new_field_of_the_spec_is_in_all_four_layers_without_an_edit(tmp_path: Path) -> None:
    spec = with_one_more_field(tmp_path)
    values: dict[str, list[Any]] = {}
    for one in sent(tmp_path / "run", CONTRACT_SPEC=str(spec), CONTRACT_SEED="1"):
        body = changes_in(one)
        if NEW_FIELD in body:
            values.setdefault(one["layer"], []).append(body[NEW_FIELD])
    assert values.keys() == set(LAYERS.values())
    # What schemathesis makes of it is its own affair.
    for layer in values.keys() - {"conformance"}:
        assert {type(None), str} <= {type(one) for one in values[layer]}, layer
    # The sandbox knows nothing of the field, and takes what it is sent: the first wrong type ends that test.
    assert True in values["tables"], "never sent in another type"


def changes_in(request: dict[str, Any]) -> dict[str, Any]:
    try:
        body = json.loads(request["body"].encode("latin-1"))
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}

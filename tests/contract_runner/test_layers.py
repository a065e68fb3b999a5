"""What each layer of the check finds that the others do not, by servers with one defect."""

from __future__ import annotations

from pathlib import Path

import pytest

from ._command import Ended, check_in_process

# Each is a run of its own.
pytestmark = pytest.mark.thorough

_HELD, _BROKEN = 0, 1


def layers_of(ended: Ended) -> set[str]:
    assert ended.status == _BROKEN, ended.printed
    return {one["layer"] for one in ended.result["failures"]}


@pytest.mark.parametrize(
    ("defect", "claims"),
    [
        ("WritesBackWhatItRead", {"concurrent-updates"}),
        ("WritesInTwoHalves", {"read-your-writes", "concurrent-updates"}),
        ("ForgetsWhoseTurnItIs", {"one-customer"}),
        # Which of its untruths comes to light first is chance.
        ("AnswersFromMemoryWhenBusy", {"concurrent-updates", "read-your-writes", "one-customer"}),
    ],
)
def test_what_goes_wrong_between_callers_only_is_found_by_the_layer_of_concurrency(
    defect: str, claims: set[str], tmp_path: Path
) -> None:
    ended = check_in_process(defect, ["test_tables", "test_concurrency"], tmp_path)
    assert layers_of(ended) == {"concurrency"}
    assert claims & {one["claim"] for one in ended.result["failures"]}


def test_a_connection_that_breaks_off_is_a_broken_claim_with_its_request(tmp_path: Path) -> None:
    ended = check_in_process("BreaksOffAtANul", ["test_tables", "test_model"], tmp_path)
    assert layers_of(ended) == {"tables", "model"}
    assert {one["claim"] for one in ended.result["failures"]} == {"answered"}
    assert ended.result["errors"] == []
    assert all("curl" in one["request"] for one in ended.result["failures"])


@pytest.mark.parametrize(
    ("defect", "tests"),
    [
        ("CannotReadANul", {"test_each_valid_value_is_set_and_read_back_and_no_other_customer_changes"}),
        ("CannotReadTheUnknown", {"test_a_property_that_the_spec_does_not_name_is_accepted_with_any_value"}),
    ],
)
def test_a_customer_that_cannot_be_read_any_more_is_put_back_for_the_next_test(
    defect: str, tests: set[str], tmp_path: Path
) -> None:
    ended = check_in_process(defect, ["test_tables"], tmp_path)
    assert ended.status == _BROKEN
    assert {one["test"].partition("[")[0] for one in ended.result["failures"]} == tests
    assert ended.result["not_restored"] == ""


def test_a_server_that_stops_answering_ends_the_run(tmp_path: Path) -> None:
    ended = check_in_process("StopsAtAnUpdate", ["test_tables"], tmp_path)
    assert [one["claim"] for one in ended.result["failures"]] == ["answered"]
    assert "does not answer" in ended.result["not_restored"]


def test_the_sandbox_itself_holds_in_every_layer(tmp_path: Path) -> None:
    ended = check_in_process("sandbox", ["test_tables", "test_model", "test_concurrency"], tmp_path)
    assert ended.status == _HELD, ended.printed

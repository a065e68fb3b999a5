"""The page, as a real browser shows it: complete, for everybody, on any screen, and harmless whatever a server said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from reporting import page

from . import _runs

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.thorough  # a browser

NARROW, WIDE = 360, 1280
_NOT_RUN = {"status": "not-run", "reason": "nothing answers", "started": "2026-11-25T02:40:39+00:00", "seconds": 0.1}
RUNS: dict[str, dict[str, Any]] = {
    "held": _runs.held(),
    "broken": _runs.broken(),
    "hostile": _runs.hostile(),
    "not run": {**_NOT_RUN, "again": "make contract"},
}

Open = Callable[..., "Page"]


@pytest.fixture
def opened(blank: Page, tmp_path: Path) -> Iterator[Open]:
    """Open a run's page; that it asks nobody for anything and nothing in it goes wrong is seen at the end."""
    asked: list[str] = []
    complaints: list[str] = []
    events: dict[Any, Callable[[Any], None]] = {
        "request": lambda request: asked.append(request.url),
        "console": lambda message: complaints.append(message.text),
        "pageerror": lambda error: complaints.append(str(error)),
    }
    file = tmp_path / "index.html"

    def opening(result: dict[str, Any], *, width: int = WIDE, scheme: Any = "light", mutants: bool = True) -> Page:
        page.write(result, file, _runs.mutants(tmp_path) if mutants else tmp_path / "none")
        blank.set_viewport_size({"width": width, "height": 800})
        blank.emulate_media(color_scheme=scheme, media="screen")
        blank.goto(file.as_uri())
        return blank

    for event, heard in events.items():
        blank.on(event, heard)
    yield opening
    for event, heard in events.items():
        blank.remove_listener(event, heard)
    assert (set(asked), complaints) == ({file.as_uri()}, [])


def texts(shown: Page, selector: str) -> list[str]:
    return shown.locator(selector).all_inner_texts()


def rows(shown: Page, section: str) -> list[list[str]]:
    found: list[list[str]] = shown.locator(f"section#{section} tbody tr").evaluate_all(
        "rows => rows.map(row => Array.from(row.cells, cell => cell.innerText))"
    )
    return found


def test_a_broken_contract_is_told_with_the_claim_and_the_smallest_request_before_all_else(opened: Open) -> None:
    shown = opened(_runs.broken())
    assert shown.title() == "The contract is broken: contract check"
    assert "2 claims do not hold; 1 finding" in shown.locator("header").inner_text()
    assert texts(shown, "h2")[:2] == ["Broken", "Findings"]
    first = shown.locator("article").first.inner_text()
    assert "set-fields documented" in first
    assert "The text of set-fields." in first
    assert "vip came back changed (status 200)" in first
    assert "2 tests (tables, model)" in first
    assert texts(shown, "article pre")[0] == "curl -X POST --data-binary '{}'"


def test_a_finding_says_what_to_change_in_the_spec(opened: Open) -> None:
    finding = opened(_runs.broken()).locator("article.finding").inner_text()
    assert "keep-omitted inferred" in finding
    assert "In the spec: in x-contract, say what it does instead." in finding
    assert "vip was left out and changed (no answer)" in finding


def test_each_claim_stands_by_operation_and_outcome_the_worst_first(opened: Open) -> None:
    shown = opened(_runs.broken())
    assert texts(shown, ".claims thead th") == ["Claim", "Provenance", "getCustomer", "updateCustomer"]
    assert [[row[0].split("\n")[0], *row[1:]] for row in rows(shown, "claims")] == [
        ["set-fields", "documented", "✓ 4 held", "✗ 2 broken\n✓ 1,019 held"],
        ["keep-omitted", "inferred", "—", "! 1 finding"],
        ["vip-tier", "documented", "not checked"],
    ]


def test_layers_statuses_and_the_command_to_repeat_the_run_are_there(opened: Open) -> None:
    shown = opened(_runs.held())
    assert rows(shown, "checked") == [
        ["conformance", "2", "0", "0", "322", "2.3"],
        ["tables", "240", "0", "0", "3,700", "3.1"],
    ]
    assert rows(shown, "statuses") == [["200", "2,262", "993"], ["401", "47", "—"]]
    assert texts(shown, "section#again pre") == [_runs.held()["again"]]
    assert shown.locator("article").count() == 0


def test_what_was_left_out_and_what_could_not_tell_is_counted(opened: Open) -> None:
    more: dict[str, Any] = {"errors": ["test_x: OSError", "test_y: OSError"], "left_out": {"it takes a socket": 3}}
    shown = opened({**_runs.broken(), **more})
    assert "OSError in 2 tests, first in test_x" in texts(shown, "section#broken li")
    assert "Left out 3 times: it takes a socket." in texts(shown, "section#checked p")


def test_a_run_that_ended_early_does_not_look_whole(opened: Open) -> None:
    result = _runs.broken()
    result["counts"]["tests"] = 300
    assert "242 of 300, ended early" in texts(opened(result), "dd")


def test_the_mutants_are_listed_when_there_are_some_the_missed_ones_first(opened: Open) -> None:
    shown = opened(_runs.held())
    assert "2 of 3 were caught" in shown.locator("section#mutants").inner_text()
    told = [[row[0].split("\n")[0], *row[1:]] for row in rows(shown, "mutants")]
    assert told[0] == ["accepts-nan", "strict JSON", "✗ missed", "2.0"]
    assert [row[0] for row in told[1:]] == ["trims-strings", "drops-vip"]
    assert opened(_runs.held(), mutants=False).locator("#mutants").count() == 0


def test_mutants_that_were_cut_off_are_left_out(tmp_path: Path) -> None:
    file, cut = tmp_path / "index.html", tmp_path / "mutants.json"
    cut.write_text('{"mutants": [', encoding="utf-8")
    page.write(_runs.held(), file, cut)
    assert "mutants" not in file.read_text(encoding="utf-8")


def test_a_run_that_was_none_says_why(opened: Open) -> None:
    shown = opened(RUNS["not run"])
    assert (texts(shown, "h1"), texts(shown, "header .verdict p")) == (["Not checked"], ["nothing answers"])
    assert shown.locator(".claims").count() == 0


def test_whatever_a_server_says_is_text(opened: Open) -> None:
    shown = opened(_runs.hostile())
    assert shown.title() == "The contract is broken: contract check"
    assert shown.locator("script, img").count() == 0
    assert _runs.HOSTILE in shown.locator("article pre").first.inner_text()


def test_even_markup_that_got_through_would_neither_run_nor_load(blank: Page, tmp_path: Path) -> None:
    page.write(_runs.held(), tmp_path / "index.html", tmp_path / "none")
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    pierced = tmp_path / "pierced.html"
    pierced.write_text(text.replace("<main>", f'<main>{_runs.HOSTILE}<img src="http://127.0.0.1:9/x">'), "utf-8")
    refused: list[str] = []
    blank.on("requestfailed", lambda request: refused.append(str(request.failure)))
    blank.goto(pierced.as_uri())
    assert blank.locator("script, img").count() > 1
    assert blank.title() == "The contract is held: contract check"
    assert set(refused) == {"csp"}


@pytest.mark.parametrize(("width", "scheme"), [(NARROW, "dark"), (WIDE, "light")])
@pytest.mark.parametrize("run", RUNS)
def test_everybody_can_read_it_on_any_screen(run: str, width: int, scheme: str, opened: Open) -> None:
    axe: Any = import_module("axe_playwright_python.sync_playwright").Axe()
    shown = opened(RUNS[run], width=width, scheme=scheme)
    results = axe.run(shown)
    found = {each["id"]: each["nodes"][0]["html"] for each in results.response["violations"]}
    assert found == {}
    assert {"color-contrast", "landmark-one-main", "page-has-heading-one"} <= {
        each["id"] for each in results.response["passes"]
    }
    assert shown.evaluate("document.documentElement.scrollWidth") <= width


def test_on_paper_it_is_black_on_white_and_whole(opened: Open) -> None:
    shown = opened(_runs.broken(), scheme="dark")
    shown.emulate_media(media="print")
    style = "element => [getComputedStyle(element).backgroundColor, getComputedStyle(element).color]"
    assert shown.locator("body").evaluate(style) == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    assert set(shown.locator(".scroll").evaluate_all("all => all.map(each => getComputedStyle(each).overflow)")) == {
        "visible"
    }
    assert shown.locator("nav").is_hidden()

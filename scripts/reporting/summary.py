"""The terminal's summary of a run: the verdict, what was checked, what did not hold and how to see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.console import Console
from rich.text import Text

from .breaks import BrokenClaim, Result, by_claim, errors_by_kind, tests_of

FINDING = "Finding, inferred and so not asserted in this scope"
_COLUMNS = ("tests", "failed", "skipped", "requests", "seconds")
_VERDICT = {"passed": ("held", "bold green"), "broken": ("BROKEN", "bold red")}


def show(result: Result, reports: Path, console: Console) -> None:
    """Print the summary. No line is wrapped or cut: a request is there to be copied."""

    def say(line: str, style: str = "") -> None:
        console.print(Text(line, style), soft_wrap=True)

    verdict, style = _VERDICT[result["status"]]
    say(f"Contract {verdict}: {result['server']}", style)
    say(f"  scope {result['scope']}, profile {result['profile']}, seed {result['seed']}, {result['seconds']:.1f} s")
    counts = result["counts"]
    for line in (*_layers(counts["by_layer"]), *_answers(counts["by_operation_and_status"])):
        say(line)
    for title, found in (("Broken", result["failures"]), (FINDING, result["findings"])):
        for claim in by_claim(found):
            say("")
            say(f"{title}: {claim.smallest['claim']} ({claim.smallest['provenance']})", "bold")
            for line in _told(claim):
                say(line)
    for line in _loose_ends(result, reports):
        say(line)


def _layers(layers: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    yield f"  {'layer':<12}" + "".join(f"{name:>9}" for name in _COLUMNS)
    for layer, told in layers.items():
        numbers = (f"{told[name]:.1f}" if name == "seconds" else f"{told[name]:,}" for name in _COLUMNS)
        yield f"  {layer:<12}" + "".join(f"{number:>9}" for number in numbers)


def _answers(counted: Mapping[str, int]) -> Iterator[str]:
    found: dict[str, list[str]] = {}
    for key, count in counted.items():
        operation, _, status = key.rpartition(" ")
        found.setdefault(operation, []).append(f"{count} x {status}")
    for operation, answers in found.items():
        yield f"  {operation}: {', '.join(answers)}"


def _told(claim: BrokenClaim) -> Iterator[str]:
    smallest = claim.smallest
    others = f" and {len(claim.tests) - 1} more tests" if len(claim.tests) > 1 else ""
    yield f"  {smallest['text']}"
    yield f"  what happened: {claim.what_happened}"
    yield f"  found by:      {smallest['test']}{others} ({', '.join(claim.layers)})"
    yield f"  to repeat it:  {smallest['request']}"
    if smallest["change"]:
        yield f"  in the spec:   {smallest['change']}"


def _loose_ends(result: Result, reports: Path) -> Iterator[str]:
    counts = result["counts"]
    yield ""
    if result["not_restored"]:
        yield f"The customers are {result['not_restored']}; put them right by hand"
    for error in errors_by_kind(result["errors"]):
        yield f"Could not be told: {error}"
    for reason, count in result["left_out"].items():
        yield f"  left out {count} times: {reason}"
    yield f"{tests_of(counts)}, {counts['requests']:,} requests"
    yield f"{counts['checks']:,} checks of {len(counts['by_claim'])} claims"
    unchecked = [claim["claim"] for claim in result["claims"] if not claim["outcomes"]]
    if unchecked:
        yield f"Not checked by any test of this run: {', '.join(unchecked)}"
    yield f"The same requests again: {result['again']}"
    yield f"Page: {reports / 'index.html'}"

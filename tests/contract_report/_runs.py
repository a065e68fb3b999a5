"""Runs as `result.json` tells of them, made up: one that held, one that did not, one against a hostile server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HOSTILE = '<script>document.title="run"</script><img src=x onerror="document.title=1">&amp;</code></pre>{{ 7*7 }}'
SETTINGS = {"base_url": "http://127.0.0.1:9000/api/v1", "customer_ids": "17,a%2Fb", "scope": "", "spec": ""}


def found(
    claim: str, message: str, request: str, *, test: str = "test_each_valid_value", **more: Any
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "claim": claim,
        "provenance": "documented",
        "text": f"The text of {claim}.",
        "message": message,
    }
    told |= {"request": request, "status": 200, "test": test, "layer": "tables", "change": ""}
    return told | more


def held() -> dict[str, Any]:
    outcomes = {"getCustomer": {"held": 4}, "updateCustomer": {"held": 1021}}
    claims = [
        {"claim": "set-fields", "provenance": "documented", "text": "An update sets.", "outcomes": outcomes},
        {"claim": "vip-tier", "provenance": "documented", "text": "A tier is a whole number.", "outcomes": {}},
    ]
    layers = {
        "conformance": {"tests": 2, "failed": 0, "skipped": 0, "requests": 322, "seconds": 2.26},
        "tables": {"tests": 240, "failed": 0, "skipped": 0, "requests": 3700, "seconds": 3.14},
    }
    counts = {
        "tests": 242,
        "requests": 4022,
        "checks": 38941,
        "by_operation_and_status": {"getCustomer 200": 2262, "getCustomer 401": 47, "updateCustomer 200": 993},
        "by_claim": {"set-fields": 1025},
        "by_layer": layers,
    }
    return {
        "status": "passed",
        "server": "a sandbox of its own",
        "scope": "all",
        "profile": "fast",
        "seed": 20190419,
        "started": "2026-11-25T02:40:39+00:00",
        "seconds": 12.5,
        "counts": counts,
        "claims": claims,
        "not_restored": "",
        "errors": [],
        "left_out": {},
        "failures": [],
        "findings": [],
        "again": "make contract SCOPE=all PROFILE=fast SEED=20190419",
    }


def broken() -> dict[str, Any]:
    result = held()
    result["status"] = "broken"
    result["failures"] = [
        found("set-fields", "vip (empty) came back changed", 'curl -X POST --data-binary \'{"vip":"", "long":1}\''),
        found(
            "set-fields", "vip came back changed", "curl -X POST --data-binary '{}'", test="test_model", layer="model"
        ),
        found("no-store", "Cache-Control lacks no-store", "curl " + "x" * 400),
    ]
    result["findings"] = [found("keep-omitted", "vip was left out and changed", "curl -i", provenance="inferred")]
    result["findings"][0] |= {"change": "in x-contract, say what it does instead", "status": None}
    result["claims"][0]["outcomes"] = {"getCustomer": {"held": 4}, "updateCustomer": {"broken": 2, "held": 1019}}
    kept = {"updateCustomer": {"finding": 1}}
    result["claims"].append({"claim": "keep-omitted", "provenance": "inferred", "text": "Kept.", "outcomes": kept})
    result["counts"]["by_layer"]["tables"]["failed"] = 2
    return result


def hostile() -> dict[str, Any]:
    """Return a run whose every word is an attack."""

    def attacked(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: attacked(item) for name, item in value.items()}
        if isinstance(value, list):
            return [attacked(item) for item in value]
        return value + HOSTILE if isinstance(value, str) else value

    result = broken()
    kept = {name: result[name] for name in ("status", "started", "counts", "claims")}
    return {**attacked(result), **kept, "errors": [HOSTILE], "not_restored": HOSTILE}


def mutants(folder: Path) -> Path:
    """Write what `make mutants` leaves: two that were caught, one that was missed, and a variant, which is none."""
    caught = {"caught": True, "layer": "tables", "test": "test_x[vip]", "claim": "set-fields", "seconds": 1.5}
    missed = {"caught": False, "layer": "", "test": "", "claim": "", "seconds": 2.0}
    told = [
        {"name": "trims-strings", "group": "encodings", "defect": "Trims strings.", **caught},
        {"name": "accepts-nan", "group": "strict JSON", "defect": "Takes NaN for a number.", **missed},
        {"name": "drops-vip", "group": "merge", "defect": "Drops vip.", **caught},
    ]
    file = folder / "mutants.json"
    kept = {"name": "v-pretty", "variant": "Writes over several lines.", "held": True, "test": "", "seconds": 6.0}
    file.write_text(json.dumps({"mutants": told, "variants": [kept], "seed": 1}), encoding="utf-8")
    return file

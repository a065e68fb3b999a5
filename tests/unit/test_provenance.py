"""Which commit an installed package says that it is of."""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Iterator

import pytest

import trustly_customers
from trustly_customers import Provenance, provenance

BUILT = {"commit": "0123abc", "committed": "2026-01-02T03:04:05+00:00", "modified": False}


@pytest.fixture(autouse=True)
def _asked_anew() -> Iterator[None]:
    provenance.cache_clear()
    yield
    provenance.cache_clear()


def written(monkeypatch: pytest.MonkeyPatch, **found: object) -> None:
    monkeypatch.setattr(pkgutil, "get_data", lambda *_: json.dumps(found).encode())


def test_a_working_tree_is_no_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    # These tests are run over an installed wheel too, which has the file.
    monkeypatch.setattr(trustly_customers._version, "__package__", "trustly_api")
    assert provenance() == Provenance()
    assert str(provenance()) == "a working tree"


def test_a_package_without_its_file_in_an_archive_is_no_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pkgutil, "get_data", lambda *_: None)
    assert provenance().commit is None


def test_a_built_package_names_its_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    written(monkeypatch, **BUILT)
    assert trustly_customers.provenance()._asdict() == BUILT
    assert str(provenance()) == "commit 0123abc of 2026-01-02T03:04:05+00:00"


def test_one_that_was_built_of_a_changed_tree_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    written(monkeypatch, **{**BUILT, "modified": True})
    assert str(provenance()).endswith(", modified")

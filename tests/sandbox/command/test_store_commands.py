"""The commands that work on a store without a server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from .conftest import Run, exported


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "customers.jsonl"


def test_generated_customers_go_into_a_store_beside_the_examples_and_into_a_file_without_them(
    offline: Run, store: str, file: Path
) -> None:
    done = offline("generate", "300", "--seed", "7", "--store", store)
    assert (done.exit_code, done.stderr) == (0, "generated 300 customers\n")
    assert offline("generate", "300", str(file), "--seed", "7").exit_code == 0
    in_file = file.read_text(encoding="utf-8").splitlines()
    assert len(in_file) == 300
    in_store = exported(offline, store)
    assert set(in_store) > set(in_file)
    assert {json.loads(line)["customerId"] for line in set(in_store) - set(in_file)} == {"1002580963", "1001165729"}
    assert offline("generate", "300", "-", "--seed", "7").stdout.splitlines() == in_file


def test_a_file_is_imported_and_exported_in_a_namespace_as_it_was(offline: Run, store: str, file: Path) -> None:
    offline("generate", "300", str(file))
    done = offline("import", str(file), "--store", store, "--namespace", "one")
    assert (done.exit_code, done.stderr) == (0, "imported 300 lines\n")
    again = file.with_suffix(".again")
    done = offline("export", str(again), "--store", store, "--namespace", "one")
    assert (done.exit_code, done.stderr) == (0, "exported 300 customers\n")
    assert sorted(again.read_bytes().splitlines()) == sorted(file.read_bytes().splitlines())
    assert exported(offline, store) == []
    piped = offline("import", "-", "--store", store, text=again.read_bytes())
    assert piped.stderr == "imported 300 lines\n"


def test_lines_are_counted_where_two_have_one_customer(offline: Run, store: str) -> None:
    line = offline("generate", "1", "-").stdout
    assert offline("import", "-", "--store", store, text=line * 2).stderr == "imported 2 lines\n"
    assert exported(offline, store) == line.splitlines()


def test_the_store_may_come_from_the_environment(offline: Run, store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTLY_SANDBOX_STORE", store)
    assert offline("generate", "3").exit_code == 0
    assert len(offline("export", "-").stdout.splitlines()) == 5


def test_lines_that_hold_no_customer_are_left_out_only_when_that_is_asked_for(
    offline: Run, store: str, file: Path
) -> None:
    offline("generate", "3", str(file))
    good = file.read_bytes()
    file.write_bytes(good + b'{"name": "zqsecret"}\n' * 30)
    done = offline("import", str(file), "--store", store)
    assert done.exit_code == 1
    assert done.stderr.startswith("error: line 4: ")
    assert done.stderr.count("\n") == 1
    assert exported(offline, store) == []
    done = offline("import", str(file), "--store", store, "--skip-invalid")
    assert done.exit_code == 0
    said = done.stderr.splitlines()
    assert said[0].startswith("left out line 4: ")
    assert said[20:] == ["and 10 more lines", "imported 3 lines, left out 30"]
    assert len(exported(offline, store)) == 3
    assert "zqsecret" not in done.output


@pytest.mark.parametrize(
    ("arguments", "told", "status"),
    [
        (("import", "{file}"), "name the store", 2),
        (("import", "{file}", "--store", "memory"), "name the store", 2),
        (("import", "{folder}/none", "--store", "{store}"), "cannot be read", 1),
        (("import", "{folder}", "--store", "{store}"), "cannot be read", 1),
        (("import", "{file}", "--store", "{folder}"), "cannot be opened", 1),
        (("import", "{file}", "--store", "{file}"), "is not an SQLite database", 1),
        (("import", "{file}", "--store", "{store}", "--namespace", "a b"), "1 to 64", 1),
        (("export", "-", "--store", "{folder}/none.db"), "there is no store", 1),
        (("export", "{folder}", "--store", "{file}"), "is not a file", 1),
        (("generate", "1", "{folder}/none/x"), "cannot be written", 1),
        (("generate", "1"), "name the store", 2),
        (("generate", "1", "{folder}/new", "--store", "{store}"), "give FILE or --store, not both", 2),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_makes_nothing(
    offline: Run, tmp_path: Path, arguments: tuple[str, ...], told: str, status: int
) -> None:
    names = {"folder": tmp_path, "file": tmp_path / "file", "store": tmp_path / "store"}
    names["file"].write_bytes(b"no customer " * 1000)
    done = offline(*(each.format(**names) for each in arguments))
    assert (done.exit_code, done.stdout) == (status, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert told in done.stderr
    assert set(tmp_path.iterdir()) <= {names["file"], names["store"]}


def test_a_terminal_sees_a_bar_and_a_pipe_does_not(store: str) -> None:
    command = [sys.executable, "-m", "trustly_customers", "sandbox", "generate", "300", "--store", store]
    quiet = subprocess.run(command, capture_output=True, text=True, check=True)
    assert quiet.stderr == "generated 300 customers\n"
    terminal = {**os.environ, "FORCE_COLOR": "1", "TERM": "xterm"}
    shown = subprocess.run(command, capture_output=True, text=True, check=True, env=terminal)
    assert "generating" in shown.stderr
    assert shown.stdout == ""


def test_customers_go_into_postgresql_and_out_of_it(
    offline: Run, conninfo: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    namespace = ("--namespace", uuid.uuid4().hex)
    monkeypatch.setenv("TRUSTLY_SANDBOX_STORE", conninfo)
    assert offline("generate", "300", *namespace).stderr == "generated 300 customers\n"
    assert offline("export", str(file), *namespace).stderr == "exported 302 customers\n"
    assert offline("import", str(file), *namespace).stderr == "imported 302 lines\n"


@pytest.mark.parametrize("arguments", [("export", "-"), ("generate", "1")])
@pytest.mark.parametrize(
    "store", ["host=127.0.0.1 port=1 password=zqsecret", "postgresql://zqsecret:zqsecret@127.0.0.1:1/zqsecret"]
)
def test_a_postgresql_that_is_not_there_is_one_sentence_without_the_password(
    offline: Run, arguments: tuple[str, ...], store: str
) -> None:
    done = offline(*arguments, "--store", store)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("error: PostgreSQL cannot be reached")
    assert "zqsecret" not in done.output


@pytest.mark.parametrize("command", [("export",), ("generate", "3")])
def test_a_store_is_never_overwritten_by_a_file_whichever_is_named(
    offline: Run, store: str, tmp_path: Path, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = str(tmp_path / "other.db")
    for each in (store, other):
        offline("generate", "3", "--store", each)
    before = Path(store).read_bytes()
    monkeypatch.setenv("TRUSTLY_SANDBOX_STORE", store)
    itself = offline(*command, store)
    assert itself.exit_code == 2
    assert itself.stderr == f"error: {store} is the store, and would be overwritten; name another file\n"
    monkeypatch.setenv("TRUSTLY_SANDBOX_STORE", other)
    another = offline(*command, store)
    assert another.exit_code == 1
    assert another.stderr == f"error: {store} is an SQLite database, and would be overwritten; name another file\n"
    assert Path(store).read_bytes() == before


def test_a_store_that_is_still_empty_is_not_overwritten_either(offline: Run, store: str) -> None:
    Path(store).touch()
    assert offline("generate", "3", store, "--store", store).exit_code == 2
    assert Path(store).read_bytes() == b""


def test_a_store_is_not_overwritten_where_none_is_named(offline: Run, store: str) -> None:
    offline("generate", "3", "--store", store)
    before = Path(store).read_bytes()
    assert offline("generate", "3", store).exit_code == 1
    assert Path(store).read_bytes() == before


def test_a_namespace_that_is_not_there_is_not_exported_as_an_empty_one(offline: Run, store: str, file: Path) -> None:
    offline("generate", "3", "--store", store)
    done = offline("export", str(file), "--store", store, "--namespace", "nobody")
    assert done.exit_code == 1
    assert "no namespace nobody" in done.stderr
    assert not file.exists()


@pytest.mark.parametrize(
    "store", ["mysql://me:zqsecret@h/db", "postgresql+psycopg://me:zqsecret@h/db", "redis://zqsecret"]
)
def test_a_store_of_a_kind_that_there_is_not_is_refused_without_its_password(offline: Run, store: str) -> None:
    for command in (("export", "-"), ("import", "-"), ("generate", "3")):
        done = offline(*command, "--store", store, text="")
        assert done.exit_code == 1
        assert "zqsecret" not in done.output + done.stderr


def test_a_conninfo_string_is_never_taken_for_a_file(
    offline: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = offline("generate", "3", "--store", "password=zqsecret host=127.0.0.1 port=1")
    assert done.exit_code == 1
    assert "zqsecret" not in done.output + done.stderr
    assert list(tmp_path.iterdir()) == []

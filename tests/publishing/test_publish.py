"""Publishing, against a real index on loopback: what is refused, what breaks off, and what arrives."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from twine.utils import DEFAULT_REPOSITORY, TEST_REPOSITORY

import publish as command
from codegen.spec import ROOT
from publish import RefusedError, publish
from release.artifacts import BuildError
from release.index import Index, PackageIndexError

from ._project import commit, copied, git, set_version
from .conftest import PASSWORD, USER, Server, answering, relay

pytestmark = [pytest.mark.thorough, pytest.mark.xdist_group("release")]

SOURCE, WHEEL = "trustly_customers-7.0.0.tar.gz", "trustly_customers-7.0.0-py3-none-any.whl"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = copied(tmp_path_factory.mktemp("original"))
    set_version(project, "7.0.0")
    return project


@pytest.fixture
def project(original: Path, tmp_path: Path) -> Path:
    """A clean tree at a version that is on no index."""
    git(tmp_path, "clone", "--quiet", str(original), "project")
    folder = tmp_path / "project"
    git(folder, "config", "user.name", "a")
    git(folder, "config", "user.email", "a@example.com")
    return folder


def settings(index: Server, **others: str) -> dict[str, str]:
    return {"INDEX_URL": index.simple, "TWINE_USERNAME": USER, "TWINE_PASSWORD": PASSWORD, **others}


def green(_root: Path) -> bool:
    return True


def never(_root: Path) -> bool:
    raise AssertionError("the long check was begun, though what came before it had to refuse")


def test_what_is_published_can_be_installed_from_the_index_and_works(
    index: Server, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(settings(index), project, check=green)
    assert index.files() == {SOURCE, WHEEL}
    said = capsys.readouterr().out
    assert f"trustly-customers 7.0.0, commit {git(project, 'rev-parse', 'HEAD')}" in said
    assert git(project, "tag") == "v7.0.0"
    assert PASSWORD not in said


def test_to_publish_the_same_again_uploads_nothing_and_tries_it_out_again(
    index: Server, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(settings(index), project, check=green)
    capsys.readouterr()
    publish(settings(index), project, check=never)
    assert "the index has these very files of 7.0.0 already" in capsys.readouterr().out


def test_a_version_that_is_there_with_other_contents_is_refused(index: Server, project: Path) -> None:
    publish(settings(index), project, check=green)
    before = {path.name: path.read_bytes() for path in index.packages.iterdir()}
    git(project, "tag", "--delete", "v7.0.0")
    (project / "CHANGELOG.md").write_text("other\n", encoding="utf-8")
    commit(project)
    with pytest.raises(RefusedError, match=r"has 7\.0\.0 already, with other contents: raise __version__"):
        publish(settings(index), project, check=never)
    assert {path.name: path.read_bytes() for path in index.packages.iterdir()} == before


def test_a_tag_of_another_commit_is_refused(index: Server, project: Path) -> None:
    git(project, "tag", "v7.0.0")
    (project / "CHANGELOG.md").write_text("other\n", encoding="utf-8")
    commit(project)
    refused(index, project, "the tag v7.0.0 names another commit: raise __version__")


def test_a_tree_that_differs_from_its_commit_is_refused(index: Server, project: Path) -> None:
    (project / "src" / "trustly_customers" / "more.py").touch()
    refused(index, project, "the tree differs from its commit")


def test_a_folder_without_history_is_refused(index: Server, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", str(project / "nowhere"))
    refused(index, project, "no git repository")


def test_a_red_check_is_refused(index: Server, project: Path) -> None:
    refused(index, project, "`make check` is red", check=lambda _: False)


def test_a_tree_that_the_check_changed_is_refused(index: Server, project: Path) -> None:
    def spoils(root: Path) -> bool:
        (root / "left-behind").touch()
        return True

    refused(index, project, "the tree differs from its commit", check=spoils)


@pytest.mark.parametrize("hidden", ["setting", "exclude file", "exclude file of the user"])
def test_a_file_that_git_was_told_not_to_show_and_the_build_would_take_is_refused(
    index: Server, project: Path, tmp_path: Path, hidden: str
) -> None:
    (project / "src" / "trustly_customers" / "notes.bak").write_text("not of this commit", encoding="utf-8")
    if hidden == "setting":
        git(project, "config", "status.showUntrackedFiles", "no")
    elif hidden == "exclude file":
        (project / ".git" / "info" / "exclude").write_text("*.bak\n", encoding="utf-8")
    else:
        (tmp_path / "ignore").write_text("*.bak\n", encoding="utf-8")
        git(project, "config", "core.excludesFile", str(tmp_path / "ignore"))
    assert git(project, "status", "--porcelain") == ""
    refused(index, project, "the tree differs from its commit: .*src/trustly_customers/notes.bak")


def test_what_the_repository_itself_ignores_is_no_difference(index: Server, project: Path) -> None:
    (project / ".gitignore").write_text("__pycache__/\n", encoding="utf-8")
    commit(project)
    (project / "src" / "trustly_customers" / "__pycache__").mkdir()
    (project / "src" / "trustly_customers" / "__pycache__" / "a.pyc").touch()
    (project / "notes.txt").touch()
    (project / ".git" / "info" / "exclude").write_text("notes.txt\n", encoding="utf-8")  # which no build takes
    publish(settings(index), project, check=green)


@pytest.mark.parametrize(("name", "value"), [("user.useConfigOnly", "true"), ("tag.gpgSign", "true")])
def test_who_cannot_tag_is_told_so_before_anything_is_uploaded(
    index: Server, project: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    git(project, "config", "--unset", "user.name")
    git(project, "config", "--unset", "user.email")
    git(project, "config", "gpg.program", "false")
    git(project, "config", name, value)
    refused(index, project, "git could not tag the commit")
    assert git(project, "tag") == ""


def test_a_tree_that_states_no_version_is_refused(index: Server, project: Path) -> None:
    file = project / "src" / "trustly_customers" / "_version.py"
    file.write_text('__version__ = "seven"\n', encoding="utf-8")
    with pytest.raises(BuildError, match="'seven', which is no version"):
        publish(settings(index), project, check=never)


def refused(index: Server, project: Path, why: str, *, check: Callable[[Path], bool] = never) -> None:
    with pytest.raises(RefusedError, match=why):
        publish(settings(index), project, check=check)
    assert index.files() == set()


@pytest.mark.parametrize("public", [DEFAULT_REPOSITORY, TEST_REPOSITORY])
@pytest.mark.parametrize("name", ["INDEX_URL", "UPLOAD_URL"])
def test_the_public_index_is_refused(index: Server, project: Path, public: str, name: str) -> None:
    with pytest.raises(PackageIndexError, match="public index"):
        publish(settings(index) | {name: public.replace("/legacy/", "/simple/")}, project, check=never)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "no http URL"),
        ("ftp://127.0.0.1/simple/", "no http URL"),
        ("http://user:word@127.0.0.1/simple/", "holds credentials"),
        ("http://127.0.0.1:1/root", "does not end in simple/"),
        ("http://[::1/simple/", "no http URL"),
        ("http://127.0.0.1:1/simple/", "does not answer"),
    ],
)
def test_a_url_that_leads_to_no_index_is_refused(project: Path, url: str, why: str) -> None:
    with pytest.raises(PackageIndexError, match=why) as raised:
        publish({"INDEX_URL": url, "TWINE_PASSWORD": PASSWORD}, project, check=never)
    assert "word" not in str(raised.value).replace("TWINE_PASSWORD", "")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://user:word@127.0.0.1/", "UPLOAD_URL holds credentials"),
        ("127.0.0.1:8080/legacy/", "UPLOAD_URL is no http URL"),
        ("http://[::1/", "UPLOAD_URL is no http URL"),
    ],
)
def test_a_url_that_nothing_can_be_uploaded_to_is_refused(project: Path, index: Server, url: str, why: str) -> None:
    with pytest.raises(PackageIndexError, match=why) as raised:
        publish(settings(index, UPLOAD_URL=url), project, check=never)
    assert "word" not in str(raised.value).replace("TWINE_PASSWORD", "")


@pytest.mark.parametrize(
    ("url", "upload"),
    [
        ("https://index.example/simple/", "https://index.example/"),
        ("https://index.example/root/dev/+simple", "https://index.example/root/dev/"),
        ("https://index.example/api/pypi/internal/simple/", "https://index.example/api/pypi/internal/"),
    ],
)
def test_where_to_upload_to_follows_from_where_to_install_from(url: str, upload: str) -> None:
    assert Index.at(url, "", "", "").upload_url == upload


def test_a_wrong_password_is_said_to_be_and_publishes_nothing(index: Server, project: Path) -> None:
    with pytest.raises(PackageIndexError, match=r"refuses the credentials \(40[13]\): check TWINE_USERNAME") as raised:
        publish(settings(index, TWINE_PASSWORD="wr0ng"), project, check=green)
    assert "wr0ng" not in str(raised.value)
    assert index.files() == set()
    publish(settings(index), project, check=green)


@pytest.mark.parametrize("after", [2_000, 60_000], ids=["early", "late"])
def test_an_upload_whose_connection_breaks_leaves_no_half_file_and_can_be_run_again(
    index: Server, project: Path, after: int
) -> None:
    with relay(index.url, after, lambda: None) as url, pytest.raises(PackageIndexError, match="run this again"):
        publish(settings(index, UPLOAD_URL=url), project, check=green)
    whole_or_absent(index, project)
    publish(settings(index), project, check=green)
    assert index.files() == {SOURCE, WHEEL}


def test_a_command_that_is_killed_half_way_leaves_no_half_file_and_can_be_run_again(
    index: Server, project: Path
) -> None:
    process: subprocess.Popen[str]

    def kill() -> None:
        process.send_signal(signal.SIGKILL)

    program = "import sys, publish; from pathlib import Path; import os\n"
    program += "publish.publish(os.environ, Path(sys.argv[1]), check=lambda _: True)"
    with relay(index.url, 60_000, kill) as url:
        environment = {**os.environ, **settings(index, UPLOAD_URL=url), "PYTHONPATH": str(ROOT / "scripts")}
        arguments = [sys.executable, "-c", program, str(project)]
        with subprocess.Popen(
            arguments, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as process:
            process.communicate()
    assert process.returncode == -signal.SIGKILL
    whole_or_absent(index, project)
    publish(settings(index), project, check=green)
    assert index.files() == {SOURCE, WHEEL}


def whole_or_absent(index: Server, project: Path) -> None:
    """Nothing that an installer would take is there: the wheel goes last, and no file is there in part."""
    del project
    assert WHEEL not in index.files()
    found = Index.at(index.simple, "", "", "").files("7.0.0")
    assert found.keys() <= {SOURCE}


def test_an_upload_that_is_sent_elsewhere_is_told_and_not_recommended_to_be_repeated(
    index: Server, project: Path
) -> None:
    told = f"redirect to {index.url}: say with UPLOAD_URL"
    with answering(301, {"Location": index.url}) as (url, _), pytest.raises(PackageIndexError, match=told) as raised:
        publish(settings(index, UPLOAD_URL=url), project, check=green)
    assert "run this again" not in str(raised.value)
    assert index.files() == set()


def test_the_password_is_not_sent_to_another_server_that_the_index_names() -> None:
    with answering(200, {}, b"a file") as (other, asked):
        page = f'<a href="{other}{WHEEL}">{WHEEL}</a>'.encode()
        with answering(200, {"Content-Type": "text/html"}, page) as (url, _):
            found = Index.at(f"{url}simple/", "", USER, PASSWORD).files("7.0.0")
    assert found == {WHEEL: hashlib.sha256(b"a file").hexdigest()}
    assert [headers["Authorization"] for headers in asked] == [None]


def test_the_password_is_sent_for_a_file_of_the_index_itself() -> None:
    page = f'<a href="../../{WHEEL}">{WHEEL}</a>'.encode()
    with answering(200, {"Content-Type": "text/html"}, page) as (url, asked):
        Index.at(f"{url}simple/", "", USER, PASSWORD).files("7.0.0")
    assert [bool(headers["Authorization"]) for headers in asked] == [True, True]


def test_a_version_in_another_form_is_the_same_version() -> None:
    short, odd = "trustly_customers-7.0-py3-none-any.whl", "trustly_customers-odd.zip"
    page = f'<a href="/a#sha256=00">{short}</a><a href="/b#sha256=11">{odd}</a>'.encode()
    with answering(200, {"Content-Type": "text/html"}, page) as (url, _):
        assert Index.at(f"{url}simple/", "", "", "").files("7.0.0") == {short: "00"}


def test_what_is_refused_is_one_sentence_of_the_command(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "ROOT", project)
    monkeypatch.setattr(os, "environ", _without(os.environ, "INDEX_URL", "UPLOAD_URL"))
    assert command.main() == 1
    said: Any = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: INDEX_URL is no http URL")
    assert said.err.count("\n") == 1


def _without(environment: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name not in names}

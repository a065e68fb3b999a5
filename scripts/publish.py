"""Publish the release to a company's own index, or refuse to, and show that what arrives there works.

Behind `make publish INDEX_URL=...`. Reads INDEX_URL (what pip takes as --index-url), UPLOAD_URL where it cannot be
told from that, TWINE_USERNAME and TWINE_PASSWORD. Nothing is uploaded before everything that could be wrong was looked
at: the index, the tree, the version, `make check`. The wheel goes last: until it is there, installers find nothing new.
After an upload that broke off, the same command goes on with what is missing. Ends in 0 when the version is on the
index and works, in 1 otherwise.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit

from release.artifacts import BuildError, build, sha256, version
from release.hook import differing
from release.index import PROJECT, Index, PackageIndexError
from release.trial import TrialError, installed, round_trip, run, sandbox

ROOT = Path(__file__).resolve().parent.parent
SHOWN = 5
NO_COMMIT = "this is no git repository with a commit, so nobody could say later what was published"


class RefusedError(Exception):
    """There is nothing that may be published; the text says why, and what to do."""


def main() -> int:
    """Publish, and return the exit status."""
    try:
        publish(os.environ, ROOT, check=make_check)
    except (RefusedError, PackageIndexError, BuildError, TrialError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("error: interrupted; run this again, it goes on from there", file=sys.stderr)
        return 1
    return 0


def publish(environment: Mapping[str, str], root: Path, *, check: Callable[[Path], bool]) -> None:
    """Publish what a clean tree builds, once its check has passed."""
    index = Index.at(
        environment.get("INDEX_URL", "").strip(),
        environment.get("UPLOAD_URL", "").strip(),
        environment.get("TWINE_USERNAME", ""),
        environment.get("TWINE_PASSWORD", ""),
    )
    number = version(root)
    refuse_what_is_not_a_commit(root, number)
    index.files(number)  # so that it is known to answer before the long check
    with tempfile.TemporaryDirectory(prefix="publish-") as name:
        folder = Path(name)
        files = build(root, folder)
        missing = not_there_yet(index, number, files)
        if missing:
            say(f"checking {number} before it is published")
            if not check(root):
                raise RefusedError("`make check` is red, so nothing was uploaded: mend what it names")
            refuse_what_is_not_a_commit(root, number)
            say(f"uploading {', '.join(each.name for each in missing)}")
            index.upload(missing)
        else:
            say(f"the index has these very files of {number} already")
        try_out(index, number, files[-1], folder)
    tag = tagged(root, number)
    say(f"{PROJECT} {number} is on the index, and works from there; now push its tag: git push origin {tag}")


def refuse_what_is_not_a_commit(root: Path, number: str) -> None:
    """Refuse a tree of which nobody could say later what it was."""
    git(root, "rev-parse", "HEAD")
    if found := differing(root):
        named = ", ".join(found[:SHOWN]) + (f" and {len(found) - SHOWN} more" if len(found) > SHOWN else "")
        raise RefusedError(f"the tree differs from its commit: commit, stash or delete {named}")
    tag = git(root, "tag", "--list", f"v{number}")
    if tag and git(root, "rev-list", "-1", tag) != git(root, "rev-parse", "HEAD"):
        raise RefusedError(
            f"the tag {tag} names another commit: raise __version__ in src/trustly_customers/_version.py"
        )
    if not tag:
        # It is the last step, when everything is published: so try first whether there is a name, and a key, to tag by.
        trial = tagged(root, number, prefix="trial-of-v")
        git(root, "tag", "--delete", trial)


def not_there_yet(index: Index, number: str, files: list[Path]) -> list[Path]:
    """Return what is still to be uploaded; refuse a version that the index has with other contents."""
    there = index.files(number)
    foreign = [file.name for file in files if there.get(file.name, sha256(file)) != sha256(file)]
    if foreign or there.keys() - {file.name for file in files}:
        raise RefusedError(
            f"the index has {number} already, with other contents: raise __version__ in "
            "src/trustly_customers/_version.py; if an upload broke off and a part was kept, delete it there"
        )
    return [file for file in files if file.name not in there]


def try_out(index: Index, number: str, wheel: Path, folder: Path) -> None:
    """Install the version from the index, as a user would, and update a customer with it."""
    say("installing it from the index into an empty environment")
    # Credentials go where no list of processes shows them.
    parts = urlsplit(index.url)
    user = f"{quote(index.user, safe='')}:{quote(index.password, safe='')}@" if index.user else ""
    environment = {"UV_INDEX": parts._replace(netloc=user + parts.netloc).geturl()}
    exactly = folder / "exactly.txt"
    exactly.write_text(f"{PROJECT}=={number} --hash=sha256:{sha256(wheel)}\n", encoding="utf-8")
    fresh = ("--refresh-package", PROJECT)
    arguments = (*fresh, "--no-deps", "--require-hashes", "-r", str(exactly))
    installed(folder, *arguments, environment=environment)
    pinned = ("--constraint", str(ROOT / "requirements" / "dev.txt"))
    commands = installed(folder, *pinned, f"{PROJECT}[sandbox]=={number}", environment=environment)
    with sandbox(folder, commands) as base_url:
        round_trip(folder, commands, base_url)
    say(run(folder, str(commands / "trustly-customers"), "--version").strip())


def tagged(root: Path, number: str, prefix: str = "v") -> str:
    """Tag the commit as the release that later changes are compared with."""
    tag = f"{prefix}{number}"
    if not git(root, "tag", "--list", tag):
        git(root, "tag", "--annotate", "--message", f"{PROJECT} {number}", tag, failed="git could not tag the commit")
    return tag


def make_check(root: Path) -> bool:
    """Run all that CI runs."""
    return subprocess.run(["make", "check"], cwd=root, check=False).returncode == 0  # noqa: S607 - the one on the PATH


def git(root: Path, *arguments: str, failed: str = NO_COMMIT) -> str:
    """Ask git; RefusedError, with what git said last, where that fails: by default for want of a history."""
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True)  # noqa: S607 - as above
    except OSError as error:
        raise RefusedError(f"{failed} ({error.strerror})") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip().splitlines() or ["it said nothing"]
        raise RefusedError(f"{failed} ({said[-1]})") from None
    return done.stdout.strip()


def say(text: str) -> None:
    """Tell how far it is."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())

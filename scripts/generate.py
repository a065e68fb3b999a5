"""Writes `generated/` and the generated part of `openapi/README.md`, or says what differs (`--check`).

Both modes render everything in memory first, by the same code; checking touches nothing, and a specification that
cannot be generated from leaves the tree as it was.
"""

from __future__ import annotations

import argparse
import difflib
import itertools
import shutil
import sys
from pathlib import Path, PurePosixPath

from codegen import generator
from codegen.spec import ROOT, SPEC_PATH, SpecError, load

README = PurePosixPath("openapi/README.md")
GENERATED = PurePosixPath("generated")
DIFF_LINES = 12


def expected(root: Path) -> dict[PurePosixPath, bytes]:
    """Return what each generated file must hold, by its path below the root."""
    # Here, so that what the generator no longer has can be told in a sentence.
    from codegen import clauses  # noqa: PLC0415 - as above
    from codegen.render import render  # noqa: PLC0415 - as above

    spec = load(root / SPEC_PATH)
    try:
        readme = (root / README).read_text(encoding="utf-8")
    except OSError as error:
        msg = f"{root / README}: cannot read it ({error.strerror}); it holds the table of clauses."
        raise SpecError(msg) from None
    rendered = {GENERATED / path: content for path, content in render(spec).items()}
    return rendered | {README: clauses.with_table(readme, spec).encode()}


def actual(root: Path) -> dict[PurePosixPath, bytes]:
    """Return what the tree holds now: everything below `generated/`, and the README."""
    paths = [path for path in (root / GENERATED).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    paths.append(root / README)
    # Git may have checked the files out with other line ends; those are no difference.
    return {
        PurePosixPath(path.relative_to(root).as_posix()): path.read_bytes().replace(b"\r\n", b"\n") for path in paths
    }


def differences(wanted: dict[PurePosixPath, bytes], found: dict[PurePosixPath, bytes]) -> list[str]:
    """Say what differs, a paragraph a file: missing, not expected, or changed with the first lines of the change."""
    told = [f"{path}: is missing" for path in sorted(wanted.keys() - found.keys())]
    told += [f"{path}: nothing generates it" for path in sorted(found.keys() - wanted.keys())]
    for path in sorted(wanted.keys() & found.keys()):
        if wanted[path] != found[path]:
            lines = difflib.unified_diff(
                found[path].decode("utf-8", "replace").splitlines(),
                wanted[path].decode().splitlines(),
                "in the tree",
                "generated now",
                lineterm="",
                n=0,
            )
            shown = list(itertools.islice(lines, DIFF_LINES))
            told.append("\n    ".join([f"{path}: differs", *shown]))
    return told


def write(root: Path, wanted: dict[PurePosixPath, bytes], found: dict[PurePosixPath, bytes]) -> int:
    """Make the tree hold what is wanted and nothing else; return how many files were changed."""
    changed = [path for path in wanted if wanted[path] != found.get(path)]
    for path in changed:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(wanted[path])
    stale = found.keys() - wanted.keys()
    for path in stale:
        (root / path).unlink()
    kept = {root / parent for path in wanted for parent in path.parents}
    for folder in sorted((root / GENERATED).rglob("*"), reverse=True):
        if folder.is_dir() and folder not in kept:
            shutil.rmtree(folder)
    return len(changed) + len(stale)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when the tree is as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="say what differs, and touch nothing")
    parser.add_argument("--root", type=Path, default=ROOT, help="the project's folder")
    given = parser.parse_args(arguments)
    try:
        wanted = expected(given.root)
    except SpecError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except (ImportError, AttributeError) as error:
        sentence = generator.moved(error, given.root)
        if sentence is None:
            raise
        print(f"error: {sentence}", file=sys.stderr)
        return 2
    found = actual(given.root)
    if not given.check:
        print(f"{len(wanted)} generated files, {write(given.root, wanted, found)} changed")
        return 0
    told = differences(wanted, found)
    for paragraph in told:
        print(paragraph, file=sys.stderr)
    if told:
        print("error: the generated files are not what the specification gives; run `make generate`", file=sys.stderr)
        return 1
    print(f"{len(wanted)} generated files, all current")
    return 0


if __name__ == "__main__":
    sys.exit(main())

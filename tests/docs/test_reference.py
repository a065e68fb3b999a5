"""What the documentation lists is all there is: the errors, the options, the environment's variables."""

from __future__ import annotations

import ast
import inspect
import re

import pytest

from codegen.spec import ROOT
from trustly_customers import ClientOptions, RequestOptions, TrustlyError, _config, _errors, _public

README = (ROOT / "README.md").read_text(encoding="utf-8")
BRANCH = re.compile(r"^ *([│├└─ ]*)([A-Z]\w+)", re.MULTILINE)
CELL = re.compile(r"`(\w+)`")


def drawn(text: str) -> dict[str, str]:
    """Return the errors of a drawn tree, and what each is drawn under."""
    tree = text[text.index("TrustlyError\n") :].partition("```")[0].partition("\n\n")[0]
    path: list[str] = []
    found = {}
    for line in tree.splitlines():
        match = BRANCH.match(line)
        assert match is not None, line
        path[len(match[1]) // 4 :] = [match[2]]
        found[match[2]] = path[-2] if len(path) > 1 else "Exception"
    return found


@pytest.mark.parametrize("text", [README, inspect.cleandoc(_errors.__doc__ or "")], ids=["README", "_errors"])
def test_the_tree_of_errors_is_drawn_as_it_is(text: str) -> None:
    public = [getattr(_public, name) for name in _public.__all__]
    errors = [each for each in public if isinstance(each, type) and issubclass(each, TrustlyError)]
    assert drawn(text) == {each.__name__: each.__bases__[0].__name__ for each in errors}


def test_every_option_is_in_the_readme_s_table() -> None:
    table = README.partition("| Option | Default | Meaning |\n")[2].partition("\n\n")[0]
    listed = [name for line in table.splitlines() for name in CELL.findall(line.split("|")[1])]
    assert sorted(listed) == sorted([*ClientOptions.__optional_keys__, "transport"])


def test_every_option_says_what_it_means_where_an_editor_looks_for_it() -> None:
    tree = ast.parse(inspect.getsource(_config))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name.endswith("Options")]
    assert {each.name for each in classes} == {RequestOptions.__name__, ClientOptions.__name__}
    for node in classes:
        for option, text in zip(node.body[1::2], node.body[2::2], strict=True):
            assert isinstance(option, ast.AnnAssign), ast.unparse(option)
            assert isinstance(text, ast.Expr), ast.unparse(option)


def test_every_variable_that_is_read_is_in_the_readme() -> None:
    assert set(re.findall(r"TRUSTLY_[A-Z_]+", inspect.getsource(_config))) == set(
        re.findall(r"`(TRUSTLY_\w+)`", README)
    )

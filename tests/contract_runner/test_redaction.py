"""What no report shows, and what it shows all the same, so that it can be repeated."""

from __future__ import annotations

import pytest
from tests.contract._ledger import Ledger
from tests.contract._spec import Spec
from tests.contract._target import target_from

from ._command import SPEC


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("the id me, or me:zqsecretkey", "the id ***, or ***:***"),
        ("xzqsecretkeyx", "x***x"),
        ('curl "$BASE_URL"/customers/17 {"name": "me"}', 'curl "$BASE_URL"/customers/17 {"name": "***"}'),
        ("user_me and 7me", "user_*** and 7me"),
        ("bWU6enFzZWNyZXRrZXk=", "***"),
    ],
)
def test_a_short_credential_is_hidden_as_a_word_and_a_long_one_wherever_it_stands(text: str, shown: str) -> None:
    spec = Spec.load(SPEC)
    target = target_from(
        {
            "CONTRACT_APP": "tests.contract_runner.applications:sandbox",
            "TRUSTLY_ACCESS_ID": "me",
            "TRUSTLY_ACCESS_KEY": "zqsecretkey",
        },
        spec,
    )
    assert Ledger(spec, target).redact(text) == shown

"""Reading and writing JSON: the quick way comes to the same as the careful one."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from trustly_customers.sandbox import _json

TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(':"\\u0{}[]'))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**21), 10**21)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
)
# Texts that are nearly JSON: pieces of it in any order, and digits enough for every limit.
PIECES = st.sampled_from(
    [
        *(b"{", b"}", b"[", b"]", b",", b":", b'"', b'"a":', b'"b":1', b"\\u003a", b"\\ud800", b"\\", b"1", b"0" * 18),
        *(b"9" * 19, b"-", b".", b"e", b"E+", b"999", b"NaN", b"Infinity", b"null", b"true", b" ", b"\n", b"\x0c"),
        *(b"\0", b"\x7f", b"\xff", b"\xc3\xa9"),
    ]
)
NEARLY_JSON = st.lists(PIECES, max_size=12).map(b"".join)

# A busy machine draws the examples slowly; that says nothing of what is tested.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def outcome(read: Any, body: bytes) -> Any:
    """What comes of it, with the type of each number; or that it was refused."""
    try:
        return repr(read(body))
    except _json.NotStrictJSONError:
        return "refused"


@UNHURRIED
@given(NEARLY_JSON | VALUES.map(lambda value: json.dumps(value, ensure_ascii=False).encode(errors="replace")))
@example(b'{"a": 1, "a": 1}')
@example(b'{"a": {"b:": 1, "b:": ":"}}')
@example(b'{"a": 1, "a": "\\u003a"}')
@example(b"[1e999]")
@example(b"[-0, -0.0, 1e-999, 123456789012345678, 9223372036854775808, 18446744073709551616]")
@example(b"1" * 18)
@example(b"0.1000000000000000055511151231257827")
@example(b"[" * 128 + b"]" * 128)
@example(b"[" * 129 + b"]" * 129)
@example(b"\xef\xbb\xbf{}")
@example(b'"\xed\xa0\x80"')
def test_a_body_is_read_quickly_as_it_is_with_care(body: bytes) -> None:
    assert outcome(_json.read, body) == outcome(_json._read_with_care, body)


@UNHURRIED
@given(VALUES)
def test_what_was_written_is_read_back_exactly(value: Any) -> None:
    assert repr(_json.read_own(_json.write(value))) == repr(value)


@UNHURRIED
@given(VALUES)
def test_without_orjson_all_comes_to_the_same(value: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        written = _json.write(value)
        patch.setattr(_json, "orjson", None)
        assert repr(_json.read_own(written)) == repr(_json.read(_json.write(value))) == repr(value)


@pytest.mark.parametrize("value", ["\ud800", {"\udfff": 1}])
def test_a_lone_surrogate_cannot_be_written(value: Any) -> None:
    with pytest.raises(ValueError, match="surrogates"):
        _json.write(value)


def test_an_infinity_is_never_read() -> None:
    assert not any(math.isinf(_json.read(b"%de308" % digit)) for digit in (0, 1))
    assert outcome(_json.read, b"2e308") == "refused"


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        (b"[" * 128 + b"1" + b"]" * 128, 128),
        # Brackets side by side are no deeper, however many there are.
        (b"[" * 127 + b"[],[]" + b"]" * 127, 128),
        (b"[" * 127 + b"[],[[]]" + b"]" * 127, 129),
        (b"[" * 80 + b"[[]]," + b"[" * 80 + b"]" * 160, 160),
    ],
    ids=["in line", "side by side", "side by side, one more", "after a close"],
)
def test_levels_are_counted_as_they_are_open_at_one_time(text: bytes, depth: int) -> None:
    assert (outcome(_json.read, text) == "refused") == (depth > _json.MAX_DEPTH)

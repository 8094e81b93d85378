"""Strict JSON, by itself; the bad-input tables try it over HTTP."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.gateway import strict

NAMES = st.text('ab:{["\\')
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text('ab:{["\\'), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(JSON)
def test_what_json_can_say_is_read_as_it_was_meant(value: Any) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=2)):
        assert strict.decode(text.encode()) == value


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (b'{"a": 1, "a": 2}', "twice"),
        (b'[{"b": {"a": 1, "\\u0061": 2}}]', "twice"),
        (b'{"a": NaN}', "malformed"),
        (b"1e999", "out of range"),
        (b'"\\ud800"', "truncated"),
        (b"\xff", "malformed"),
        (b'{"a": 1', "truncated"),
        (b'{"a": 1}}', "trailing"),
        (b"[" * 100_000, "20000 objects"),
        (b"[" * 65 + b"]" * 65, "64 levels"),
        (b"{" + b",".join(b'"%d":0' % n for n in range(10_001)) + b"}", "10000 members"),
    ],
)
def test_what_parsers_could_read_differently_is_refused(raw: bytes, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        strict.decode(raw)


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (b'{"a": "x", "b": ["y", "\\ud800z"]}', "/b/1"),
        (b'"\\udfff"', ""),
        (b'{"a": "\\ud83d\\ude00"}', None),
        (b'{"a": ', None),
    ],
)
def test_half_a_surrogate_pair_is_found_where_it_stands(raw: bytes, pointer: str | None) -> None:
    assert strict.lone_surrogate(raw) == pointer


def test_the_limits_themselves_are_allowed() -> None:
    strict.decode(b"[" * 64 + b"]" * 64)
    strict.decode(b"{" + b",".join(b'"%d":0' % n for n in range(10_000)) + b"}")


def test_brackets_and_colons_in_strings_do_not_count() -> None:
    assert strict.decode(b'{"a": "[[[{{{:::\\"\\\\"}') == {"a": '[[[{{{:::"\\'}

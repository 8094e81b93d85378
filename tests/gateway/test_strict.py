"""Strict JSON, by itself; the bad-input tables try it over HTTP."""

import json
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.gateway import bodies, strict
from services.errors import ValidationFailed

NAMES = st.text('ab:{["\\')
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text('ab:{["\\'), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(JSON)
def test_what_json_can_say_is_read_as_it_was_meant(value: Any) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=2)):
        assert strict.decode(text.encode()) == (value, [])


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
        (b"[" * 100_000, "20000 values"),
        (b"[" * 65 + b"]" * 65, "64 levels"),
        (b'{"a":' * 65 + b"0" + b"}" * 65, "64 levels"),
        (b"[" * 4000 + b"]" * 4000, "64 levels"),
        (b"[" * 65 + b"0," * 5000 + b"0" + b"]" * 65, "64 levels"),
        (b"[" + b"0," * 20_000 + b"0]", "20000 values"),
        (b"[" + b"1e300," * 1_001 + b"0]", "1000 numbers"),
        (b"[" + b'"",' * 30_001 + b"0]", "10000 members or 20000 values"),
        (b"{" + b",".join(b'"%d":0' % n for n in range(10_001)) + b"}", "10000 members"),
    ],
)
def test_what_parsers_could_read_differently_is_refused(raw: bytes, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        strict.decode(raw)


@pytest.mark.parametrize(
    ("raw", "pointers"),
    [
        (b'{"a": "x", "b": ["y", "\\ud800z"], "c/d": "\\uDFFF"}', ["/b/1", "/c~1d"]),
        (b'"\\udfff"', [""]),
        (b'{"a": {"\\ud800": 1}}', ["/a"]),
        (b'{"a": "\\ud83d\\ude00"}', []),
        (b'{"a": [1e308, 1e400], "b": -1e309}', ["/a/1", "/b"]),
        (b'{"a": ' + b"9" * 4000 + b"}", ["/a"]),
        (b'{"a": ', []),
    ],
)
def test_what_cannot_be_parsed_is_found_where_it_stands(raw: bytes, pointers: list[str]) -> None:
    assert [where for where, _ in strict.unparsable(raw)] == pointers


@pytest.mark.parametrize(
    ("raw", "pointers"),
    [
        (b'{"a": {"b~": ["x", "y\\u0000"]}, "c": "\\u0000"}', ["/a/b~0/1", "/c"]),
        (b'{"a": {"b\\u0000": "\\u0000"}}', ["/a/b\0"]),
        (b'{"a": "\\\\u0000"}', []),
        (b'{"a": [9223372036854775808, {"b": -9223372036854775809}]}', ["/a/0", "/a/1/b"]),
        (b"[9223372036854775807, -9223372036854775808, 1e300, true]", []),
    ],
    ids=["nul", "nul_in_a_name", "an_escaped_backslash", "beyond_64_bits", "within_64_bits"],
)
def test_what_no_field_may_hold_is_found_where_it_stands(raw: bytes, pointers: list[str]) -> None:
    _, flaws = strict.decode(raw)
    assert [where for where, _ in flaws] == pointers


def test_the_limits_themselves_are_allowed() -> None:
    strict.decode(b"[" * 64 + b"]" * 64)
    strict.decode(b"{" + b",".join(b'"%d":0' % n for n in range(10_000)) + b"}")
    strict.decode(b"[" + b"0," * 19_999 + b"0]")


def test_what_is_too_much_for_a_body_may_be_in_the_entries_of_a_batch() -> None:
    entry = b'{"r":[' + b"0," * 9_999 + b"0]}"
    batch = b'{"all":[' + b",".join([entry] * 10) + b"]}"
    assert strict.decode(batch, 200_000)[1] == []
    with pytest.raises(ValueError, match="20000 values"):
        strict.decode(batch)
    with pytest.raises(ValueError, match="50000 values"):
        strict.decode(batch, 50_000)


@pytest.mark.parametrize(
    "entry",
    [b"[" + b"0," * 20_000 + b"0]", b"{" + b",".join(b'"%d":0' % n for n in range(10_001)) + b"}"],
    ids=["values", "members"],
)
def test_an_entry_of_a_batch_has_no_more_than_a_body_may_have(entry: bytes) -> None:
    _, flaws = strict.decode(b'{"all":[0,' + entry + b"]}", 200_000)
    assert flaws == [("/all/1", "has more than 10000 members or 20000 values")]


@pytest.mark.parametrize("double", [1e19, -1e20, 6.022e23, 2.0**63, 1e300, 1.7976931348623157e308])
def test_an_integer_that_is_a_double_is_read_as_one(double: float) -> None:
    digits = format(Decimal(repr(double)), "f").encode()
    (read,), flaws = strict.decode(b"[" + digits + b"]")
    assert (type(read), read, flaws) == (float, double, [])


def test_punctuation_in_strings_does_not_count() -> None:
    text = '[[[{{{:::,,,"\\' * 10_000
    assert strict.decode(json.dumps({"a": text}).encode()) == ({"a": text}, [])


HOSTILE = {
    "nested_lists": b"[" * 100_000,
    "nested_objects": b'{"a":' * 100_000,
    "million_names": b"{" + b",".join(b'"%d":0' % number for number in range(10**6)) + b"}",
    "digits": b'{"a":' + b"9" * 100_000 + b"}",
    "nan": b'{"a":NaN}',
    "overflow": b'{"a":1e999}',
    "quotes": b'"' * 1_000_000,
    "quoted_brackets": b'["' * 500_000,
    "large_numbers": b"[" + b"1.5e300," * 20_000 + b"0]",
    "strings": b"[" + b'"",' * 300_000 + b"0]",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_json_costs_less_than_5_ms(kind: str) -> None:
    raw = HOSTILE[kind][: 1024 * 1024]
    assert min(refused_within(raw) for _ in range(5)) < 0.005


def refused_within(raw: bytes) -> float:
    """How long it takes to refuse a document, in seconds of processor time."""
    began = time.thread_time()
    with pytest.raises(ValidationFailed):
        bodies.decode(raw)
    return time.thread_time() - began

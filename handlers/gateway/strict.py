"""Strict JSON: what two parsers could read differently, or one could choke on, is refused.

RFC 8259 leaves duplicate names, depth and size to the parser; I-JSON (RFC 7493) forbids the first,
and numbers and characters that not every program can hold.
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

import msgspec

from services.schemas import escaped

MAX_DEPTH = 64
MAX_VALUES = 20_000
"""Of a body, or of one entry of a batch that may have more in all; half as many members."""
TOO_DEEP = f"is nested more than {MAX_DEPTH} levels deep"
SMALL = 4 * 1024
"""In so few bytes nothing can be too much but the depth, of which the data tell."""
LEAST, GREATEST = -(2**63), 2**63 - 1
MAX_LARGE = 1_000
"""Of numbers near the end of their range, which take the parser some 10 µs each."""
LARGE = re.compile(rb"[eE]\+?[0-9]{3}")
NUL = b"\\u0000"
HALF_PAIR = re.compile("[\ud800-\udfff]")
NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
NO_MARKS = bytes(byte for byte in range(256) if byte not in b"[]{},:")

Flaw = tuple[str, str]
"""A JSON pointer and what is wrong there."""

parse = msgspec.json.Decoder().decode


def decode(raw: bytes, most: int = MAX_VALUES) -> tuple[Any, list[Flaw]]:
    """JSON as plain data, and what in it no field may hold: NUL, numbers beyond 64 bits.

    With more than `most` values it is refused; with more than `MAX_VALUES` the entries are looked
    at that have so many themselves.
    Raises: ValueError, in words for people, if it is no JSON that can be trusted.
    """
    large = len(raw) > SMALL
    if large:
        check_size(raw, most)
    try:
        data = parse(raw)
    except UnicodeDecodeError:
        raise ValueError("is not valid UTF-8") from None
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
    except msgspec.MsgspecError as error:
        raise ValueError(str(error).partition(" - at")[0]) from None
    names, values, containers, huge = survey(data)
    if containers > MAX_DEPTH and not large:
        check_outline(outline(raw))
    if names != raw.count(b":") and names != outline(raw, most).count(b":"):
        raise ValueError("an object has the same name twice")
    if huge:
        read_as_doubles(data)
    many = large and (2 * names > MAX_VALUES or values > MAX_VALUES)
    found = list(large_entries(data)) if many and most > MAX_VALUES else []
    escaped_nul = b"\\" in raw and NUL in raw  # to find the one is a fifth of the work
    return data, found + list(flaws(data, unfit)) if huge or escaped_nul else found


def check_size(raw: bytes, most: int = MAX_VALUES) -> None:
    """Hold a document against the limits, before it is parsed.

    Raises: ValueError.
    """
    marks = raw.translate(None, NO_MARKS)  # one look at each byte, not one for each sort
    brackets = marks.count(b"[") + marks.count(b"{")
    values = brackets + marks.count(b",")
    if brackets > MAX_DEPTH or values > MAX_LARGE or marks.count(b":") > MAX_VALUES // 2:
        # Below that the limits hold wherever the punctuation stands.
        check_outline(outline(raw, most), most)


def outline(raw: bytes, most: int = MAX_VALUES) -> bytes:
    """A document without its strings; what follows an open quote counts as a string.

    Raises: ValueError if there are more strings than members and values may be.
    """
    if b"\\" in raw:
        raw = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    if raw.count(b'"') > 3 * most:
        raise ValueError(too_many(most))
    return b"".join(raw.split(b'"')[::2])


def too_many(most: int) -> str:
    """What to say of a document or an entry with more values than that."""
    return f"has more than {most // 2} members or {most} values"


def check_outline(text: bytes, most: int = MAX_VALUES) -> None:
    """Hold a document without its strings against the limits.

    Raises: ValueError.
    """
    if text.count(b":") > most // 2:
        raise ValueError(f"has more than {most // 2} members")
    brackets = text.translate(None, NO_BRACKETS)
    if text.count(b",") + len(brackets) // 2 > most:
        raise ValueError(f"has more than {most} values")
    if len(LARGE.findall(text)) > MAX_LARGE:
        raise ValueError(f"has more than {MAX_LARGE} numbers with such exponents")
    depth = 0
    for bracket in brackets:
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_DEPTH:
            raise ValueError(TOO_DEEP)


def survey(data: Any) -> tuple[int, int, int, bool]:
    """How many names the objects have, how many values, objects and lists there are, how many are
    objects or lists, and whether a number is beyond 64 bits.
    """
    names, containers, huge, found = 0, 0, False, [data]
    for value in found:  # which grows meanwhile
        kind = type(value)
        if kind is dict:
            containers += 1
            names += len(value)
            found += value.values()
        elif kind is list:
            containers += 1
            found += value
        elif kind is int and not LEAST <= value <= GREATEST:
            huge = True
    return names, len(found), containers, huge


def large_entries(data: Any) -> Iterator[Flaw]:
    """The entries of a batch that have more in them than a body may have."""
    for name, entries in data.items() if isinstance(data, dict) else ():
        for place, entry in enumerate(entries if isinstance(entries, list) else ()):
            names, values, *_ = survey(entry)
            if 2 * names > MAX_VALUES or values > MAX_VALUES:
                yield f"/{escaped(name)}/{place}", too_many(MAX_VALUES)


def read_as_doubles(data: Any) -> None:
    """Take integers beyond 64 bits as doubles where that loses no digit.

    The database writes 1e20 as an integer, and what was read here may be sent here.
    """
    found = [data]
    for value in found:  # which grows meanwhile
        entries: Iterable[tuple[Any, Any]] = ()
        if isinstance(value, dict):
            entries = value.items()
        elif isinstance(value, list):
            entries = enumerate(value)
        for name, entry in entries:
            found.append(entry)
            if type(entry) is int and not LEAST <= entry <= GREATEST:
                value[name] = as_double(entry)


def as_double(value: int) -> int | float:
    """The double that is written with the same digits, or else the integer itself."""
    try:
        double = float(value)
    except OverflowError:
        return value
    return double if Decimal(repr(double)) == value else value


def unfit(value: Any) -> str | None:
    """Why no field may hold a value or a name."""
    if isinstance(value, str):
        return "must not contain the character NUL" if "\0" in value else None
    if isinstance(value, int) and not LEAST <= value <= GREATEST:
        return "must be a number of at most 64 bits; send more digits as text"
    return None


def half_pair(value: Any) -> str | None:
    """Whether a text has half a surrogate pair, which no UTF-8 can hold."""
    found = isinstance(value, str) and HALF_PAIR.search(value)
    return "contains a character that is not valid Unicode" if found else None


def beyond_doubles(value: Any) -> str | None:
    """Whether a number is larger than any that programs have in common."""
    found = isinstance(value, float) and math.isinf(value)
    return "must be a number between -1.8e308 and 1.8e308" if found else None


def unparsable(raw: bytes, most: int = MAX_VALUES) -> list[Flaw]:
    """The strings with half a surrogate pair and the numbers out of range, if that is why a
    document cannot be parsed.
    """
    try:
        check_size(raw, most)
        data = json.loads(raw, parse_int=float)
        found = list(flaws(data, half_pair))
        return found or list(flaws(data, beyond_doubles))
    except (ValueError, RecursionError):
        return []


def flaws(data: Any, wrong: Callable[[Any], str | None], at: str = "") -> Iterator[Flaw]:
    """Where a document has a value or a name that is wrong.

    A wrong name stands for its value too; with half a pair in it, it has no pointer of its own.
    """
    children: Iterable[tuple[Any, Any]] = ()
    if isinstance(data, dict):
        children = data.items()
    elif isinstance(data, list):
        children = enumerate(data)
    elif (what := wrong(data)) is not None:
        yield at, what
    for name, child in children:
        below = f"{at}/{escaped(name)}"
        if what := wrong(name):
            yield at if HALF_PAIR.search(below) else below, what
        else:
            yield from flaws(child, wrong, below)

"""Strict JSON: what two parsers could read differently, or one could choke on, is refused.

RFC 8259 leaves duplicate names, depth and size to the parser; I-JSON (RFC 7493) forbids the first,
and numbers and characters that not every program can hold.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from services.schemas import escaped

MAX_DEPTH = 64
MAX_MEMBERS = 10_000
MAX_VALUES = 20_000
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


def decode(raw: bytes) -> tuple[Any, list[Flaw]]:
    """JSON as plain data, and what in it no field may hold: NUL, numbers beyond 64 bits.

    Raises: ValueError, in words for people, if it is no JSON that can be trusted.
    """
    large = len(raw) > SMALL
    if large:
        check_size(raw)
    try:
        data = parse(raw)
    except UnicodeDecodeError:
        raise ValueError("is not valid UTF-8") from None
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
    except msgspec.MsgspecError as error:
        raise ValueError(str(error).partition(" - at")[0]) from None
    names, containers, huge = survey(data)
    if containers > MAX_DEPTH and not large:
        check_outline(outline(raw))
    if names != raw.count(b":") and names != outline(raw).count(b":"):
        raise ValueError("an object has the same name twice")
    escaped_nul = b"\\" in raw and NUL in raw  # to find the one is a fifth of the work
    return data, list(flaws(data, unfit)) if huge or escaped_nul else []


def check_size(raw: bytes) -> None:
    """Hold a document against the limits, before it is parsed.

    Raises: ValueError.
    """
    marks = raw.translate(None, NO_MARKS)  # one look at each byte, not one for each sort
    brackets = marks.count(b"[") + marks.count(b"{")
    values = brackets + marks.count(b",")
    if brackets > MAX_DEPTH or values > MAX_LARGE or marks.count(b":") > MAX_MEMBERS:
        check_outline(outline(raw))  # below that the limits hold wherever the punctuation stands


def outline(raw: bytes) -> bytes:
    """A document without its strings; what follows an open quote counts as a string.

    Raises: ValueError if there are more strings than members and values may be.
    """
    if b"\\" in raw:
        raw = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    if raw.count(b'"') > 2 * (MAX_MEMBERS + MAX_VALUES):
        raise ValueError(f"has more than {MAX_MEMBERS} members or {MAX_VALUES} values")
    return b"".join(raw.split(b'"')[::2])


def check_outline(text: bytes) -> None:
    """Hold a document without its strings against the limits.

    Raises: ValueError.
    """
    if text.count(b":") > MAX_MEMBERS:
        raise ValueError(f"has more than {MAX_MEMBERS} members")
    brackets = text.translate(None, NO_BRACKETS)
    if text.count(b",") + len(brackets) // 2 > MAX_VALUES:
        raise ValueError(f"has more than {MAX_VALUES} values")
    if len(LARGE.findall(text)) > MAX_LARGE:
        raise ValueError(f"has more than {MAX_LARGE} numbers with such exponents")
    depth = 0
    for bracket in brackets:
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_DEPTH:
            raise ValueError(TOO_DEEP)


def survey(data: Any) -> tuple[int, int, bool]:
    """How many names the objects have, how many objects and lists there are, and whether a number
    is beyond 64 bits.
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
    return names, containers, huge


def unfit(value: Any) -> str | None:
    """Why no field may hold a value or a name."""
    if isinstance(value, str):
        return "must not contain the character NUL" if "\0" in value else None
    if isinstance(value, int) and not LEAST <= value <= GREATEST:
        return "must be a number of at most 64 bits"
    return None


def half_pair(value: Any) -> str | None:
    """Whether a text has half a surrogate pair, which no UTF-8 can hold."""
    found = isinstance(value, str) and HALF_PAIR.search(value)
    return "contains a character that is not valid Unicode" if found else None


def half_pairs(raw: bytes) -> list[Flaw]:
    """The strings with half a surrogate pair, if that is why a document cannot be parsed."""
    if b"\\ud" not in raw.lower():
        return []
    try:
        check_size(raw)
        return list(flaws(json.loads(raw), half_pair))
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

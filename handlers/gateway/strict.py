"""Strict JSON: what two parsers could read differently, or one could choke on, is refused.

RFC 8259 leaves duplicate names, depth and size to the parser; I-JSON (RFC 7493) forbids the first.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

import msgspec

MAX_DEPTH = 64
MAX_MEMBERS = 10_000
MAX_BRACKETS = 20_000
STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
BRACKET = re.compile(rb"[\[\]{}]")

parse = msgspec.json.Decoder().decode


def decode(raw: bytes) -> Any:
    """JSON as plain data.

    Raises: ValueError, in words for people.
    """
    if not is_small(raw):
        check_size(STRING.sub(b"", raw))
    try:
        data = parse(raw)
    except UnicodeDecodeError:
        raise ValueError("is not valid UTF-8") from None
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)[:200]) from None
    names = members(data)
    if names != raw.count(b":") and names != STRING.sub(b"", raw).count(b":"):
        raise ValueError("an object has the same name twice")
    return data


def is_small(raw: bytes) -> bool:
    """Whether the limits hold even if all punctuation stood outside of strings."""
    brackets = raw.count(b"[") + raw.count(b"{")
    return brackets <= MAX_DEPTH and raw.count(b":") <= MAX_MEMBERS


def check_size(outline: bytes) -> None:
    """Hold a document without its strings against the limits, before it is parsed.

    Raises: ValueError.
    """
    if outline.count(b":") > MAX_MEMBERS:
        raise ValueError(f"has more than {MAX_MEMBERS} members")
    if outline.count(b"[") + outline.count(b"{") > MAX_BRACKETS:
        raise ValueError(f"has more than {MAX_BRACKETS} objects and arrays")
    depth = 0
    for bracket in BRACKET.finditer(outline):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > MAX_DEPTH:
            raise ValueError(f"is nested more than {MAX_DEPTH} levels deep")


def members(data: Any) -> int:
    """How many names the objects have in all."""
    if isinstance(data, dict):
        return len(data) + sum(map(members, data.values()))
    if isinstance(data, list):
        return sum(map(members, data))
    return 0


def lone_surrogate(raw: bytes) -> str | None:
    """The JSON pointer of a string with half a surrogate pair, if that is what is wrong."""
    try:
        check_size(STRING.sub(b"", raw))
        return place_of(json.loads(raw), "")
    except (ValueError, RecursionError):
        return None


def place_of(data: Any, at: str) -> str | None:
    """The pointer of the first string that no UTF-8 can hold."""
    if isinstance(data, str):
        return at if any("\ud800" <= character <= "\udfff" for character in data) else None
    children: Iterable[tuple[Any, Any]] = ()
    if isinstance(data, dict):
        children = data.items()
    elif isinstance(data, list):
        children = enumerate(data)
    places = (place_of(child, f"{at}/{name}") for name, child in children)
    return next((place for place in places if place is not None), None)

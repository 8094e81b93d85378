"""Strict JSON: what two parsers could read differently, or one could choke on, is refused.

RFC 8259 leaves duplicate names, depth and size to the parser; I-JSON (RFC 7493) forbids the first.
"""

import re
from typing import Any

import msgspec

MAX_DEPTH = 64
MAX_MEMBERS = 10_000
MAX_BRACKETS = 20_000
STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
BRACKET = re.compile(rb"[\[\]{}]")


def decode(raw: bytes) -> Any:
    """JSON as plain data.

    Raises: ValueError, in words for people.
    """
    outline = STRING.sub(b"", raw)
    check_size(outline)
    try:
        data = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ValueError(str(error)[:200]) from None
    if members(data) != outline.count(b":"):
        raise ValueError("an object has the same name twice")
    return data


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

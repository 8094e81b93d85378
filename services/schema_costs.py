"""What it costs to hold a value against a customer's schema: known before it is done.

A validator asks every subschema of every value, reads a text once for each pattern and format,
compares arrays and objects with each entry of an `enum` and the items of an array with each other,
and divides numbers as exact fractions. None of that can be broken off, and all others of the
process wait meanwhile. The rates are measured on a slow core, and rounded up.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import jsonschema_rs
import msgspec

from services.schema_steps import steps_of, target
from services.schemas import Json, values_in

STEP_NS = 10
FORMAT_NS = 10
SLOW_FORMATS = {"idn-hostname": 100, "regex": 100}
"""For each byte of a text."""
PATTERN_NS = 30
"""For each byte of a text and KB of a compiled pattern: at worst all of its states are at work."""
ENTRY_NS = 250
"""For each part of an entry of `enum` or `const` that is no plain value."""
UNIQUE_NS = 300
"""For each part of an array whose items are to be unique; and 1 for each of its bytes."""
MULTIPLE_NS = 5_000
"""For each number that is to be a multiple of another."""
FAR = 10
"""So many times, if a number is so large or small that its fraction is long."""
NEAR = (1e-15, 1e15)
MAX_NESTED = 64
"""A value has no more levels: so often may a part be in an array that a circle asks."""
AGAIN = 3
"""So many times is a subschema asked below `unevaluated…`, which asks anew what was evaluated."""

MAX_DEPTH = 100
MAX_PATTERN = 1_000_000
"""Bytes of a compiled pattern, and of what is kept of its states."""
SIZES = (1_000, 4_000, 16_000, 64_000, 256_000, MAX_PATTERN)
MAX_PATTERNS = 16_000_000
MAX_WALK = 30_000

OF_DATA = ("const", "enum", "default", "example", "examples")
OF_NAMES = ("$defs", "definitions", "dependentSchemas", "patternProperties", "properties")
UNSUPPORTED = ("$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef", "$vocabulary")
UNEVALUATED = ("unevaluatedItems", "unevaluatedProperties")
OTHERWISE = (*UNEVALUATED, "propertyNames")
"""Keywords that ask more than each subschema of each part."""

BOUNDED = jsonschema_rs.RegexOptions(size_limit=MAX_PATTERN, dfa_size_limit=MAX_PATTERN)


class Refused(Exception):
    """The schema cannot be used; the message says why."""


class Cost(NamedTuple):
    """Subschemas asked for each value, and ns for each byte of a text, for each array or object,
    and for each number; how many want unique items.

    All are counted as often as references lead to them.
    """

    steps: int = 0
    text: int = 0
    entries: int = 0
    numbers: int = 0
    unique: int = 0

    def of(self, values: int, size: int) -> int:
        """At most so many ns for so many values with so many bytes."""
        each = STEP_NS * self.steps + self.entries + FAR * self.numbers + UNIQUE_NS * self.unique
        return values * each + size * (self.text + self.unique)


def total(costs: Iterable[Cost]) -> Cost:
    """All together."""
    return Cost(*map(sum, zip(*costs, strict=True)))


def own(schema: Json) -> Cost:
    """What one subschema costs, without those in it."""
    text = sum(PATTERN_NS * size_of(pattern) // 1000 for pattern in patterns_of(schema))
    if isinstance(named := schema.get("format"), str):
        text += SLOW_FORMATS.get(named, FORMAT_NS)
    divisor = schema.get("multipleOf")
    numbers = 0 if divisor is None else MULTIPLE_NS * length_of(divisor)
    unique = int(schema.get("uniqueItems") is True)
    return Cost(1, text, ENTRY_NS * parts_of(schema), numbers, unique)


def length_of(number: Any) -> int:
    """1, or FAR for a number that is a long fraction."""
    least, greatest = NEAR
    is_near = isinstance(number, int | float) and (not number or least <= abs(number) <= greatest)
    return 1 if is_near else FAR


def patterns_of(schema: Json) -> Iterator[str]:
    """Its patterns; those of names are asked again for what is `additional`."""
    if isinstance(pattern := schema.get("pattern"), str):
        yield pattern
    if isinstance(named := schema.get("patternProperties"), dict):
        yield from named
        yield from named


def parts_of(schema: Json) -> int:
    """The parts of what arrays and objects are compared with; plain values are looked up."""
    listed = schema.get("enum")
    found = [*(listed if isinstance(listed, list) else ()), schema.get("const")]
    found = [entry for entry in found if isinstance(entry, dict | list)]
    for entry in found:  # which grows meanwhile
        if isinstance(entry, dict):
            found += entry.values()
        elif isinstance(entry, list):
            found += entry
    return len(found)


@lru_cache(maxsize=256)
def size_of(pattern: str) -> int:
    """The bytes that a pattern takes when it is compiled, or somewhat more."""
    for size in SIZES:
        options = jsonschema_rs.RegexOptions(size_limit=size, dfa_size_limit=MAX_PATTERN)
        try:
            jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=options)
            return size
        except (jsonschema_rs.ValidationError, ValueError):
            continue
    return MAX_PATTERN  # it cannot be used: to compile the whole says why


def cost_of(root: Json, value: Any, most_ns: int) -> int | None:
    """The ns that a value costs, counted part by part; None if it is more, or long to count."""
    waiting, spent, walked = [(root, value)], 0, 0
    known: dict[int, Cost] = {}
    while waiting:
        schema, part = waiting.pop()
        if not isinstance(schema, dict):
            continue
        cost = known.get(id(schema)) or known.setdefault(id(schema), own(schema))
        spent, walked = spent + price(cost, part), walked + 1
        if spent > most_ns or walked + len(waiting) > MAX_WALK:
            return None
        waiting += steps_of(root, schema, part)
    return spent


def price(cost: Cost, part: Any) -> int:
    """What one subschema costs with one part of a value, in ns."""
    if isinstance(part, str):
        return STEP_NS + size_in(part) * cost.text
    if isinstance(part, dict):
        names = sum(map(size_in, part)) * cost.text if cost.text else 0
        return STEP_NS + cost.entries + names
    if isinstance(part, list):
        return STEP_NS + cost.entries + (compared(part) * cost.unique if cost.unique else 0)
    return STEP_NS + (cost.numbers * length_of(part) if cost.numbers else 0)


def compared(items: list[Any]) -> int:
    """What it costs to compare items with each other, in ns."""
    size = len(msgspec.json.encode(items))
    return UNIQUE_NS * values_in(items, size) + size


def size_in(text: str) -> int:
    """Its bytes, or somewhat more."""
    return len(text) if text.isascii() else 4 * len(text)


def children(node: Json) -> Iterator[Any]:
    """The subschemas of a schema; names that a customer chose are no keywords."""
    for keyword, value in node.items():
        if keyword in OF_NAMES and isinstance(value, dict):
            yield from value.values()
        elif keyword not in OF_DATA:
            yield value


class Weighing:
    """What a schema costs when each reference is followed; a circle costs no second round.

    It is exact if every subschema is asked once for each part; `patterns` are the bytes of all.
    """

    def __init__(self, root: Json) -> None:
        self._root = root
        self._known: dict[str, Cost] = {}
        self._open: set[str] = set()
        self.circles = False
        self.exact = True
        self.patterns = 0

    def cost(self, node: Any, depth: int = 0) -> Cost:
        """What it costs. Raises: Refused."""
        if depth > MAX_DEPTH:
            raise Refused("is nested too deeply")
        if isinstance(node, list):
            return total([Cost(), *(self.cost(child, depth + 1) for child in node)])
        if not isinstance(node, dict):
            return Cost()
        self._look_at(node)
        inside = [self.cost(child, depth + 1) for child in children(node)]
        if isinstance(reference := node.get("$ref"), str):
            inside.append(self._follow(reference, depth))
        again = AGAIN if any(keyword in node for keyword in UNEVALUATED) else 1
        return total([own(node), *inside * again])

    def _look_at(self, node: Json) -> None:
        """Raises: Refused."""
        if found := sorted(set(UNSUPPORTED) & node.keys()):
            raise Refused(f"must not use {found[0]}")
        self.exact &= not any(keyword in node for keyword in OTHERWISE)
        self.patterns += sum(map(size_of, set(patterns_of(node))))
        if self.patterns > MAX_PATTERNS:
            raise Refused("has too many large patterns")

    def _follow(self, reference: str, depth: int) -> Cost:
        self.circles |= reference in self._open
        if reference not in self._known:
            self._known[reference] = Cost()  # until it is known: a circle
            self._open.add(reference)
            self._known[reference] = self.cost(self._target(reference), depth + 1)
            self._open.discard(reference)
        return self._known[reference]

    def _target(self, reference: str) -> Any:
        """Source: RFC 6901, section 4. Raises: Refused for what is outside or missing."""
        if reference != "#" and not reference.startswith("#/"):
            raise Refused("must refer to nothing outside itself")
        try:
            return target(self._root, reference)
        except (LookupError, TypeError):
            raise Refused("refers to a part of itself that is missing") from None

"""What it costs to hold a value against a customer's schema: known before it is done.

A validator asks every subschema of every value, reads a text once for each pattern and format, and
compares arrays and objects with each entry of an `enum`. None of that can be broken off, and all
others of the process wait meanwhile. The rates are measured on a slow core, and rounded up.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import jsonschema_rs

from services.schema_steps import steps_of, target
from services.schemas import Json

STEP_NS = 10
FORMAT_NS = 10
SLOW_FORMATS = {"idn-hostname": 100, "regex": 100}
"""For each byte of a text."""
PATTERN_NS = 30
"""For each byte of a text and KB of a compiled pattern: at worst all of its states are at work."""
ENTRY_NS = 250
"""For each part of an entry of `enum` or `const` that is no plain value."""
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
    """Subschemas asked for each value, ns for each byte of its texts, ns for each array or object.

    All are counted as often as references lead to them.
    """

    steps: int = 0
    text: int = 0
    entries: int = 0

    def of(self, values: int, size: int) -> int:
        """At most so many ns for so many values with so many bytes."""
        return values * (STEP_NS * self.steps + self.entries) + size * self.text


def total(costs: Iterator[Cost]) -> Cost:
    """All together."""
    steps = text = entries = 0
    for cost in costs:
        steps, text, entries = steps + cost.steps, text + cost.text, entries + cost.entries
    return Cost(steps, text, entries)


def own(schema: Json) -> Cost:
    """What one subschema costs, without those in it."""
    text = sum(PATTERN_NS * size_of(pattern) // 1000 for pattern in patterns_of(schema))
    if isinstance(named := schema.get("format"), str):
        text += SLOW_FORMATS.get(named, FORMAT_NS)
    return Cost(1, text, ENTRY_NS * parts_of(schema))


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
    if isinstance(part, dict) and cost.text:
        return STEP_NS + cost.entries + sum(map(size_in, part)) * cost.text
    return STEP_NS + (cost.entries if isinstance(part, dict | list) else 0)


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
            return total(self.cost(child, depth + 1) for child in node)
        if not isinstance(node, dict):
            return Cost()
        self._look_at(node)
        inside = [self.cost(child, depth + 1) for child in children(node)]
        if isinstance(reference := node.get("$ref"), str):
            inside.append(self._follow(reference, depth))
        again = AGAIN if any(keyword in node for keyword in UNEVALUATED) else 1
        return total(iter([own(node), *inside * again]))

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

"""JSON Schemas that customers write: checked, bounded, compiled.

A schema may be a trap: it can name a file or an address (jsonschema-rs would read it), double its
work with each reference, or hold a pattern that takes for ever. Each of these is refused. What it
says of a value is asked for in bounded time.
"""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import msgspec

from generated.models import FieldError
from services.errors import ValidationFailed, invalid
from services.schema_steps import are_few, target
from services.schemas import Json, escaped, field_error, field_errors, values_in

MAX_BYTES = 64 * 1024
MAX_DEPTH = 100
MAX_WEIGHT = 10_000
"""Subschemas, each counted as often as references lead to it."""

MAX_STEPS = 20_000_000
"""Subschemas times values; the validator takes up to 10 ns for each."""
MAX_TOLD = 5_000
"""So many steps at most are taken to say what is wrong, some 30 µs each."""
MAX_COPIED = 16 * 1024 * 1024
"""Bytes; each finding holds a copy of what is wrong."""
TOO_LARGE = "is too large for its schema"
NOT_TOLD = "does not match its schema, and it would take too long to find out where"

DIALECT = "https://json-schema.org/draft/2020-12/schema"
OF_DATA = ("const", "enum", "default", "example", "examples")
OF_NAMES = ("$defs", "definitions", "dependentSchemas", "patternProperties", "properties")
UNSUPPORTED = ("$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef", "$vocabulary")


class Refused(Exception):
    """The schema cannot be used; the message says why."""


class Checker:
    """Holds values against a customer's schema."""

    def __init__(self, schema: Json) -> None:
        """Compile it (draft 2020-12); its patterns take linear time.

        Raises: Refused, ValidationError of jsonschema_rs, ValueError.
        """
        self._schema = schema
        self._weight, self._is_plain = check(schema)
        options = jsonschema_rs.RegexOptions(size_limit=1_000_000, dfa_size_limit=1_000_000)
        self._validator = jsonschema_rs.Draft202012Validator(
            schema, pattern_options=options, retriever=refuse, validate_formats=True
        )

    def errors(self, value: Any, at: str) -> list[FieldError]:
        """What is wrong with a value, by pointers that begin at `at`, as far as it can be told."""
        most = MAX_STEPS // self._weight
        if values_in(value, most) > most:
            return [field_error(at, TOO_LARGE)]
        try:
            if self._validator.is_valid(value):
                return []
        except UnicodeEncodeError:
            return field_errors(self._validator, value, at)
        copies = MAX_COPIED // len(msgspec.json.encode(value))
        if not are_few(self._schema, value, min(MAX_TOLD, copies)):
            if not self._is_plain:
                return [field_error(at, NOT_TOLD)]
            return field_errors(self._validator, value, at, many=0)
        return field_errors(self._validator, value, at)


def compiled(schema: Json, at: str) -> Checker:
    """What holds values against a customer's schema.

    Raises: ValidationFailed at the pointer `at` if the schema is invalid or too costly.
    """
    try:
        return Checker(schema)
    except Refused as error:
        raise invalid(at, str(error)) from None
    except jsonschema_rs.ValidationError as error:
        raise not_valid(error, at) from None
    except (ValueError, RecursionError) as error:
        raise invalid(at, "is no JSON Schema of draft 2020-12") from error


def not_valid(error: jsonschema_rs.ValidationError, at: str) -> ValidationFailed:
    """Where a schema is none."""
    where = "".join(f"/{escaped(part)}" for part in error.instance_path)
    return invalid(f"{at}{where}"[:200], "is not valid in JSON Schema, draft 2020-12")


def refuse(uri: str) -> Any:
    """Takes the place of what would read files and call addresses."""
    raise ValueError(f"{uri} is outside the schema")


def check(schema: Json) -> tuple[int, bool]:
    """What a schema weighs, and whether it is plain: then the first fault is found in one walk.

    In a circle the walk could take each turn twice, and a choice tells the faults of all branches.
    Raises: Refused.
    """
    text = msgspec.json.encode(schema)
    if len(text) > MAX_BYTES:
        raise Refused(f"must have at most {MAX_BYTES // 1024} KiB")
    if schema.get("$schema", DIALECT) not in (DIALECT, f"{DIALECT}#"):
        raise Refused("must be of draft 2020-12")
    weighing = Weighing(schema)
    weight = weighing.weight(schema, 0)
    if weight > MAX_WEIGHT:
        raise Refused("is too large when its references are followed")
    return weight, not (weighing.circles or b'"anyOf"' in text or b'"oneOf"' in text)


def children(node: Json) -> Iterator[Any]:
    """The subschemas of a schema; names that a customer chose are no keywords."""
    for keyword, value in node.items():
        if keyword in OF_NAMES and isinstance(value, dict):
            yield from value.values()
        elif keyword not in OF_DATA:
            yield value


class Weighing:
    """What a schema costs when each reference is followed; a circle costs no second round."""

    def __init__(self, root: Json) -> None:
        self._root = root
        self._known: dict[str, int] = {}
        self._open: set[str] = set()
        self.circles = False

    def weight(self, node: Any, depth: int) -> int:
        """How many subschemas there are. Raises: Refused."""
        if depth > MAX_DEPTH:
            raise Refused("is nested too deeply")
        if isinstance(node, list):
            return sum(self.weight(child, depth + 1) for child in node)
        if not isinstance(node, dict):
            return 0
        if found := sorted(set(UNSUPPORTED) & node.keys()):
            raise Refused(f"must not use {found[0]}")
        reference = node.get("$ref")
        followed = self._follow(reference, depth) if isinstance(reference, str) else 0
        return 1 + followed + sum(self.weight(child, depth + 1) for child in children(node))

    def _follow(self, reference: str, depth: int) -> int:
        self.circles |= reference in self._open
        if reference not in self._known:
            self._known[reference] = 0  # until it is known: a circle
            self._open.add(reference)
            self._known[reference] = self.weight(self._target(reference), depth + 1)
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

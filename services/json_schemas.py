"""JSON Schemas that customers write: checked, bounded, compiled.

A schema may be a trap: it can name a file or an address (jsonschema-rs would read it), double its
work with each reference, or hold a pattern that takes for ever. Each of these is refused. What it
says of a value is asked for in bounded time.
"""

import asyncio
from time import monotonic
from typing import Any

import jsonschema_rs
import msgspec

from generated.models import FieldError
from services.errors import ValidationFailed, invalid, invalid_fields
from services.schema_costs import BOUNDED, MAX_NESTED, Cost, Refused, Weighing, cost_of
from services.schema_steps import are_few
from services.schemas import Json, escaped, field_error, field_errors, values_in

MAX_BYTES = 64 * 1024
MAX_WEIGHT = 10_000
"""Subschemas, each counted as often as references lead to it."""

MAX_NS = 200_000_000
"""So long may it take to hold a value against a schema, as everybody waits meanwhile."""
MAX_REQUEST_NS = 1_000_000_000
BREATH_S = 0.01
MOST_VALUES = 1_000_000
"""No body holds as many."""
MAX_TOLD = 5_000
"""So many steps at most are taken to say what is wrong, some 30 µs each."""
MAX_COPIED = 16 * 1024 * 1024
"""Bytes; each finding holds a copy of what is wrong."""
TOO_LARGE = "is too large for its schema"
NOT_TOLD = "does not match its schema, and it would take too long to find out where"

UNUSABLE = (
    "is no pattern that can be used: look-around and back-references cannot, nor what is very large"
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Budget:
    """How long it may take to hold all values of one request against their schemas."""

    def __init__(self) -> None:
        self._left_ns = MAX_REQUEST_NS
        self._since = monotonic()

    @property
    def most_ns(self) -> int:
        """So long may the next value take."""
        return min(self._left_ns, MAX_NS)

    def spend(self, ns: int) -> None:
        """So long it takes at most."""
        self._left_ns -= ns

    async def breathe(self) -> None:
        """Let others go on, should it have taken a moment since they could."""
        if monotonic() - self._since > BREATH_S:
            await asyncio.sleep(0)
            self._since = monotonic()


class Checker:
    """Holds values against a customer's schema."""

    def __init__(self, schema: Json) -> None:
        """Compile it (draft 2020-12); its patterns take linear time.

        Raises: Refused, ValidationError of jsonschema_rs, ValueError.
        """
        self._schema = schema
        self._cost, self._is_exact, self._is_plain = check(schema)
        self._validator = jsonschema_rs.Draft202012Validator(
            schema, pattern_options=BOUNDED, retriever=refuse, validate_formats=True
        )

    def errors(self, value: Any, at: str, budget: Budget | None = None) -> list[FieldError]:
        """What is wrong with a value, by pointers that begin at `at`, as far as it can be told."""
        try:
            if not self._is_affordable(value, budget or Budget()):
                return [field_error(at, TOO_LARGE)]
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

    def _is_affordable(self, value: Any, budget: Budget) -> bool:
        """Whether it can be held against the schema in time; at first roughly, from above."""
        reads = self._cost.text or self._cost.unique
        size = len(msgspec.json.encode(value)) if reads else 0
        cost: int | None = self._cost.of(values_in(value, MOST_VALUES), size)
        if cost is not None and cost > budget.most_ns:
            cost = cost_of(self._schema, value, budget.most_ns) if self._is_exact else None
        budget.spend(cost or 0)
        return cost is not None


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
    of_pattern = {"pattern", "patternProperties"} & set(error.instance_path)
    what = UNUSABLE if of_pattern else "is not valid in JSON Schema, draft 2020-12"
    return invalid_fields([field_error(f"{at}{where}", what)])


def refuse(uri: str) -> Any:
    """Takes the place of what would read files and call addresses."""
    raise ValueError(f"{uri} is outside the schema")


def check(schema: Json) -> tuple[Cost, bool, bool]:
    """What a schema costs, whether its parts tell that exactly, and whether it is plain.

    If it is, the first fault is found in one walk.

    In a circle the walk could take each turn twice, and a choice tells the faults of all branches.
    Raises: Refused.
    """
    text = msgspec.json.encode(schema)
    if len(text) > MAX_BYTES:
        raise Refused(f"must have at most {MAX_BYTES // 1024} KiB")
    if schema.get("$schema", DIALECT) not in (DIALECT, f"{DIALECT}#"):
        raise Refused("must be of draft 2020-12")
    weighing = Weighing(schema)
    cost = weighing.cost(schema)
    if cost.steps > MAX_WEIGHT:
        raise Refused("is too large when its references are followed")
    if weighing.circles:
        cost = cost._replace(unique=cost.unique * MAX_NESTED)
    plain = not (weighing.circles or b'"anyOf"' in text or b'"oneOf"' in text)
    return cost, weighing.exact, plain

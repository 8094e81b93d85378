"""Readers of parameters, made once per operation."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

import inflection
import jsonschema_rs
import msgspec
from starlette.types import Scope

from generated.models import FieldError
from handlers.gateway.request import Request
from services.errors import ValidationFailed, invalid_fields
from services.schemas import Json, Schemas, escaped, field_error, field_errors, one_each

MAX_PAIRS = 100
SHORT, KNOWN = 200, 100
"""Of query strings of so many bytes so many are remembered per operation."""
INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,18})", re.ASCII)
NUMBER = re.compile(rf"{INTEGER.pattern}(\.[0-9]{{1,30}})?([eE][+-]?[0-9]{{1,3}})?", re.ASCII)
RESERVED = {"type", "format", "id"}


@dataclass(slots=True)
class Parameter:
    """A parameter: where it stands, what the handler calls it, how it is read and checked."""

    name: str
    place: str
    argument: str
    required: bool
    default: Any
    read: Callable[[str], Any]
    validator: jsonschema_rs.Draft4Validator
    key: bytes
    """Its name as a header's."""

    def value(self, text: str | None, found: list[FieldError]) -> Any:
        """The value for the handler; what is wrong is added to `found`."""
        if text is None:
            if self.required:
                found.append(field_error(f"/{self.name}", "is required"))
            return self.default
        try:
            value = self.read(text)
        except ValueError as error:
            found.append(field_error(f"/{self.name}", str(error)))
            return None
        checked = text if self.read is read_time else value
        if not self.validator.is_valid(checked):
            found.extend(field_errors(self.validator, checked, f"/{self.name}"))
        return value

    def in_query(self, text: str | None, found: list[FieldError]) -> Any:
        """The value of what stands once in the query string, or not at all."""
        return self.default if text is None and not self.required else self.value(text, found)

    def header(self, request: Request, found: list[FieldError]) -> Any:
        """The value of the only header of this name."""
        text = request.headers.get(self.key)
        if text is None and not self.required:
            return self.default
        if self.key in request.repeated:
            found.append(field_error(f"/{self.name}", "is given more than once"))
            return None
        return self.value(None if text is None else text.decode("latin-1"), found)


def parameter(schemas: Schemas, source: Json) -> Parameter:
    """Compile one parameter of the contract.

    Raises: ValueError if its schema or example is invalid.
    """
    schema = schemas.resolve(source["schema"])
    return Parameter(
        name=source["name"],
        place=source["in"],
        argument=argument_name(source["name"]),
        required=source.get("required", False),
        default=schema.get("default"),
        read=reader_of(schemas, source),
        validator=schemas.checked(source),
        key=source["name"].lower().encode(),
    )


def argument_name(name: str) -> str:
    """`Last-Event-ID` → `last_event_id`; a name of Python's own gets an underscore."""
    snake = inflection.underscore(name.replace("-", "_"))
    return f"{snake}_" if snake in RESERVED else snake


def reader_of(schemas: Schemas, source: Json) -> Callable[[str], Any]:
    """How the text of a parameter becomes a value.

    Raises: ValueError for a type that no text is read as.
    """
    resolved = schemas.resolve(source["schema"])
    if resolved.get("format") == "date-time":
        return read_time
    read = READERS.get(resolved.get("type", ""))
    if read is None:
        raise ValueError(
            f"the parameter {source['name']} has none of the types {', '.join(READERS)}"
        )
    return read


def read_integer(text: str) -> int:
    """Plain decimal digits of at most 64 bits; no sign tricks, underscores or full-width digits."""
    if not INTEGER.fullmatch(text):
        raise ValueError("must be a whole number")
    return int(text)


def read_number(text: str) -> float:
    """A number as JSON writes it (RFC 8259, section 6)."""
    if not NUMBER.fullmatch(text) or math.isinf(number := float(text)):
        raise ValueError("must be a number")
    return number


def read_boolean(text: str) -> bool:
    """`true` or `false`."""
    if text not in ("true", "false"):
        raise ValueError("must be true or false")
    return text == "true"


READERS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "integer": read_integer,
    "number": read_number,
    "boolean": read_boolean,
}


def read_time(text: str) -> datetime:
    """An RFC 3339 time with its offset."""
    try:
        time: datetime = msgspec.convert(text, datetime)
        return time if time.tzinfo else impossible_time()
    except (msgspec.ValidationError, OverflowError):
        return impossible_time()


def impossible_time() -> datetime:
    """Refuse a text that is no time."""
    raise ValueError("must be a date-time with its offset, such as 2026-01-15T11:32:00Z")


@dataclass(slots=True)
class Parameters:
    """All parameters of an operation."""

    path: tuple[Parameter, ...]
    query: dict[str, Parameter]
    header: tuple[Parameter, ...]
    gateway: tuple[Parameter, ...]
    """Headers that the gateway obeys (`x-gateway` in the contract); no handler takes them."""
    _known: dict[bytes, dict[str, Any]] = field(default_factory=dict)
    """What short query strings were found to say: clients ask the same again and again."""

    def read(self, scope: Scope, request: Request) -> dict[str, Any]:
        """The handler's arguments.

        Raises: ValidationFailed naming every parameter that is wrong, unknown or repeated.
        """
        found: list[FieldError] = []
        in_path = scope["path_params"]
        arguments = {p.argument: p.value(in_path[p.name], found) for p in self.path}
        raw = scope["query_string"]
        known = self._known.get(raw)
        arguments |= self._in_query(raw, found) if known is None else known
        for p in self.header:
            arguments[p.argument] = p.header(request, found)
        self._check(request, found)
        if found:
            raise invalid_fields(one_each(found))
        return arguments

    def check(self, request: Request) -> None:
        """Hold the gateway's own headers against the contract.

        Raises: ValidationFailed.
        """
        found: list[FieldError] = []
        self._check(request, found)
        if found:
            raise invalid_fields(one_each(found))

    def _check(self, request: Request, found: list[FieldError]) -> None:
        for p in self.gateway:
            p.header(request, found)

    def _in_query(self, raw: bytes, found: list[FieldError]) -> dict[str, Any]:
        """The arguments of a query string; of one that is right they are remembered."""
        before = len(found)
        given = self._query(raw, found) if raw else {}
        arguments = {
            p.argument: p.in_query(given.get(name), found) for name, p in self.query.items()
        }
        if len(found) == before and len(raw) <= SHORT and len(self._known) < KNOWN:
            self._known[raw] = arguments
        return arguments

    def _query(self, raw: bytes, found: list[FieldError]) -> dict[str, str]:
        given: dict[str, str] = {}
        for name, text in query_pairs(raw):
            if name not in self.query:
                found.append(field_error(f"/{escaped(name)}", "is not a known parameter"))
            elif name in given:
                found.append(field_error(f"/{name}", "is given more than once"))
            given[name] = text
        return given


def parameters(schemas: Schemas, sources: list[Json]) -> Parameters:
    """Compile the parameters of an operation.

    Raises: ValueError.
    """
    compiled = [parameter(schemas, source) for source in sources if "x-gateway" not in source]
    return Parameters(
        path=tuple(p for p in compiled if p.place == "path"),
        query={p.name: p for p in compiled if p.place == "query"},
        header=tuple(p for p in compiled if p.place == "header"),
        gateway=tuple(parameter(schemas, source) for source in sources if "x-gateway" in source),
    )


def query_pairs(raw: bytes) -> list[tuple[str, str]]:
    """Names and values of a query string (WHATWG URL, section 5.1).

    Raises: ValidationFailed if it is not UTF-8 or has more than 100 pairs.
    """
    try:
        text = raw.decode("ascii")
        parts = [part for part in text.split("&") if part]
        if len(parts) > MAX_PAIRS:
            raise ValueError
        if "%" in text or "+" in text:
            return [(unescaped(n), unescaped(v)) for n, _, v in map(at_equals, parts)]
        return [(name, value) for name, _, value in map(at_equals, parts)]
    except ValueError:
        raise ValidationFailed("The query string is not valid UTF-8, or is too long.") from None


def at_equals(part: str) -> tuple[str, str, str]:
    """A name, its sign and its value."""
    return part.partition("=")


def unescaped(text: str) -> str:
    """Plain text of a form.

    Raises: UnicodeDecodeError.
    """
    return unquote_plus(text, errors="strict")

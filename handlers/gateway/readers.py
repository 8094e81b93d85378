"""Readers of parameters and bodies, made once per operation."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

import inflection
import jsonschema_rs
import msgspec
from starlette.types import Receive, Scope

from generated import models
from generated.models import FieldError
from handlers.gateway import strict
from handlers.gateway.schemas import Json, Schemas, field_errors
from services.errors import (
    PayloadTooLarge,
    UnsupportedMediaType,
    ValidationFailed,
    invalid_fields,
)

MAX_BODY = 1024 * 1024
BODY_S = 10.0
INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,18})", re.ASCII)
RESERVED = {"type", "format", "id"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: where it stands, what the handler calls it, how it is read and checked."""

    name: str
    place: str
    argument: str
    required: bool
    default: Any
    read: Callable[[str], Any]
    validator: jsonschema_rs.Draft4Validator

    def value(self, text: str | None, found: list[FieldError]) -> Any:
        """The value for the handler; what is wrong is added to `found`."""
        pointer = f"/{self.name}"
        if text is None:
            if self.required:
                found.append(FieldError(field_=pointer, message="is required"))
            return self.default
        try:
            value = self.read(text)
        except ValueError as error:
            found.append(FieldError(field_=pointer, message=str(error)))
            return None
        wrong = field_errors(self.validator, value if self.read is not read_time else text, pointer)
        found.extend(wrong)
        return value


def parameter(schemas: Schemas, source: Json) -> Parameter:
    """Compile one parameter of the contract."""
    schema = schemas.resolve(source["schema"])
    return Parameter(
        name=source["name"],
        place=source["in"],
        argument=argument_name(source["name"]),
        required=source.get("required", False),
        default=schema.get("default"),
        read=reader_of(schemas, source["schema"]),
        validator=schemas.compile(source["schema"]),
    )


def argument_name(name: str) -> str:
    """`Last-Event-ID` → `last_event_id`; a name of Python's own gets an underscore."""
    snake = inflection.underscore(name.replace("-", "_"))
    return f"{snake}_" if snake in RESERVED else snake


def reader_of(schemas: Schemas, schema: Json) -> Callable[[str], Any]:
    """How the text of a parameter becomes a value."""
    resolved = schemas.resolve(schema)
    if resolved["type"] == "integer":
        return read_integer
    if resolved.get("format") == "date-time":
        return read_time
    return str


def read_integer(text: str) -> int:
    """Plain decimal digits of at most 64 bits; no sign tricks, underscores or full-width digits."""
    if not INTEGER.fullmatch(text):
        raise ValueError("must be a whole number")
    return int(text)


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


@dataclass(frozen=True, slots=True)
class Parameters:
    """All parameters of an operation."""

    path: tuple[Parameter, ...]
    query: dict[str, Parameter]
    header: tuple[Parameter, ...]

    def read(self, scope: Scope) -> dict[str, Any]:
        """The handler's arguments.

        Raises: ValidationFailed naming every parameter that is wrong, unknown or repeated.
        """
        found: list[FieldError] = []
        raw_path = scope["path_params"]
        arguments = {p.argument: p.value(raw_path[p.name], found) for p in self.path}
        given = self._query(scope["query_string"], found)
        arguments |= {p.argument: p.value(given.get(n), found) for n, p in self.query.items()}
        arguments |= {p.argument: p.value(header(scope, p.name, found), found) for p in self.header}
        if found:
            raise invalid_fields(found)
        return arguments

    def _query(self, raw: bytes, found: list[FieldError]) -> dict[str, str]:
        given: dict[str, str] = {}
        for name, text in query_pairs(raw):
            if name not in self.query:
                found.append(FieldError(field_=f"/{name[:80]}", message="is not a known parameter"))
            elif name in given:
                found.append(FieldError(field_=f"/{name}", message="is given more than once"))
            given[name] = text
        return given


def query_pairs(raw: bytes) -> list[tuple[str, str]]:
    """Names and values of a query string.

    Raises: ValidationFailed if it is not UTF-8 or has more than 100 pairs.
    """
    try:
        return parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100
        )
    except ValueError:
        raise ValidationFailed("The query string is not valid UTF-8, or is too long.") from None


def header(scope: Scope, name: str, found: list[FieldError]) -> str | None:
    """A header's only value."""
    key = name.lower().encode()
    values = [value.decode("latin-1") for given, value in scope["headers"] if given == key]
    if len(values) > 1:
        found.append(FieldError(field_=f"/{name}", message="is given more than once"))
    return values[0] if values else None


@dataclass(frozen=True, slots=True)
class Body:
    """The JSON body of an operation."""

    required: bool
    kind: Any
    validator: jsonschema_rs.Draft4Validator
    limit: int

    async def read(self, scope: Scope, receive: Receive) -> Any:
        """The body as its struct, or None if it is optional and absent.

        Raises: ValidationFailed, PayloadTooLarge, UnsupportedMediaType.
        """
        raw = await read_bytes(scope, receive, self.limit)
        if not raw and not self.required:
            return None
        check_media_type(scope)
        data = decode(raw)
        if wrong := field_errors(self.validator, data):
            raise invalid_fields(wrong)
        return msgspec.convert(data, self.kind)


def body(schemas: Schemas, source: Json | None, limit: int) -> Body | None:
    """Compile a request body of the contract."""
    if source is None:
        return None
    schema = source["content"]["application/json"]["schema"]
    kind = getattr(models, schema["$ref"].rpartition("/")[2])
    return Body(source.get("required", False), kind, schemas.compile(schema), limit)


async def read_bytes(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The whole body; reading stops at the limit.

    Raises: PayloadTooLarge, ValidationFailed if it ends early or takes too long.
    """
    declared = header(scope, "content-length", []) or "0"
    if declared.isdigit() and int(declared) > limit:
        raise PayloadTooLarge(f"The body is larger than {limit} bytes.")
    try:
        async with asyncio.timeout(BODY_S):
            return await received(receive, limit)
    except TimeoutError:
        message = f"The body did not arrive within {BODY_S:.0f} seconds."
        raise ValidationFailed(message) from None


async def received(receive: Receive, limit: int) -> bytes:
    """All pieces of the body.

    Raises: PayloadTooLarge, ValidationFailed if the client has gone before the end.
    """
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ValidationFailed("The body ended before its length.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise PayloadTooLarge(f"The body is larger than {limit} bytes.")
        if not message.get("more_body"):
            return b"".join(parts)


def check_media_type(scope: Scope) -> None:
    """Only JSON in UTF-8, not compressed.

    Raises: UnsupportedMediaType.
    """
    found: list[FieldError] = []
    given = Message()
    given["content-type"] = header(scope, "content-type", found) or ""
    encoding = header(scope, "content-encoding", found) or "identity"
    charset = str(given.get_param("charset") or "utf-8").lower()
    is_json = given.get_content_type() == "application/json" and "content-type" in given
    plain = encoding.lower() == "identity"
    if found or not (is_json and plain and charset in ("utf-8", "utf8")):
        raise UnsupportedMediaType()


def decode(raw: bytes) -> Any:
    """JSON as plain data.

    Raises: ValidationFailed.
    """
    try:
        if not raw:
            raise ValueError("a body is required")
        return strict.decode(raw)
    except ValueError as error:
        where = strict.lone_surrogate(raw)
        message = str(error) if where is None else "contains a character that is not valid Unicode"
        raise invalid_fields([FieldError(field_=where or "", message=message)]) from None

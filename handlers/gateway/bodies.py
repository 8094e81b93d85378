"""Readers of bodies, made once per operation."""

import asyncio
import re
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import jsonschema_rs
import msgspec
from starlette.types import Receive

from generated.models import FieldError
from handlers.gateway import strict
from handlers.gateway.request import Request
from handlers.gateway.shapes import Shape, Shapes
from services.errors import (
    PayloadTooLarge,
    TooSlow,
    UnsupportedMediaType,
    ValidationFailed,
    invalid_fields,
)
from services.schemas import Json, Schemas, field_error, field_errors

MAX_BODY = 1024 * 1024
BODY_S = 10.0
MAX_NOTHING = 64
EMPTY = b"{}"
NO_BODY = "This takes no body."
TOKEN = r"[\w!#$%&'*+.^`|~-]+"
PAIR = re.compile(rf"""({TOKEN})=({TOKEN}|"[^"\\]*")""", re.ASCII)
MEDIA_TYPE = re.compile(
    rf"[ \t]*application/json[ \t]*(?:;[ \t]*(?:{PAIR.pattern}[ \t]*)?)*", re.ASCII | re.IGNORECASE
)


@dataclass(slots=True)
class Body:
    """The JSON body of an operation."""

    required: bool
    kind: Any
    validator: jsonschema_rs.Draft4Validator
    shape: Shape | None
    """What says most often at once that a body is right."""
    limit: int
    most: int
    """So many values, in all."""

    async def read(self, request: Request, receive: Receive) -> Any:
        """The body as its struct; one that is optional and absent is as `{}`.

        Raises: ValidationFailed, TooSlow, PayloadTooLarge, UnsupportedMediaType.
        """
        request.body = raw = await read_bytes(request, receive, self.limit)
        if raw or self.required:
            check_media_type(request)
        else:
            request.body = raw = EMPTY  # what is the same has one Idempotency-Key
        data, flaws = decode(raw, self.most)
        if flaws or self.shape is None or not self.shape.fits(raw):
            self._check(data, flaws)
        return msgspec.convert(data, self.kind)

    def _check(self, data: Any, flaws: list[strict.Flaw]) -> None:
        wrong = field_errors(self.validator, data)
        if flaws:
            wrong += without(flaws, {error.field_ for error in wrong})
        if wrong:
            raise invalid_fields(wrong)


def body(
    schemas: Schemas,
    shapes: Shapes,
    models: ModuleType,
    source: Json | None,
    limit: int,
    most: int,
) -> Body | None:
    """Compile a request body of the contract; its struct has the schema's name in `models`.

    Raises: ValueError if its schema or an example is invalid.
    """
    if source is None:
        return None
    content = source["content"]["application/json"]
    kind = getattr(models, content["schema"]["$ref"].rpartition("/")[2])
    validator = schemas.checked(content, incoming=True)
    # A type takes times that this program cannot hold in UTC.
    shape = None if schemas.has_times(content["schema"]) else shapes.of(content["schema"])
    return Body(source.get("required", False), kind, validator, shape, limit, most)


async def read_bytes(request: Request, receive: Receive, limit: int) -> bytes:
    """The whole body; reading stops at the limit.

    Raises: PayloadTooLarge, TooSlow, ValidationFailed if it ends early.
    """
    declared = request.headers.get(b"content-length", b"0")
    if declared.isdigit() and int(declared) > limit:
        raise too_large(limit)
    raw = request.arrived() if request.arrived is not None else None
    if raw is None:
        return await awaited(receive, limit)
    if len(raw) > limit:
        raise too_large(limit)
    return raw


async def read_nothing(request: Request, receive: Receive) -> None:
    """Make sure that there is no body, or one that says nothing: many clients always send `{}`.

    Raises: ValidationFailed, UnsupportedMediaType if it is compressed.
    """
    try:
        request.body = await read_bytes(request, receive, MAX_NOTHING)
    except (PayloadTooLarge, TooSlow):
        raise ValidationFailed(NO_BODY) from None
    if request.body.strip() not in (b"", EMPTY):
        raise ValidationFailed(NO_BODY)
    if request.body:
        check_coding(request)
    request.body = EMPTY


def too_large(limit: int) -> PayloadTooLarge:
    """What to say of a body that is longer."""
    return PayloadTooLarge(f"The body is larger than {limit} bytes.")


async def awaited(receive: Receive, limit: int) -> bytes:
    """The whole body, which has not arrived yet.

    Raises: PayloadTooLarge, TooSlow, ValidationFailed if it ends early.
    """
    try:
        async with asyncio.timeout(BODY_S):
            return await received(receive, limit)
    except TimeoutError:
        raise TooSlow(f"The body did not arrive within {BODY_S:.0f} seconds.") from None


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
            raise too_large(limit)
        if not message.get("more_body"):
            return b"".join(parts)


def check_media_type(request: Request) -> None:
    """Only JSON in UTF-8, not compressed.

    Raises: UnsupportedMediaType.
    """
    check_coding(request)
    given = request.headers.get(b"content-type", b"")
    if b"content-type" in request.repeated:
        raise UnsupportedMediaType()
    if given != b"application/json" and not is_json(given.decode("latin-1")):
        raise UnsupportedMediaType()


def check_coding(request: Request) -> None:
    """Nothing compressed.

    Raises: UnsupportedMediaType.
    """
    coding = request.headers.get(b"content-encoding", b"identity")
    if b"content-encoding" in request.repeated or coding.lower() != b"identity":
        raise UnsupportedMediaType()


def is_json(content_type: str) -> bool:
    """Whether a media type with parameters is JSON in UTF-8 (RFC 9110, section 8.3)."""
    if not MEDIA_TYPE.fullmatch(content_type):
        return False
    given = [(name.lower(), value.strip('"').lower()) for name, value in PAIR.findall(content_type)]
    return all(value in ("utf-8", "utf8") for name, value in given if name == "charset")


def decode(raw: bytes, most: int = strict.MAX_VALUES) -> tuple[Any, list[strict.Flaw]]:
    """JSON as plain data, and what in it no field may hold.

    Raises: ValidationFailed.
    """
    try:
        if not raw:
            raise ValueError("a body is required")
        return strict.decode(raw, most)
    except ValueError as error:
        flaws = strict.unparsable(raw, most) or [("", str(error))]
        raise invalid_fields(without(flaws, set())) from None


def without(flaws: list[strict.Flaw], named: set[str]) -> list[FieldError]:
    """Flaws as errors, but those of fields that are named already."""
    return [field_error(where, what) for where, what in flaws if where not in named]

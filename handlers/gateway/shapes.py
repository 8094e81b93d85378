"""JSON Schemas as types of msgspec: a quick yes for a body or an answer that is right.

A validator has to be given objects, and looks at each; msgspec finds out while it reads. A type is
made only where it takes nothing that the schema refuses, but for times with a space in the place of
the T or without the colon in their offset; a `datetime` is never written so. It may refuse more:
what it refuses, and what no type can say, is held against the schema itself.
"""

import json
import re
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from handlers.gateway.listed_ids import apart
from services.schemas import ANNOTATIONS, Json

NOTES = ANNOTATIONS - {"nullable", "discriminator"} | {"title"}
PART = r"(?:\[[\w.:/@+ !~-]+\](?:[+*]|\{\d+(?:,\d+)?\})?|[\w-])+"
ALIKE = re.compile(rf"\^(?:{PART}|\({PART}(?:\|{PART})+\))+\$", re.ASCII)
"""A pattern that means the same to every engine, and takes no longer than what it describes."""
CONTROL = b"\\u00"
"""How a document writes NUL, and every control character that has no letter of its own."""
TEXTS = {
    r"^[^\u0000]*$": "",
    r"^[^\u0000]*[^\u0000-\u0020][^\u0000]*$": r"[^\x00-\x20]",
    r"^[^\u0000-\u001f\u007f]*[^\u0000-\u0020\u007f][^\u0000-\u001f\u007f]*$":
        r"^[^\x00-\x20\x7f][^\x00-\x1f\x7f]*\Z",
}  # fmt: skip
"""Patterns of texts, and what is left to ask of one in a document without `CONTROL`."""
BOUNDS = {
    "minimum": "ge", "maximum": "le", "minLength": "min_length", "maxLength": "max_length",
    "minItems": "min_length", "maxItems": "max_length",
    "minProperties": "min_length", "maxProperties": "max_length",
}  # fmt: skip


class Inexpressible(Exception):
    """No type takes only what this schema takes."""


class Shape:
    """Whether a JSON document is surely what a schema describes."""

    def __init__(self, kind: Any, start: bytes) -> None:
        kind, self._check = apart(kind)
        self._decode = msgspec.json.Decoder(kind).decode
        self._start = start

    def fits(self, document: bytes) -> bool:
        """False if it is not, or if that is not sure."""
        if not document.startswith(self._start) or (b"\\" in document and CONTROL in document):
            return False
        try:
            found = self._decode(document)
        except msgspec.MsgspecError:
            return False
        return self._check is None or self._check(found)


class Shapes:
    """Shapes of one contract's schemas (OpenAPI 3.0)."""

    def __init__(self, named: Json) -> None:
        self._named = named
        self._made: dict[str, Shape | None] = {}
        self._types: dict[str, Any] = {}
        self._kinds: dict[str, Callable[[Json], Any]] = {
            "object": self._object,
            "array": self._array,
            "string": text,
            "integer": partial(bounded, int),
            "number": partial(bounded, float),
            "boolean": partial(bounded, bool),
        }

    def of(self, schema: Json) -> Shape | None:
        """The shape of a schema, made once, if a type can say it."""
        key = json.dumps(schema)
        if key not in self._made:
            try:
                self._made[key] = self._enveloped(self._resolved(schema))
            except Inexpressible:
                self._made[key] = None
        return self._made[key]

    def _enveloped(self, schema: Json) -> Shape:
        """The envelope's `success` is a boolean of one value, which no type can say."""
        flag = self._resolved(schema.get("properties", {}).get("success", {}))
        if flag.get("enum") != [True] or "success" not in schema.get("required", ()):
            return Shape(self._type(schema), b"")
        plain = {**schema["properties"], "success": {"type": "boolean"}}
        return Shape(self._type({**schema, "properties": plain}), b'{"success":true,')

    def _resolved(self, schema: Json) -> Json:
        while "$ref" in schema:
            schema = self._named[schema["$ref"].rpartition("/")[2]]
        return schema

    def _type(self, schema: Json) -> Any:
        said = {k: v for k, v in schema.items() if k not in NOTES and not k.startswith("x-")}
        if said.pop("nullable", False):
            return self._type(said) | None
        if set(said) == {"$ref"}:
            return self._reference(said["$ref"].rpartition("/")[2])
        if set(said) == {"allOf"} and len(said["allOf"]) == 1:
            return self._type(said["allOf"][0])
        if not said:
            return Any
        if "type" not in said:
            raise Inexpressible
        return self._kinds[said.pop("type")](said)

    def _reference(self, name: str) -> Any:
        if name not in self._types:
            self._types[name] = None  # what contains itself finds that
            self._types[name] = self._type(self._named[name])
        if self._types[name] is None:
            raise Inexpressible
        return self._types[name]

    def _object(self, said: Json) -> Any:
        if "properties" not in said and said.get("additionalProperties", False) is not False:
            return self._open(said)
        properties, required = said.pop("properties", {}), said.pop("required", [])
        closed = said.pop("additionalProperties", True) is False
        if said or not closed or not set(required) <= set(properties):
            raise Inexpressible
        fields = [
            self._field(f"field_{number}", name, schema, required=name in required)
            for number, (name, schema) in enumerate(properties.items())
        ]
        return msgspec.defstruct(
            "Shape", fields, kw_only=True, forbid_unknown_fields=True, gc=False
        )

    def _open(self, said: Json) -> Any:
        """An object with names that the schema does not know."""
        values = said.pop("additionalProperties")
        values = {} if values is True else values
        return bounded(dict[str, self._type(values)], said)  # type: ignore[misc]

    def _field(self, attribute: str, name: str, schema: Json, *, required: bool) -> Any:
        kind = self._type(schema)
        if required:
            return attribute, kind, msgspec.field(name=name)
        return attribute, kind | UnsetType, msgspec.field(name=name, default=UNSET)

    def _array(self, said: Json) -> Any:
        return bounded(list[self._type(said.pop("items"))], said)  # type: ignore[misc]


def text(said: Json) -> Any:
    """A string: one of some, a time, or of a pattern."""
    if "enum" in said:
        return bounded(Literal[tuple(said.pop("enum"))], said)
    if said == {"format": "date-time"}:
        return Annotated[datetime, Meta(tz=True)]
    if "pattern" not in said:
        return bounded(str, said)
    pattern = said.pop("pattern")
    if pattern in TEXTS:
        left = {"pattern": TEXTS[pattern]} if TEXTS[pattern] else {}
        return bounded(str, said, **left)
    if not ALIKE.fullmatch(pattern):
        raise Inexpressible
    return bounded(str, said, pattern=rf"{pattern[:-1]}\Z")


def bounded(kind: Any, said: Json, **also: Any) -> Any:
    """A type with the bounds that a schema sets.

    Raises: Inexpressible if it says anything else.
    """
    if not said.keys() <= BOUNDS.keys():
        raise Inexpressible
    bounds = also | {BOUNDS[name]: bound for name, bound in said.items()}
    return Annotated[kind, Meta(**bounds)] if bounds else kind

"""Rows become the contract's structs without a serializer per noun."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

import msgspec
import psycopg
from psycopg.adapt import Loader
from psycopg.types.json import set_json_dumps

T = TypeVar("T")
JSON_OIDS = (114, 3802)


class RawJson(Loader):
    """Leave JSON as bytes; the struct's field says how it is read."""

    def load(self, data: Any) -> bytes:
        return bytes(data)


def register(connection: psycopg.AsyncConnection[Any] | psycopg.Connection[Any]) -> None:
    """Let a connection read and write JSON through msgspec."""
    for name in ("json", "jsonb"):
        connection.adapters.register_loader(name, RawJson)
    set_json_dumps(msgspec.json.encode, connection)


def struct_row(struct: type[T]) -> Callable[[psycopg.AsyncCursor[Any]], Callable[..., T]]:
    """A row factory: columns are attributes, JSON columns are read as the field's type.

    NULL in a field that may be absent leaves it absent.
    """
    types = types_of(struct)  # type: ignore[arg-type]

    def factory(cursor: psycopg.AsyncCursor[Any]) -> Callable[[Sequence[Any]], T]:
        columns = [
            (
                column.name,
                decoder_of(types[column.name]).decode if column.type_code in JSON_OIDS else None,
                takes_null(types[column.name]),
            )
            for column in cursor.description or []
        ]

        def read(values: Sequence[Any]) -> T:
            known = {}
            for (name, decode, nullable), value in zip(columns, values, strict=True):
                if value is not None:
                    known[name] = value if decode is None else decode(value)
                elif nullable:
                    known[name] = None
            return struct(**known)

        return read

    return factory


@cache
def types_of(struct: Any) -> dict[str, Any]:
    """The types of a struct's fields by name; to ask for them costs more than a query."""
    return {field.name: field.type for field in msgspec.structs.fields(struct)}


@cache
def decoder_of(kind: Any) -> msgspec.json.Decoder[Any]:
    """What reads JSON as a type."""
    return msgspec.json.Decoder(kind)


@cache
def takes_null(kind: Any) -> bool:
    """Whether a field of this type may be None."""
    return kind is Any or type(None) in getattr(kind, "__args__", ())

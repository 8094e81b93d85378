from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.json_schema import JsonSchema

T = TypeVar("T", bound="Kind")


@_attrs_define
class Kind:
    """A kind of job.

    Attributes:
        kind (str): What is to be done: `http`, `agent`, `command`, or a kind that a worker
            registered. Example: thumbnail.make.
        description (str): What a job of this kind does, for people. Example: Make a thumbnail
            of an image..
        built_in (bool): Whether our own workers do it. Example: False.
        input_schema (JsonSchema): A JSON Schema, draft 2020-12, that refers to nothing outside
            itself. Example: {'type': 'object', 'required': ['url'], 'properties': {'url': {'type':
            'string'}, 'width': {'type': 'integer'}}}.
        result_schema (JsonSchema | None): What its result looks like; null if anything will do.
        created_at (datetime.datetime | None): When it was first registered; null if it is built
            in. Example: 2026-01-15T11:30:00Z.
        updated_at (datetime.datetime | None): When it was last registered; null if it is built
            in. Example: 2026-01-15T11:30:00Z.
    """

    kind: str
    description: str
    built_in: bool
    input_schema: JsonSchema
    result_schema: JsonSchema | None
    created_at: datetime.datetime | None
    updated_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        from ..models.json_schema import JsonSchema

        kind = self.kind
        description = self.description
        built_in = self.built_in
        input_schema = self.input_schema.to_dict()
        result_schema: dict[str, Any] | None
        if isinstance(self.result_schema, JsonSchema):
            result_schema = self.result_schema.to_dict()
        else:
            result_schema = self.result_schema
        created_at: None | str
        if isinstance(self.created_at, datetime.datetime):
            created_at = self.created_at.isoformat()
        else:
            created_at = self.created_at
        updated_at: None | str
        if isinstance(self.updated_at, datetime.datetime):
            updated_at = self.updated_at.isoformat()
        else:
            updated_at = self.updated_at
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "kind": kind,
            "description": description,
            "builtIn": built_in,
            "inputSchema": input_schema,
            "resultSchema": result_schema,
            "createdAt": created_at,
            "updatedAt": updated_at,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.json_schema import JsonSchema

        _fields = dict(src_dict)
        kind = _fields.pop("kind")
        description = _fields.pop("description")
        built_in = _fields.pop("builtIn")
        input_schema = JsonSchema.from_dict(_fields.pop("inputSchema"))

        def _parse_result_schema(data: Any) -> JsonSchema | None:
            if data is None:
                return data
            result_schema_type_1 = JsonSchema.from_dict(data)

            return result_schema_type_1

        result_schema = _parse_result_schema(_fields.pop("resultSchema", None))

        def _parse_created_at(data: Any) -> datetime.datetime | None:
            if data is None:
                return data
            created_at_type_0 = datetime.datetime.fromisoformat(data)

            return created_at_type_0

        created_at = _parse_created_at(_fields.pop("createdAt", None))

        def _parse_updated_at(data: Any) -> datetime.datetime | None:
            if data is None:
                return data
            updated_at_type_0 = datetime.datetime.fromisoformat(data)

            return updated_at_type_0

        updated_at = _parse_updated_at(_fields.pop("updatedAt", None))

        _model = cls(
            kind=kind,
            description=description,
            built_in=built_in,
            input_schema=input_schema,
            result_schema=result_schema,
            created_at=created_at,
            updated_at=updated_at,
        )
        _model.additional_properties = _fields
        return _model

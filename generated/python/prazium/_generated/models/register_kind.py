from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.json_schema import JsonSchema

T = TypeVar("T", bound="RegisterKind")


@_attrs_define
class RegisterKind:
    """What a kind is.

    Attributes:
        description (str): What a job of this kind does, for people. Example: Make a thumbnail
            of an image..
        input_schema (JsonSchema): A JSON Schema, draft 2020-12, that refers to nothing outside
            itself. Example: {'type': 'object', 'required': ['url'], 'properties': {'url': {'type':
            'string'}, 'width': {'type': 'integer'}}}.
        result_schema (JsonSchema | Unset): A JSON Schema, draft 2020-12, that refers to nothing
            outside itself. Example: {'type': 'object', 'required': ['url'], 'properties': {'url':
            {'type': 'string'}, 'width': {'type': 'integer'}}}.
    """

    description: str
    input_schema: JsonSchema
    result_schema: JsonSchema | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        description = self.description
        input_schema = self.input_schema.to_dict()
        result_schema: dict[str, Any] | Unset = UNSET
        if not isinstance(self.result_schema, Unset):
            result_schema = self.result_schema.to_dict()
        field_dict: dict[str, Any] = {
            "description": description,
            "inputSchema": input_schema,
        }
        if result_schema is not UNSET:
            field_dict["resultSchema"] = result_schema
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.json_schema import JsonSchema

        _fields = dict(src_dict)
        description = _fields.pop("description")
        input_schema = JsonSchema.from_dict(_fields.pop("inputSchema"))

        _result_schema = _fields.pop("resultSchema", UNSET)
        result_schema: JsonSchema | Unset
        if isinstance(_result_schema, Unset):
            result_schema = UNSET
        else:
            result_schema = JsonSchema.from_dict(_result_schema)

        _model = cls(
            description=description,
            input_schema=input_schema,
            result_schema=result_schema,
        )
        return _model

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.graph import Graph

T = TypeVar("T", bound="GraphResponse")


@_attrs_define
class GraphResponse:
    """One graph in the envelope.

    Attributes:
        success (bool):
        data (Graph): A graph with the states of its tasks.
    """

    success: bool
    data: Graph
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        success = self.success
        data = self.data.to_dict()
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "success": success,
            "data": data,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.graph import Graph

        _fields = dict(src_dict)
        success = _fields.pop("success")
        data = Graph.from_dict(_fields.pop("data"))

        _model = cls(
            success=success,
            data=data,
        )
        _model.additional_properties = _fields
        return _model

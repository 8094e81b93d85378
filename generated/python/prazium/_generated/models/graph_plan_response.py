from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.graph_plan import GraphPlan

T = TypeVar("T", bound="GraphPlanResponse")


@_attrs_define
class GraphPlanResponse:
    """A plan of a graph in the envelope.

    Attributes:
        success (bool):
        data (GraphPlan): What would be done.
    """

    success: bool
    data: GraphPlan
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
        from ..models.graph_plan import GraphPlan

        _fields = dict(src_dict)
        success = _fields.pop("success")
        data = GraphPlan.from_dict(_fields.pop("data"))

        _model = cls(
            success=success,
            data=data,
        )
        _model.additional_properties = _fields
        return _model

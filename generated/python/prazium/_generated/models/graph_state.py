from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.graph_status import GraphStatus, check_graph_status

T = TypeVar("T", bound="GraphState")


@_attrs_define
class GraphState:
    """A graph's id and state.

    Attributes:
        id (str): A run's id. Example: run_01kb0r6sc2e6ha4z8m3x7jv9wd.
        status (GraphStatus): Where the graph stands (see docs/state-machines.md). Example:
            running.
    """

    id: str
    status: GraphStatus
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        id = self.id
        status: str = self.status
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "id": id,
            "status": status,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        id = _fields.pop("id")
        status = check_graph_status(_fields.pop("status"))

        _model = cls(
            id=id,
            status=status,
        )
        _model.additional_properties = _fields
        return _model

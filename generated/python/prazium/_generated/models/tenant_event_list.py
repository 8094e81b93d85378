from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.cursor_pagination import CursorPagination
    from ..models.tenant_event import TenantEvent

T = TypeVar("T", bound="TenantEventList")


@_attrs_define
class TenantEventList:
    """Events in the envelope.

    Attributes:
        success (bool):
        data (list[TenantEvent]): The events in order.
        pagination (CursorPagination): How to go on in a list that is too long to be counted.
    """

    success: bool
    data: list[TenantEvent]
    pagination: CursorPagination
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        success = self.success
        data = []
        for data_item_data in self.data:
            data_item = data_item_data.to_dict()
            data.append(data_item)

        pagination = self.pagination.to_dict()
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "success": success,
            "data": data,
            "pagination": pagination,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.cursor_pagination import CursorPagination
        from ..models.tenant_event import TenantEvent

        _fields = dict(src_dict)
        success = _fields.pop("success")
        data = []
        _data = _fields.pop("data")
        for data_item_data in _data:
            data_item = TenantEvent.from_dict(data_item_data)

            data.append(data_item)

        pagination = CursorPagination.from_dict(_fields.pop("pagination"))

        _model = cls(
            success=success,
            data=data,
            pagination=pagination,
        )
        _model.additional_properties = _fields
        return _model

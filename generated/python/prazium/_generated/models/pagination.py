from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Pagination")


@_attrs_define
class Pagination:
    """Where a page stands in the whole list.

    Attributes:
        page (int): This page. Example: 1.
        page_size (int): Items per page. Example: 20.
        total (int): Items in all. Example: 150.
        total_pages (int): Pages in all. Example: 8.
    """

    page: int
    page_size: int
    total: int
    total_pages: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        page = self.page
        page_size = self.page_size
        total = self.total
        total_pages = self.total_pages
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "page": page,
            "pageSize": page_size,
            "total": total,
            "totalPages": total_pages,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        page = _fields.pop("page")
        page_size = _fields.pop("pageSize")
        total = _fields.pop("total")
        total_pages = _fields.pop("totalPages")
        _model = cls(
            page=page,
            page_size=page_size,
            total=total,
            total_pages=total_pages,
        )
        _model.additional_properties = _fields
        return _model

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="CursorPagination")


@_attrs_define
class CursorPagination:
    """How to go on in a list that is too long to be counted.

    Attributes:
        limit (int): Items that were asked for. Example: 20.
        next_cursor (None | str): What to send as `cursor` for the next items; null at the end.
            Example: eyJhZnRlciI6ImpvYl8wMWtiMHJkMnkifQ.9Jx0v2c3bQ.
        has_more (bool): Whether there are more. Example: True.
    """

    limit: int
    next_cursor: None | str
    has_more: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        limit = self.limit
        next_cursor: None | str
        next_cursor = self.next_cursor
        has_more = self.has_more
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "limit": limit,
            "nextCursor": next_cursor,
            "hasMore": has_more,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        limit = _fields.pop("limit")
        next_cursor = cast("None | str", _fields.pop("nextCursor", None))

        has_more = _fields.pop("hasMore")
        _model = cls(
            limit=limit,
            next_cursor=next_cursor,
            has_more=has_more,
        )
        _model.additional_properties = _fields
        return _model

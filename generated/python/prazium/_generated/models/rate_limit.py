from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="RateLimit")


@_attrs_define
class RateLimit:
    """How many jobs may begin in any period of this length.

    Attributes:
        limit (int): So many begin. Example: 100.
        period_seconds (int): In so long. Example: 60.
    """

    limit: int
    period_seconds: int

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        limit = self.limit
        period_seconds = self.period_seconds
        field_dict: dict[str, Any] = {
            "limit": limit,
            "periodSeconds": period_seconds,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        limit = _fields.pop("limit")
        period_seconds = _fields.pop("periodSeconds")
        _model = cls(
            limit=limit,
            period_seconds=period_seconds,
        )
        return _model

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="Concurrency")


@_attrs_define
class Concurrency:
    """How many jobs of the tenant with the same key may run at once, over all queues; of those
    that have not ended the newest says it. A job counts from when it could begin; the others
    are parked and follow by priority and age.

    Attributes:
        key (str): What they have in common. Example: customer:4711.
        limit (int): So many at once. Example: 2.
    """

    key: str
    limit: int

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        key = self.key
        limit = self.limit
        field_dict: dict[str, Any] = {
            "key": key,
            "limit": limit,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        key = _fields.pop("key")
        limit = _fields.pop("limit")
        _model = cls(
            key=key,
            limit=limit,
        )
        return _model

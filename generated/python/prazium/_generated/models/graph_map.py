from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="GraphMap")


@_attrs_define
class GraphMap:
    """The task is done once for each item of a list; its result is the list of theirs, in order.

    Attributes:
        over (Any): A list of at most 10,000, or a reference to one. Example: {'$from': 'list',
            'pointer': '/images'}.
        concurrency (int | Unset): So many items at once; without it, all. Example: 50.
    """

    over: Any
    concurrency: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        over = self.over
        concurrency = self.concurrency
        field_dict: dict[str, Any] = {
            "over": over,
        }
        if concurrency is not UNSET:
            field_dict["concurrency"] = concurrency
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        over = _fields.pop("over")
        concurrency = _fields.pop("concurrency", UNSET)
        _model = cls(
            over=over,
            concurrency=concurrency,
        )
        return _model

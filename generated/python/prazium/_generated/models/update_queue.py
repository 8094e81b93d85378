from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.rate_limit import RateLimit

T = TypeVar("T", bound="UpdateQueue")


@_attrs_define
class UpdateQueue:
    """What of a queue is to change.

    Attributes:
        concurrency (int | None | Unset): How many of its jobs may run at once; null for no
            limit. Example: 20.
        rate_limit (None | RateLimit | Unset): How many may begin in a period; null for no
            limit.
    """

    concurrency: int | None | Unset = UNSET
    rate_limit: None | RateLimit | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        from ..models.rate_limit import RateLimit

        concurrency: int | None | Unset
        if isinstance(self.concurrency, Unset):
            concurrency = UNSET
        else:
            concurrency = self.concurrency
        rate_limit: dict[str, Any] | None | Unset
        if isinstance(self.rate_limit, Unset):
            rate_limit = UNSET
        elif isinstance(self.rate_limit, RateLimit):
            rate_limit = self.rate_limit.to_dict()
        else:
            rate_limit = self.rate_limit
        field_dict: dict[str, Any] = {}
        if concurrency is not UNSET:
            field_dict["concurrency"] = concurrency
        if rate_limit is not UNSET:
            field_dict["rateLimit"] = rate_limit
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.rate_limit import RateLimit

        _fields = dict(src_dict)
        concurrency = cast("int | None | Unset", _fields.pop("concurrency", UNSET))

        def _parse_rate_limit(data: Any) -> None | RateLimit | Unset:
            if data is None or isinstance(data, Unset):
                return data
            rate_limit_type_1 = RateLimit.from_dict(data)

            return rate_limit_type_1

        rate_limit = _parse_rate_limit(_fields.pop("rateLimit", UNSET))

        _model = cls(
            concurrency=concurrency,
            rate_limit=rate_limit,
        )
        return _model

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.queue_counts import QueueCounts
    from ..models.rate_limit import RateLimit

T = TypeVar("T", bound="Queue")


@_attrs_define
class Queue:
    """A queue of the tenant.

    Attributes:
        name (str): A queue of the tenant. Example: default.
        paused (bool): Whether nothing more begins. Example: False.
        concurrency (int | None): How many of its jobs may run at once; null for no limit.
            Example: 20.
        rate_limit (None | RateLimit): How many may begin in a period; null for no limit.
        counts (QueueCounts): How many jobs of a queue stand where. Counting ends at 10000, in a
            list of queues at 1000; that number means so many or more.
        oldest_ready_at (datetime.datetime | None): Since when the oldest job that could begin
            has waited; null if none does. Example: 2026-01-15T11:30:00Z.
        created_at (datetime.datetime): When it was first used. Example: 2026-01-15T11:30:00Z.
        updated_at (datetime.datetime): When its settings last changed. Example:
            2026-01-15T11:30:00Z.
    """

    name: str
    paused: bool
    concurrency: int | None
    rate_limit: None | RateLimit
    counts: QueueCounts
    oldest_ready_at: datetime.datetime | None
    created_at: datetime.datetime
    updated_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        from ..models.rate_limit import RateLimit

        name = self.name
        paused = self.paused
        concurrency: int | None
        concurrency = self.concurrency
        rate_limit: dict[str, Any] | None
        if isinstance(self.rate_limit, RateLimit):
            rate_limit = self.rate_limit.to_dict()
        else:
            rate_limit = self.rate_limit
        counts = self.counts.to_dict()
        oldest_ready_at: None | str
        if isinstance(self.oldest_ready_at, datetime.datetime):
            oldest_ready_at = self.oldest_ready_at.isoformat()
        else:
            oldest_ready_at = self.oldest_ready_at
        created_at = self.created_at.isoformat()
        updated_at = self.updated_at.isoformat()
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "name": name,
            "paused": paused,
            "concurrency": concurrency,
            "rateLimit": rate_limit,
            "counts": counts,
            "oldestReadyAt": oldest_ready_at,
            "createdAt": created_at,
            "updatedAt": updated_at,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.queue_counts import QueueCounts
        from ..models.rate_limit import RateLimit

        _fields = dict(src_dict)
        name = _fields.pop("name")
        paused = _fields.pop("paused")
        concurrency = cast("int | None", _fields.pop("concurrency", None))

        def _parse_rate_limit(data: Any) -> None | RateLimit:
            if data is None:
                return data
            rate_limit_type_1 = RateLimit.from_dict(data)

            return rate_limit_type_1

        rate_limit = _parse_rate_limit(_fields.pop("rateLimit", None))

        counts = QueueCounts.from_dict(_fields.pop("counts"))

        def _parse_oldest_ready_at(data: Any) -> datetime.datetime | None:
            if data is None:
                return data
            oldest_ready_at_type_0 = datetime.datetime.fromisoformat(data)

            return oldest_ready_at_type_0

        oldest_ready_at = _parse_oldest_ready_at(_fields.pop("oldestReadyAt", None))

        created_at = datetime.datetime.fromisoformat(_fields.pop("createdAt"))

        updated_at = datetime.datetime.fromisoformat(_fields.pop("updatedAt"))

        _model = cls(
            name=name,
            paused=paused,
            concurrency=concurrency,
            rate_limit=rate_limit,
            counts=counts,
            oldest_ready_at=oldest_ready_at,
            created_at=created_at,
            updated_at=updated_at,
        )
        _model.additional_properties = _fields
        return _model

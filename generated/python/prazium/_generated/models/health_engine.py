from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="HealthEngine")


@_attrs_define
class HealthEngine:
    """How the engine is over all tenants, at most a second old; missing while the database does
    not tell.

    Attributes:
        workers_alive (int): The installation's own workers that gave a sign of life in the last
            15 seconds. Example: 3.
        http_workers_alive (int): Workers that came over HTTP in the last 60 seconds; 10000
            stands for as many or more. Example: 12.
        oldest_ready_seconds (float): How long the task has waited that could be worked on for
            longest; paused queues aside. 0 if none waits. Example: 0.2.
        oldest_own_ready_seconds (float): The same of the tasks that the installation's own
            workers do. If it grows there are too few of them. Example: 0.1.
        leases_lost_last_hour (int): Leases that ran out in the last hour without a word of
            their worker. Example: 0.
    """

    workers_alive: int
    http_workers_alive: int
    oldest_ready_seconds: float
    oldest_own_ready_seconds: float
    leases_lost_last_hour: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        workers_alive = self.workers_alive
        http_workers_alive = self.http_workers_alive
        oldest_ready_seconds = self.oldest_ready_seconds
        oldest_own_ready_seconds = self.oldest_own_ready_seconds
        leases_lost_last_hour = self.leases_lost_last_hour
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "workersAlive": workers_alive,
            "httpWorkersAlive": http_workers_alive,
            "oldestReadySeconds": oldest_ready_seconds,
            "oldestOwnReadySeconds": oldest_own_ready_seconds,
            "leasesLostLastHour": leases_lost_last_hour,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        workers_alive = _fields.pop("workersAlive")
        http_workers_alive = _fields.pop("httpWorkersAlive")
        oldest_ready_seconds = _fields.pop("oldestReadySeconds")
        oldest_own_ready_seconds = _fields.pop("oldestOwnReadySeconds")
        leases_lost_last_hour = _fields.pop("leasesLostLastHour")
        _model = cls(
            workers_alive=workers_alive,
            http_workers_alive=http_workers_alive,
            oldest_ready_seconds=oldest_ready_seconds,
            oldest_own_ready_seconds=oldest_own_ready_seconds,
            leases_lost_last_hour=leases_lost_last_hour,
        )
        _model.additional_properties = _fields
        return _model

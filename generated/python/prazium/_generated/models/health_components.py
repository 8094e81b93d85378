from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.health_status import HealthStatus, check_health_status

T = TypeVar("T", bound="HealthComponents")


@_attrs_define
class HealthComponents:
    """The parts that the service needs.

    Attributes:
        database (HealthStatus): How something is. Example: healthy.
        redis (HealthStatus): How something is. Example: healthy.
        workers (HealthStatus): How something is. Example: healthy.
        sandbox (HealthStatus): How something is. Example: healthy.
    """

    database: HealthStatus
    redis: HealthStatus
    workers: HealthStatus
    sandbox: HealthStatus
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        database: str = self.database
        redis: str = self.redis
        workers: str = self.workers
        sandbox: str = self.sandbox
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "database": database,
            "redis": redis,
            "workers": workers,
            "sandbox": sandbox,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        database = check_health_status(_fields.pop("database"))

        redis = check_health_status(_fields.pop("redis"))

        workers = check_health_status(_fields.pop("workers"))

        sandbox = check_health_status(_fields.pop("sandbox"))

        _model = cls(
            database=database,
            redis=redis,
            workers=workers,
            sandbox=sandbox,
        )
        _model.additional_properties = _fields
        return _model

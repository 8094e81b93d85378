from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.readiness_status import ReadinessStatus, check_readiness_status

T = TypeVar("T", bound="Readiness")


@_attrs_define
class Readiness:
    """Whether requests should be sent here.

    Attributes:
        status (ReadinessStatus): Always ready. Example: ready.
    """

    status: ReadinessStatus
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        status: str = self.status
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "status": status,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        status = check_readiness_status(_fields.pop("status"))

        _model = cls(
            status=status,
        )
        _model.additional_properties = _fields
        return _model

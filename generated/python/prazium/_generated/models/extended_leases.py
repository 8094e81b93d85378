from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.extended_lease import ExtendedLease

T = TypeVar("T", bound="ExtendedLeases")


@_attrs_define
class ExtendedLeases:
    """Leases, in the order of the request.

    Attributes:
        leases (list[ExtendedLease]): How each stands.
    """

    leases: list[ExtendedLease]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        leases = []
        for leases_item_data in self.leases:
            leases_item = leases_item_data.to_dict()
            leases.append(leases_item)

        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "leases": leases,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.extended_lease import ExtendedLease

        _fields = dict(src_dict)
        leases = []
        _leases = _fields.pop("leases")
        for leases_item_data in _leases:
            leases_item = ExtendedLease.from_dict(leases_item_data)

            leases.append(leases_item)

        _model = cls(
            leases=leases,
        )
        _model.additional_properties = _fields
        return _model

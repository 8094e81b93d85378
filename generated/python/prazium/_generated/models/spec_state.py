from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.project_status import ProjectStatus, check_project_status

if TYPE_CHECKING:
    from ..models.spec import Spec

T = TypeVar("T", bound="SpecState")


@_attrs_define
class SpecState:
    """The project's state and the new version of its spec.

    Attributes:
        status (ProjectStatus): Where the project stands (see docs/state-machines.md). Example:
            draft.
        spec (Spec): One version of a project's spec.
    """

    status: ProjectStatus
    spec: Spec
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        status: str = self.status
        spec = self.spec.to_dict()
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "status": status,
            "spec": spec,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.spec import Spec

        _fields = dict(src_dict)
        status = check_project_status(_fields.pop("status"))

        spec = Spec.from_dict(_fields.pop("spec"))

        _model = cls(
            status=status,
            spec=spec,
        )
        _model.additional_properties = _fields
        return _model

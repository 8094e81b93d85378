from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="SpecDocuments")


@_attrs_define
class SpecDocuments:
    """The spec, as four Markdown documents.

    Attributes:
        spec_md (str): What is to be built. Example: # My SaaS App Specification.
        acceptance_md (str): When it is done. Example: # Acceptance Criteria.
        routes_md (str): Its routes. Example: # API Routes.
        data_md (str): Its data. Example: # Data Model.
    """

    spec_md: str
    acceptance_md: str
    routes_md: str
    data_md: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        spec_md = self.spec_md
        acceptance_md = self.acceptance_md
        routes_md = self.routes_md
        data_md = self.data_md
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "SPEC.md": spec_md,
            "ACCEPTANCE.md": acceptance_md,
            "ROUTES.md": routes_md,
            "DATA.md": data_md,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        spec_md = _fields.pop("SPEC.md")
        acceptance_md = _fields.pop("ACCEPTANCE.md")
        routes_md = _fields.pop("ROUTES.md")
        data_md = _fields.pop("DATA.md")
        _model = cls(
            spec_md=spec_md,
            acceptance_md=acceptance_md,
            routes_md=routes_md,
            data_md=data_md,
        )
        _model.additional_properties = _fields
        return _model

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="UpdateProject")


@_attrs_define
class UpdateProject:
    """What of a project is to change.

    Attributes:
        name (str | Unset): The project's name; no two live projects of a tenant share one.
            Example: My SaaS App.
        description (str | Unset): What is to be built, in the customer's words. Example: A
            project management tool with team collaboration features, task boards, and time
            tracking..
    """

    name: str | Unset = UNSET
    description: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        name = self.name
        description = self.description
        field_dict: dict[str, Any] = {}
        if name is not UNSET:
            field_dict["name"] = name
        if description is not UNSET:
            field_dict["description"] = description
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        name = _fields.pop("name", UNSET)
        description = _fields.pop("description", UNSET)
        _model = cls(
            name=name,
            description=description,
        )
        return _model

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="CreateProject")


@_attrs_define
class CreateProject:
    """What a project starts from.

    Attributes:
        name (str): The project's name; no two live projects of a tenant share one. Example: My
            SaaS App.
        description (str): What is to be built, in the customer's words. Example: A project
            management tool with team collaboration features, task boards, and time tracking..
    """

    name: str
    description: str

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        name = self.name
        description = self.description
        field_dict: dict[str, Any] = {
            "name": name,
            "description": description,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        name = _fields.pop("name")
        description = _fields.pop("description")
        _model = cls(
            name=name,
            description=description,
        )
        return _model

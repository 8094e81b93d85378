from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.ref_type import RefType, check_ref_type

T = TypeVar("T", bound="RefEntry")


@_attrs_define
class RefEntry:
    """A branch or a tag.

    Attributes:
        name (str): Its name. Example: main.
        type_ (RefType): What a ref is. Example: branch.
        commit (str): A Git commit, as 40 hexadecimal digits. Example:
            4b825dc642cb6eb9a060e54bf8d69288fbee4904.
    """

    name: str
    type_: RefType
    commit: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        name = self.name
        type_: str = self.type_
        commit = self.commit
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "name": name,
            "type": type_,
            "commit": commit,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        name = _fields.pop("name")
        type_ = check_ref_type(_fields.pop("type"))

        commit = _fields.pop("commit")
        _model = cls(
            name=name,
            type_=type_,
            commit=commit,
        )
        _model.additional_properties = _fields
        return _model

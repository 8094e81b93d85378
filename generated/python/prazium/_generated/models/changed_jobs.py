from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ChangedJobs")


@_attrs_define
class ChangedJobs:
    """What a change of many jobs did.

    Attributes:
        matched (int): Jobs that fitted. Example: 12.
        changed (int): Jobs that were changed; others had changed in that moment, or have the
            dedupe key of one that was. Example: 12.
        more (bool): Whether others fit as well. Example: False.
    """

    matched: int
    changed: int
    more: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        matched = self.matched
        changed = self.changed
        more = self.more
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "matched": matched,
            "changed": changed,
            "more": more,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        matched = _fields.pop("matched")
        changed = _fields.pop("changed")
        more = _fields.pop("more")
        _model = cls(
            matched=matched,
            changed=changed,
            more=more,
        )
        _model.additional_properties = _fields
        return _model

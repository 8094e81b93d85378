from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="AppendedJobLogs")


@_attrs_define
class AppendedJobLogs:
    """How long the log is now.

    Attributes:
        stored (int): Lines that were stored. Example: 1.
        last_seq (int): The number of the last line. Example: 1.
    """

    stored: int
    last_seq: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        stored = self.stored
        last_seq = self.last_seq
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "stored": stored,
            "lastSeq": last_seq,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        stored = _fields.pop("stored")
        last_seq = _fields.pop("lastSeq")
        _model = cls(
            stored=stored,
            last_seq=last_seq,
        )
        _model.additional_properties = _fields
        return _model

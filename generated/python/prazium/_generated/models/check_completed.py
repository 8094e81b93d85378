from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="CheckCompleted")


@_attrs_define
class CheckCompleted:
    """A check of the built application ended.

    Attributes:
        name (str): What was checked. Example: tests.
        passed (bool): Whether it is as it should be. Example: True.
        duration_ms (int): How long it took. Example: 2450.
    """

    name: str
    passed: bool
    duration_ms: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        name = self.name
        passed = self.passed
        duration_ms = self.duration_ms
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "name": name,
            "passed": passed,
            "durationMs": duration_ms,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        name = _fields.pop("name")
        passed = _fields.pop("passed")
        duration_ms = _fields.pop("durationMs")
        _model = cls(
            name=name,
            passed=passed,
            duration_ms=duration_ms,
        )
        _model.additional_properties = _fields
        return _model

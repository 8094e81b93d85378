from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="VerificationCheck")


@_attrs_define
class VerificationCheck:
    """One check of the built application, with its evidence.

    Attributes:
        name (str): What was checked. Example: tests.
        command (list[str]): The command that was run. Example: ['scripts/test'].
        exit_code (int | None): Its exit code; null if it was stopped. Example: 0.
        duration_ms (int): How long it took. Example: 2450.
        output_tail (str): The end of its output. Example: 24 passed in 2.31s.
        passed (bool): Whether it is as it should be. Example: True.
    """

    name: str
    command: list[str]
    exit_code: int | None
    duration_ms: int
    output_tail: str
    passed: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        name = self.name
        command = self.command

        exit_code: int | None
        exit_code = self.exit_code
        duration_ms = self.duration_ms
        output_tail = self.output_tail
        passed = self.passed
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "name": name,
            "command": command,
            "exitCode": exit_code,
            "durationMs": duration_ms,
            "outputTail": output_tail,
            "passed": passed,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        name = _fields.pop("name")
        command = cast(list[str], _fields.pop("command"))

        exit_code = cast("int | None", _fields.pop("exitCode", None))

        duration_ms = _fields.pop("durationMs")
        output_tail = _fields.pop("outputTail")
        passed = _fields.pop("passed")
        _model = cls(
            name=name,
            command=command,
            exit_code=exit_code,
            duration_ms=duration_ms,
            output_tail=output_tail,
            passed=passed,
        )
        _model.additional_properties = _fields
        return _model

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="CommandJobResult")


@_attrs_define
class CommandJobResult:
    """What the program did.

    Attributes:
        exit_code (int): Its exit code; any other is a failure of the job. Example: 0.
        stdout (str): The first MiB of its standard output; bytes that are no UTF-8 text and
            control characters are replaced. Example: "Ada"
            .
        stderr (str): The end of its standard error.
        truncated (bool): Whether the standard output was longer. Example: False.
        duration_ms (int): How long it ran. Example: 12.
    """

    exit_code: int
    stdout: str
    stderr: str
    truncated: bool
    duration_ms: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        exit_code = self.exit_code
        stdout = self.stdout
        stderr = self.stderr
        truncated = self.truncated
        duration_ms = self.duration_ms
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "exitCode": exit_code,
            "stdout": stdout,
            "stderr": stderr,
            "truncated": truncated,
            "durationMs": duration_ms,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        exit_code = _fields.pop("exitCode")
        stdout = _fields.pop("stdout")
        stderr = _fields.pop("stderr")
        truncated = _fields.pop("truncated")
        duration_ms = _fields.pop("durationMs")
        _model = cls(
            exit_code=exit_code,
            stdout=stdout,
            stderr=stderr,
            truncated=truncated,
            duration_ms=duration_ms,
        )
        _model.additional_properties = _fields
        return _model

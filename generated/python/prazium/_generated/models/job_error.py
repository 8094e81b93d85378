from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="JobError")


@_attrs_define
class JobError:
    """Why an attempt failed.

    Attributes:
        code (str): The kind of failure, for programs. Example: OUTSIDE_PATH_SCOPE.
        message (str): What happened, for people. Example: The image cannot be read..
    """

    code: str
    message: str

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        code = self.code
        message = self.message
        field_dict: dict[str, Any] = {
            "code": code,
            "message": message,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        code = _fields.pop("code")
        message = _fields.pop("message")
        _model = cls(
            code=code,
            message=message,
        )
        return _model

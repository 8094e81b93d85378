from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Failure")


@_attrs_define
class Failure:
    """Why a run, task, job or export failed.

    Attributes:
        code (str): The kind of failure, for programs. Example: OUTSIDE_PATH_SCOPE.
        message (str): What happened, for people. Example: The task changed files outside its
            path scope..
        files (list[str] | None): The files that are concerned. Example: ['src/app/page.py'].
    """

    code: str
    message: str
    files: list[str] | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        code = self.code
        message = self.message
        files: list[str] | None
        if isinstance(self.files, list):
            files = self.files

        else:
            files = self.files
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "code": code,
            "message": message,
            "files": files,
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

        def _parse_files(data: Any) -> list[str] | None:
            if data is None:
                return data
            files_type_0 = cast(list[str], data)

            return files_type_0

        files = _parse_files(_fields.pop("files", None))

        _model = cls(
            code=code,
            message=message,
            files=files,
        )
        _model.additional_properties = _fields
        return _model

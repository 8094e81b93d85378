from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.export_format import ExportFormat, check_export_format
from ..types import UNSET, Unset

T = TypeVar("T", bound="CreateExport")


@_attrs_define
class CreateExport:
    """What is to be packed.

    Attributes:
        run_id (str): A run's id. Example: run_01kb0r6sc2e6ha4z8m3x7jv9wd.
        format_ (ExportFormat | Unset): The archive's format. Example: zip.
    """

    run_id: str
    format_: ExportFormat | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        run_id = self.run_id
        format_: str | Unset = UNSET
        if not isinstance(self.format_, Unset):
            format_ = self.format_

        field_dict: dict[str, Any] = {
            "runId": run_id,
        }
        if format_ is not UNSET:
            field_dict["format"] = format_
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        run_id = _fields.pop("runId")
        _format_ = _fields.pop("format", UNSET)
        format_: ExportFormat | Unset
        if isinstance(_format_, Unset):
            format_ = UNSET
        else:
            format_ = check_export_format(_format_)

        _model = cls(
            run_id=run_id,
            format_=format_,
        )
        return _model

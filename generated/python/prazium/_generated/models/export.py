from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.export_format import ExportFormat, check_export_format
from ..models.export_status import ExportStatus, check_export_status

if TYPE_CHECKING:
    from ..models.failure import Failure

T = TypeVar("T", bound="Export")


@_attrs_define
class Export:
    """An archive of what a run built.

    Attributes:
        id (str): An export's id. Example: exp_01kb0rb1x4gs8v6rj2n5d9m3pt.
        run_id (str): A run's id. Example: run_01kb0r6sc2e6ha4z8m3x7jv9wd.
        status (ExportStatus): Where the export stands (see docs/state-machines.md). Example:
            completed.
        format_ (ExportFormat): The archive's format. Example: zip.
        file_name (None | str): The archive's name. Example: my-saas-app-run-1.zip.
        size_bytes (int | None): The archive's size. Example: 5242880.
        sha256 (None | str): The archive's checksum. Example:
            9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.
        download_url (None | str): Where to download it, below the base URL; once it is
            completed. Example: /projects/proj_01kb0r5v8wf5qtx1c9ht2kq6mz/exports/exp_01kb0rb1x4gs8v
            6rj2n5d9m3pt/download.
        left_out (list[str] | None): Files that no archive can hold safely, such as links that
            lead out of the tree. Example: ['link-to-elsewhere'].
        error (Failure | None): Why a run, task, job or export failed.
        created_at (datetime.datetime): When it was asked for. Example: 2026-01-15T11:50:00Z.
        expires_at (datetime.datetime): Until when it can be downloaded. Example:
            2026-01-22T11:50:00Z.
    """

    id: str
    run_id: str
    status: ExportStatus
    format_: ExportFormat
    file_name: None | str
    size_bytes: int | None
    sha256: None | str
    download_url: None | str
    left_out: list[str] | None
    error: Failure | None
    created_at: datetime.datetime
    expires_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        from ..models.failure import Failure

        id = self.id
        run_id = self.run_id
        status: str = self.status
        format_: str = self.format_
        file_name: None | str
        file_name = self.file_name
        size_bytes: int | None
        size_bytes = self.size_bytes
        sha256: None | str
        sha256 = self.sha256
        download_url: None | str
        download_url = self.download_url
        left_out: list[str] | None
        if isinstance(self.left_out, list):
            left_out = self.left_out

        else:
            left_out = self.left_out
        error: dict[str, Any] | None
        if isinstance(self.error, Failure):
            error = self.error.to_dict()
        else:
            error = self.error
        created_at = self.created_at.isoformat()
        expires_at = self.expires_at.isoformat()
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "id": id,
            "runId": run_id,
            "status": status,
            "format": format_,
            "fileName": file_name,
            "sizeBytes": size_bytes,
            "sha256": sha256,
            "downloadUrl": download_url,
            "leftOut": left_out,
            "error": error,
            "createdAt": created_at,
            "expiresAt": expires_at,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.failure import Failure

        _fields = dict(src_dict)
        id = _fields.pop("id")
        run_id = _fields.pop("runId")
        status = check_export_status(_fields.pop("status"))

        format_ = check_export_format(_fields.pop("format"))

        file_name = cast("None | str", _fields.pop("fileName", None))

        size_bytes = cast("int | None", _fields.pop("sizeBytes", None))

        sha256 = cast("None | str", _fields.pop("sha256", None))

        download_url = cast("None | str", _fields.pop("downloadUrl", None))

        def _parse_left_out(data: Any) -> list[str] | None:
            if data is None:
                return data
            left_out_type_0 = cast(list[str], data)

            return left_out_type_0

        left_out = _parse_left_out(_fields.pop("leftOut", None))

        def _parse_error(data: Any) -> Failure | None:
            if data is None:
                return data
            error_type_1 = Failure.from_dict(data)

            return error_type_1

        error = _parse_error(_fields.pop("error", None))

        created_at = datetime.datetime.fromisoformat(_fields.pop("createdAt"))

        expires_at = datetime.datetime.fromisoformat(_fields.pop("expiresAt"))

        _model = cls(
            id=id,
            run_id=run_id,
            status=status,
            format_=format_,
            file_name=file_name,
            size_bytes=size_bytes,
            sha256=sha256,
            download_url=download_url,
            left_out=left_out,
            error=error,
            created_at=created_at,
            expires_at=expires_at,
        )
        _model.additional_properties = _fields
        return _model

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.project_status import ProjectStatus, check_project_status

if TYPE_CHECKING:
    from ..models.latest_run import LatestRun

T = TypeVar("T", bound="ProjectSummary")


@_attrs_define
class ProjectSummary:
    """A project in a list.

    Attributes:
        id (str): A project's id. Example: proj_01kb0r5v8wf5qtx1c9ht2kq6mz.
        name (str): The project's name; no two live projects of a tenant share one. Example: My
            SaaS App.
        status (ProjectStatus): Where the project stands (see docs/state-machines.md). Example:
            draft.
        latest_run (LatestRun | None): The newest run of a project.
        created_at (datetime.datetime): When it was created. Example: 2026-01-15T10:30:00Z.
        updated_at (datetime.datetime): When it last changed. Example: 2026-01-15T12:00:00Z.
    """

    id: str
    name: str
    status: ProjectStatus
    latest_run: LatestRun | None
    created_at: datetime.datetime
    updated_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        from ..models.latest_run import LatestRun

        id = self.id
        name = self.name
        status: str = self.status
        latest_run: dict[str, Any] | None
        if isinstance(self.latest_run, LatestRun):
            latest_run = self.latest_run.to_dict()
        else:
            latest_run = self.latest_run
        created_at = self.created_at.isoformat()
        updated_at = self.updated_at.isoformat()
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "id": id,
            "name": name,
            "status": status,
            "latestRun": latest_run,
            "createdAt": created_at,
            "updatedAt": updated_at,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.latest_run import LatestRun

        _fields = dict(src_dict)
        id = _fields.pop("id")
        name = _fields.pop("name")
        status = check_project_status(_fields.pop("status"))

        def _parse_latest_run(data: Any) -> LatestRun | None:
            if data is None:
                return data
            latest_run_type_1 = LatestRun.from_dict(data)

            return latest_run_type_1

        latest_run = _parse_latest_run(_fields.pop("latestRun", None))

        created_at = datetime.datetime.fromisoformat(_fields.pop("createdAt"))

        updated_at = datetime.datetime.fromisoformat(_fields.pop("updatedAt"))

        _model = cls(
            id=id,
            name=name,
            status=status,
            latest_run=latest_run,
            created_at=created_at,
            updated_at=updated_at,
        )
        _model.additional_properties = _fields
        return _model

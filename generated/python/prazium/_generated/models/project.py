from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.project_status import ProjectStatus, check_project_status

if TYPE_CHECKING:
    from ..models.latest_run import LatestRun
    from ..models.spec import Spec

T = TypeVar("T", bound="Project")


@_attrs_define
class Project:
    """What is to be built, and how far it is.

    Attributes:
        id (str): A project's id. Example: proj_01kb0r5v8wf5qtx1c9ht2kq6mz.
        name (str): The project's name; no two live projects of a tenant share one. Example: My
            SaaS App.
        description (str): What is to be built, in the customer's words. Example: A project
            management tool with team collaboration features, task boards, and time tracking..
        status (ProjectStatus): Where the project stands (see docs/state-machines.md). Example:
            draft.
        spec (None | Spec): One version of a project's spec.
        latest_run (LatestRun | None): The newest run of a project.
        repo_path (str): The bare Git repository, relative to the data folder; it appears with
            the first run. Example: repos/proj_01kb0r5v8wf5qtx1c9ht2kq6mz.git.
        created_at (datetime.datetime): When it was created. Example: 2026-01-15T10:30:00Z.
        updated_at (datetime.datetime): When it last changed. Example: 2026-01-15T11:00:00Z.
    """

    id: str
    name: str
    description: str
    status: ProjectStatus
    spec: None | Spec
    latest_run: LatestRun | None
    repo_path: str
    created_at: datetime.datetime
    updated_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        from ..models.latest_run import LatestRun
        from ..models.spec import Spec

        id = self.id
        name = self.name
        description = self.description
        status: str = self.status
        spec: dict[str, Any] | None
        if isinstance(self.spec, Spec):
            spec = self.spec.to_dict()
        else:
            spec = self.spec
        latest_run: dict[str, Any] | None
        if isinstance(self.latest_run, LatestRun):
            latest_run = self.latest_run.to_dict()
        else:
            latest_run = self.latest_run
        repo_path = self.repo_path
        created_at = self.created_at.isoformat()
        updated_at = self.updated_at.isoformat()
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "id": id,
            "name": name,
            "description": description,
            "status": status,
            "spec": spec,
            "latestRun": latest_run,
            "repoPath": repo_path,
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
        from ..models.spec import Spec

        _fields = dict(src_dict)
        id = _fields.pop("id")
        name = _fields.pop("name")
        description = _fields.pop("description")
        status = check_project_status(_fields.pop("status"))

        def _parse_spec(data: Any) -> None | Spec:
            if data is None:
                return data
            spec_type_1 = Spec.from_dict(data)

            return spec_type_1

        spec = _parse_spec(_fields.pop("spec", None))

        def _parse_latest_run(data: Any) -> LatestRun | None:
            if data is None:
                return data
            latest_run_type_1 = LatestRun.from_dict(data)

            return latest_run_type_1

        latest_run = _parse_latest_run(_fields.pop("latestRun", None))

        repo_path = _fields.pop("repoPath")
        created_at = datetime.datetime.fromisoformat(_fields.pop("createdAt"))

        updated_at = datetime.datetime.fromisoformat(_fields.pop("updatedAt"))

        _model = cls(
            id=id,
            name=name,
            description=description,
            status=status,
            spec=spec,
            latest_run=latest_run,
            repo_path=repo_path,
            created_at=created_at,
            updated_at=updated_at,
        )
        _model.additional_properties = _fields
        return _model

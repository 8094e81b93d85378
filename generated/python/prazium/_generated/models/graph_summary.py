from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.graph_status import GraphStatus, check_graph_status

if TYPE_CHECKING:
    from ..models.failure import Failure

T = TypeVar("T", bound="GraphSummary")


@_attrs_define
class GraphSummary:
    """A graph in a list.

    Attributes:
        id (str): A run's id. Example: run_01kb0r6sc2e6ha4z8m3x7jv9wd.
        name (None | str): What it is, for people; null if nobody said. Example: Nightly
            thumbnails.
        status (GraphStatus): Where the graph stands (see docs/state-machines.md). Example:
            running.
        open_tasks (int): So many tasks have not ended, items of maps included. Example: 4.
        error (Failure | None): Why it failed; null otherwise.
        parent_id (None | str): The graph that it is in; null if in none. Example:
            run_01kb0r6sc2e6ha4z8m3x7jv9wd.
        rerun_of (None | str): The graph that it is a rerun of; null if of none. Example:
            run_01kb0r6sc2e6ha4z8m3x7jv9wd.
        created_at (datetime.datetime): When it was created. Example: 2026-01-15T11:30:00Z.
        started_at (datetime.datetime | None): When its first task began. Example:
            2026-01-15T11:30:01Z.
        completed_at (datetime.datetime | None): When it ended. Example: 2026-01-15T11:30:04Z.
    """

    id: str
    name: None | str
    status: GraphStatus
    open_tasks: int
    error: Failure | None
    parent_id: None | str
    rerun_of: None | str
    created_at: datetime.datetime
    started_at: datetime.datetime | None
    completed_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        from ..models.failure import Failure

        id = self.id
        name: None | str
        name = self.name
        status: str = self.status
        open_tasks = self.open_tasks
        error: dict[str, Any] | None
        if isinstance(self.error, Failure):
            error = self.error.to_dict()
        else:
            error = self.error
        parent_id: None | str
        parent_id = self.parent_id
        rerun_of: None | str
        rerun_of = self.rerun_of
        created_at = self.created_at.isoformat()
        started_at: None | str
        if isinstance(self.started_at, datetime.datetime):
            started_at = self.started_at.isoformat()
        else:
            started_at = self.started_at
        completed_at: None | str
        if isinstance(self.completed_at, datetime.datetime):
            completed_at = self.completed_at.isoformat()
        else:
            completed_at = self.completed_at
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "id": id,
            "name": name,
            "status": status,
            "openTasks": open_tasks,
            "error": error,
            "parentId": parent_id,
            "rerunOf": rerun_of,
            "createdAt": created_at,
            "startedAt": started_at,
            "completedAt": completed_at,
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
        name = cast("None | str", _fields.pop("name", None))

        status = check_graph_status(_fields.pop("status"))

        open_tasks = _fields.pop("openTasks")

        def _parse_error(data: Any) -> Failure | None:
            if data is None:
                return data
            error_type_1 = Failure.from_dict(data)

            return error_type_1

        error = _parse_error(_fields.pop("error", None))

        parent_id = cast("None | str", _fields.pop("parentId", None))

        rerun_of = cast("None | str", _fields.pop("rerunOf", None))

        created_at = datetime.datetime.fromisoformat(_fields.pop("createdAt"))

        def _parse_started_at(data: Any) -> datetime.datetime | None:
            if data is None:
                return data
            started_at_type_0 = datetime.datetime.fromisoformat(data)

            return started_at_type_0

        started_at = _parse_started_at(_fields.pop("startedAt", None))

        def _parse_completed_at(data: Any) -> datetime.datetime | None:
            if data is None:
                return data
            completed_at_type_0 = datetime.datetime.fromisoformat(data)

            return completed_at_type_0

        completed_at = _parse_completed_at(_fields.pop("completedAt", None))

        _model = cls(
            id=id,
            name=name,
            status=status,
            open_tasks=open_tasks,
            error=error,
            parent_id=parent_id,
            rerun_of=rerun_of,
            created_at=created_at,
            started_at=started_at,
            completed_at=completed_at,
        )
        _model.additional_properties = _fields
        return _model

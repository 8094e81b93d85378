from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.agent_name import AgentName, check_agent_name
from ..models.run_status import RunStatus, check_run_status
from ..models.run_trigger import RunTrigger, check_run_trigger

if TYPE_CHECKING:
    from ..models.tasks_summary import TasksSummary

T = TypeVar("T", bound="RunSummary")


@_attrs_define
class RunSummary:
    """A run in a list.

    Attributes:
        id (str): A run's id. Example: run_01kb0r6sc2e6ha4z8m3x7jv9wd.
        run_number (int): The run's number in its project, from 1. Example: 1.
        status (RunStatus): Where the run stands (see docs/state-machines.md). Example:
            executing.
        trigger (RunTrigger): What started the run. Example: manual.
        agent (AgentName): Who does the work. Example: scaffold.
        tasks_summary (TasksSummary): How many tasks there are, and how they stand.
        created_at (datetime.datetime): When it was created. Example: 2026-01-15T11:30:00Z.
        started_at (datetime.datetime | None): When work began. Example: 2026-01-15T11:30:00Z.
        completed_at (datetime.datetime | None): When it ended. Example: 2026-01-15T11:45:00Z.
    """

    id: str
    run_number: int
    status: RunStatus
    trigger: RunTrigger
    agent: AgentName
    tasks_summary: TasksSummary
    created_at: datetime.datetime
    started_at: datetime.datetime | None
    completed_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        id = self.id
        run_number = self.run_number
        status: str = self.status
        trigger: str = self.trigger
        agent: str = self.agent
        tasks_summary = self.tasks_summary.to_dict()
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
            "runNumber": run_number,
            "status": status,
            "trigger": trigger,
            "agent": agent,
            "tasksSummary": tasks_summary,
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
        from ..models.tasks_summary import TasksSummary

        _fields = dict(src_dict)
        id = _fields.pop("id")
        run_number = _fields.pop("runNumber")
        status = check_run_status(_fields.pop("status"))

        trigger = check_run_trigger(_fields.pop("trigger"))

        agent = check_agent_name(_fields.pop("agent"))

        tasks_summary = TasksSummary.from_dict(_fields.pop("tasksSummary"))

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
            run_number=run_number,
            status=status,
            trigger=trigger,
            agent=agent,
            tasks_summary=tasks_summary,
            created_at=created_at,
            started_at=started_at,
            completed_at=completed_at,
        )
        _model.additional_properties = _fields
        return _model

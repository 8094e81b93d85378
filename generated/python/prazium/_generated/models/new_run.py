from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.agent_name import AgentName, check_agent_name
from ..models.run_status import RunStatus, check_run_status
from ..models.run_trigger import RunTrigger, check_run_trigger

T = TypeVar("T", bound="NewRun")


@_attrs_define
class NewRun:
    """A run that has just started.

    Attributes:
        id (str): A run's id. Example: run_01kb0r6sc2e6ha4z8m3x7jv9wd.
        project_id (str): A project's id. Example: proj_01kb0r5v8wf5qtx1c9ht2kq6mz.
        run_number (int): The run's number in its project, from 1. Example: 1.
        status (RunStatus): Where the run stands (see docs/state-machines.md). Example:
            executing.
        trigger (RunTrigger): What started the run. Example: manual.
        agent (AgentName): Who does the work. Example: scaffold.
        retry_of (None | str): A run's id.
        created_at (datetime.datetime): When it was created. Example: 2026-01-15T11:30:00Z.
    """

    id: str
    project_id: str
    run_number: int
    status: RunStatus
    trigger: RunTrigger
    agent: AgentName
    retry_of: None | str
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        id = self.id
        project_id = self.project_id
        run_number = self.run_number
        status: str = self.status
        trigger: str = self.trigger
        agent: str = self.agent
        retry_of: None | str
        retry_of = self.retry_of
        created_at = self.created_at.isoformat()
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "id": id,
            "projectId": project_id,
            "runNumber": run_number,
            "status": status,
            "trigger": trigger,
            "agent": agent,
            "retryOf": retry_of,
            "createdAt": created_at,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        id = _fields.pop("id")
        project_id = _fields.pop("projectId")
        run_number = _fields.pop("runNumber")
        status = check_run_status(_fields.pop("status"))

        trigger = check_run_trigger(_fields.pop("trigger"))

        agent = check_agent_name(_fields.pop("agent"))

        retry_of = cast("None | str", _fields.pop("retryOf", None))

        created_at = datetime.datetime.fromisoformat(_fields.pop("createdAt"))

        _model = cls(
            id=id,
            project_id=project_id,
            run_number=run_number,
            status=status,
            trigger=trigger,
            agent=agent,
            retry_of=retry_of,
            created_at=created_at,
        )
        _model.additional_properties = _fields
        return _model

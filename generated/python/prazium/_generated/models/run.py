from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.agent_name import AgentName, check_agent_name
from ..models.run_status import RunStatus, check_run_status
from ..models.run_trigger import RunTrigger, check_run_trigger

if TYPE_CHECKING:
    from ..models.failure import Failure
    from ..models.plan import Plan
    from ..models.spec import Spec
    from ..models.task_state import TaskState
    from ..models.tasks_summary import TasksSummary
    from ..models.verification_result import VerificationResult

T = TypeVar("T", bound="Run")


@_attrs_define
class Run:
    """One build of one spec.

    Attributes:
        id (str): A run's id. Example: run_01kb0r6sc2e6ha4z8m3x7jv9wd.
        project_id (str): A project's id. Example: proj_01kb0r5v8wf5qtx1c9ht2kq6mz.
        run_number (int): The run's number in its project, from 1. Example: 1.
        status (RunStatus): Where the run stands (see docs/state-machines.md). Example:
            executing.
        trigger (RunTrigger): What started the run. Example: manual.
        agent (AgentName): Who does the work. Example: scaffold.
        retry_of (None | str): A run's id.
        spec_snapshot (Spec): One version of a project's spec.
        tasks_json (None | Plan): The plan; null until the work is cut.
        tasks (list[TaskState]): The tasks by sequence.
        tasks_summary (TasksSummary): How many tasks there are, and how they stand.
        verification_result (None | VerificationResult): The evidence; null until the run is
            verified.
        error (Failure | None): Why the run failed; null otherwise.
        request_id (None | str): The request that brought it about; its lines in the log have
            this id.
        trace_id (None | str): The trace of the request that brought it about (W3C Trace
            Context).
        created_at (datetime.datetime): When it was created. Example: 2026-01-15T11:30:00Z.
        started_at (datetime.datetime | None): When work began. Example: 2026-01-15T11:30:00Z.
        completed_at (datetime.datetime | None): When it ended. Example: 2026-01-15T11:45:00Z.
    """

    id: str
    project_id: str
    run_number: int
    status: RunStatus
    trigger: RunTrigger
    agent: AgentName
    retry_of: None | str
    spec_snapshot: Spec
    tasks_json: None | Plan
    tasks: list[TaskState]
    tasks_summary: TasksSummary
    verification_result: None | VerificationResult
    error: Failure | None
    request_id: None | str
    trace_id: None | str
    created_at: datetime.datetime
    started_at: datetime.datetime | None
    completed_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        from ..models.failure import Failure
        from ..models.plan import Plan
        from ..models.verification_result import VerificationResult

        id = self.id
        project_id = self.project_id
        run_number = self.run_number
        status: str = self.status
        trigger: str = self.trigger
        agent: str = self.agent
        retry_of: None | str
        retry_of = self.retry_of
        spec_snapshot = self.spec_snapshot.to_dict()
        tasks_json: dict[str, Any] | None
        if isinstance(self.tasks_json, Plan):
            tasks_json = self.tasks_json.to_dict()
        else:
            tasks_json = self.tasks_json
        tasks = []
        for tasks_item_data in self.tasks:
            tasks_item = tasks_item_data.to_dict()
            tasks.append(tasks_item)

        tasks_summary = self.tasks_summary.to_dict()
        verification_result: dict[str, Any] | None
        if isinstance(self.verification_result, VerificationResult):
            verification_result = self.verification_result.to_dict()
        else:
            verification_result = self.verification_result
        error: dict[str, Any] | None
        if isinstance(self.error, Failure):
            error = self.error.to_dict()
        else:
            error = self.error
        request_id: None | str
        request_id = self.request_id
        trace_id: None | str
        trace_id = self.trace_id
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
            "projectId": project_id,
            "runNumber": run_number,
            "status": status,
            "trigger": trigger,
            "agent": agent,
            "retryOf": retry_of,
            "specSnapshot": spec_snapshot,
            "tasksJson": tasks_json,
            "tasks": tasks,
            "tasksSummary": tasks_summary,
            "verificationResult": verification_result,
            "error": error,
            "requestId": request_id,
            "traceId": trace_id,
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
        from ..models.plan import Plan
        from ..models.spec import Spec
        from ..models.task_state import TaskState
        from ..models.tasks_summary import TasksSummary
        from ..models.verification_result import VerificationResult

        _fields = dict(src_dict)
        id = _fields.pop("id")
        project_id = _fields.pop("projectId")
        run_number = _fields.pop("runNumber")
        status = check_run_status(_fields.pop("status"))

        trigger = check_run_trigger(_fields.pop("trigger"))

        agent = check_agent_name(_fields.pop("agent"))

        retry_of = cast("None | str", _fields.pop("retryOf", None))

        spec_snapshot = Spec.from_dict(_fields.pop("specSnapshot"))

        def _parse_tasks_json(data: Any) -> None | Plan:
            if data is None:
                return data
            tasks_json_type_1 = Plan.from_dict(data)

            return tasks_json_type_1

        tasks_json = _parse_tasks_json(_fields.pop("tasksJson", None))

        tasks = []
        _tasks = _fields.pop("tasks")
        for tasks_item_data in _tasks:
            tasks_item = TaskState.from_dict(tasks_item_data)

            tasks.append(tasks_item)

        tasks_summary = TasksSummary.from_dict(_fields.pop("tasksSummary"))

        def _parse_verification_result(data: Any) -> None | VerificationResult:
            if data is None:
                return data
            verification_result_type_1 = VerificationResult.from_dict(data)

            return verification_result_type_1

        verification_result = _parse_verification_result(_fields.pop("verificationResult", None))

        def _parse_error(data: Any) -> Failure | None:
            if data is None:
                return data
            error_type_1 = Failure.from_dict(data)

            return error_type_1

        error = _parse_error(_fields.pop("error", None))

        request_id = cast("None | str", _fields.pop("requestId", None))

        trace_id = cast("None | str", _fields.pop("traceId", None))

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
            project_id=project_id,
            run_number=run_number,
            status=status,
            trigger=trigger,
            agent=agent,
            retry_of=retry_of,
            spec_snapshot=spec_snapshot,
            tasks_json=tasks_json,
            tasks=tasks,
            tasks_summary=tasks_summary,
            verification_result=verification_result,
            error=error,
            request_id=request_id,
            trace_id=trace_id,
            created_at=created_at,
            started_at=started_at,
            completed_at=completed_at,
        )
        _model.additional_properties = _fields
        return _model

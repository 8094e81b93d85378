from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.task_status import TaskStatus, check_task_status

if TYPE_CHECKING:
    from ..models.failure import Failure
    from ..models.task_definition import TaskDefinition
    from ..models.task_result import TaskResult

T = TypeVar("T", bound="Task")


@_attrs_define
class Task:
    """One step of a run.

    Attributes:
        id (str): A task's id. Example: task_01kb0r6sd3fznb5w0c4y8kt1qe.
        kind (str): Which function does it. Example: build.code.
        slug (str): Its name, unique in the run. Example: ui-shell.
        status (TaskStatus): Where the task stands (see docs/state-machines.md). Example:
            running.
        sequence (int): Its place in the plan. Example: 1.
        attempt (int): How often it was begun. Example: 1.
        definition (TaskDefinition): What a task is to do, and where it may do it.
        branch_name (None | str): Its branch, if it has one. Example: run-1/feat/task-001-ui-
            shell.
        worktree_path (None | str): Its worktree, relative to the data folder; it is removed
            when the task ends. Example:
            workspaces/proj_01kb0r5v8wf5qtx1c9ht2kq6mz/wt/run-1-task-001.
        result (None | TaskResult): What it did; null until it succeeded.
        error (Failure | None): Why it failed or was begun again; null otherwise.
        request_id (None | str): The request that brought it about; its lines in the log have
            this id.
        trace_id (None | str): The trace of the request that brought it about (W3C Trace
            Context).
        started_at (datetime.datetime | None): When it was first begun. Example:
            2026-01-15T11:31:00Z.
        completed_at (datetime.datetime | None): When it ended. Example: 2026-01-15T11:35:00Z.
    """

    id: str
    kind: str
    slug: str
    status: TaskStatus
    sequence: int
    attempt: int
    definition: TaskDefinition
    branch_name: None | str
    worktree_path: None | str
    result: None | TaskResult
    error: Failure | None
    request_id: None | str
    trace_id: None | str
    started_at: datetime.datetime | None
    completed_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        from ..models.failure import Failure
        from ..models.task_result import TaskResult

        id = self.id
        kind = self.kind
        slug = self.slug
        status: str = self.status
        sequence = self.sequence
        attempt = self.attempt
        definition = self.definition.to_dict()
        branch_name: None | str
        branch_name = self.branch_name
        worktree_path: None | str
        worktree_path = self.worktree_path
        result: dict[str, Any] | None
        if isinstance(self.result, TaskResult):
            result = self.result.to_dict()
        else:
            result = self.result
        error: dict[str, Any] | None
        if isinstance(self.error, Failure):
            error = self.error.to_dict()
        else:
            error = self.error
        request_id: None | str
        request_id = self.request_id
        trace_id: None | str
        trace_id = self.trace_id
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
            "kind": kind,
            "slug": slug,
            "status": status,
            "sequence": sequence,
            "attempt": attempt,
            "definition": definition,
            "branchName": branch_name,
            "worktreePath": worktree_path,
            "result": result,
            "error": error,
            "requestId": request_id,
            "traceId": trace_id,
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
        from ..models.task_definition import TaskDefinition
        from ..models.task_result import TaskResult

        _fields = dict(src_dict)
        id = _fields.pop("id")
        kind = _fields.pop("kind")
        slug = _fields.pop("slug")
        status = check_task_status(_fields.pop("status"))

        sequence = _fields.pop("sequence")
        attempt = _fields.pop("attempt")
        definition = TaskDefinition.from_dict(_fields.pop("definition"))

        branch_name = cast("None | str", _fields.pop("branchName", None))

        worktree_path = cast("None | str", _fields.pop("worktreePath", None))

        def _parse_result(data: Any) -> None | TaskResult:
            if data is None:
                return data
            result_type_1 = TaskResult.from_dict(data)

            return result_type_1

        result = _parse_result(_fields.pop("result", None))

        def _parse_error(data: Any) -> Failure | None:
            if data is None:
                return data
            error_type_1 = Failure.from_dict(data)

            return error_type_1

        error = _parse_error(_fields.pop("error", None))

        request_id = cast("None | str", _fields.pop("requestId", None))

        trace_id = cast("None | str", _fields.pop("traceId", None))

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
            kind=kind,
            slug=slug,
            status=status,
            sequence=sequence,
            attempt=attempt,
            definition=definition,
            branch_name=branch_name,
            worktree_path=worktree_path,
            result=result,
            error=error,
            request_id=request_id,
            trace_id=trace_id,
            started_at=started_at,
            completed_at=completed_at,
        )
        _model.additional_properties = _fields
        return _model

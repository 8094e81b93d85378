from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.task_condition import TaskCondition, check_task_condition
from ..models.task_status import TaskStatus, check_task_status

if TYPE_CHECKING:
    from ..models.failure import Failure

T = TypeVar("T", bound="GraphTask")


@_attrs_define
class GraphTask:
    """A task of a graph; a job of its own has the id `childId`, as has a graph in the graph.

    Attributes:
        id (str): A task's id. Example: task_01kb0r6sd3fznb5w0c4y8kt1qe.
        slug (str): Its name. Example: resize.
        kind (str): What does it: a kind of jobs, or map, wait, graph. Example: http.
        status (TaskStatus): Where the task stands (see docs/state-machines.md). Example:
            running.
        when (TaskCondition): When a task runs: all that it depends on have succeeded, one of
            them has, or all have ended, however. Example: all_succeeded.
        depends_on (list[str]): The tasks that have to end before. Example: ['list'].
        attempt (int): How often a worker began it, or the job that it started; 0 for a map, a
            wait and a graph. Example: 1.
        result (Any): What came of it, any JSON; null before it succeeded and if it has more
            than 64 KiB. Example: {'width': 200}.
        result_size (int | None): The size of the result in bytes; null before there is one.
            Example: 14.
        error (Failure | None): Why it failed or was begun again; null otherwise.
        child_id (None | str): The job or graph that it started; null if none. Example:
            job_01kb0rd2y5hqv7w9sk3p6n8r4t.
        started_at (datetime.datetime | None): When it was first begun. Example:
            2026-01-15T11:30:01Z.
        completed_at (datetime.datetime | None): When it ended. Example: 2026-01-15T11:30:04Z.
    """

    id: str
    slug: str
    kind: str
    status: TaskStatus
    when: TaskCondition
    depends_on: list[str]
    attempt: int
    result: Any
    result_size: int | None
    error: Failure | None
    child_id: None | str
    started_at: datetime.datetime | None
    completed_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        from ..models.failure import Failure

        id = self.id
        slug = self.slug
        kind = self.kind
        status: str = self.status
        when: str = self.when
        depends_on = self.depends_on

        attempt = self.attempt
        result = self.result
        result_size: int | None
        result_size = self.result_size
        error: dict[str, Any] | None
        if isinstance(self.error, Failure):
            error = self.error.to_dict()
        else:
            error = self.error
        child_id: None | str
        child_id = self.child_id
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
            "slug": slug,
            "kind": kind,
            "status": status,
            "when": when,
            "dependsOn": depends_on,
            "attempt": attempt,
            "result": result,
            "resultSize": result_size,
            "error": error,
            "childId": child_id,
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
        slug = _fields.pop("slug")
        kind = _fields.pop("kind")
        status = check_task_status(_fields.pop("status"))

        when = check_task_condition(_fields.pop("when"))

        depends_on = cast(list[str], _fields.pop("dependsOn"))

        attempt = _fields.pop("attempt")
        result = _fields.pop("result")
        result_size = cast("int | None", _fields.pop("resultSize", None))

        def _parse_error(data: Any) -> Failure | None:
            if data is None:
                return data
            error_type_1 = Failure.from_dict(data)

            return error_type_1

        error = _parse_error(_fields.pop("error", None))

        child_id = cast("None | str", _fields.pop("childId", None))

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
            slug=slug,
            kind=kind,
            status=status,
            when=when,
            depends_on=depends_on,
            attempt=attempt,
            result=result,
            result_size=result_size,
            error=error,
            child_id=child_id,
            started_at=started_at,
            completed_at=completed_at,
        )
        _model.additional_properties = _fields
        return _model

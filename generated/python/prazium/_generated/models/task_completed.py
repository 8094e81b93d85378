from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.task_outcome import TaskOutcome, check_task_outcome

if TYPE_CHECKING:
    from ..models.failure import Failure

T = TypeVar("T", bound="TaskCompleted")


@_attrs_define
class TaskCompleted:
    """A task ended.

    Attributes:
        status (TaskOutcome): How a task ended. One that could never run any more was skipped.
            Example: succeeded.
        error (Failure | None): Why a run, task, job or export failed.
    """

    status: TaskOutcome
    error: Failure | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        from ..models.failure import Failure

        status: str = self.status
        error: dict[str, Any] | None
        if isinstance(self.error, Failure):
            error = self.error.to_dict()
        else:
            error = self.error
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "status": status,
            "error": error,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.failure import Failure

        _fields = dict(src_dict)
        status = check_task_outcome(_fields.pop("status"))

        def _parse_error(data: Any) -> Failure | None:
            if data is None:
                return data
            error_type_1 = Failure.from_dict(data)

            return error_type_1

        error = _parse_error(_fields.pop("error", None))

        _model = cls(
            status=status,
            error=error,
        )
        _model.additional_properties = _fields
        return _model

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.completion_outcome import CompletionOutcome, check_completion_outcome

if TYPE_CHECKING:
    from ..models.item_error import ItemError

T = TypeVar("T", bound="CompletedJob")


@_attrs_define
class CompletedJob:
    """What became of one completion.

    Attributes:
        job_id (str): A job's id. Example: job_01kb0rd2y5hqv7w9sk3p6n8r4t.
        outcome (CompletionOutcome): What became of a completion: recorded (done), its lease is
            lost (stale), or its result is refused and the lease goes on. Example: done.
        error (ItemError | None): Why it was refused; null otherwise.
    """

    job_id: str
    outcome: CompletionOutcome
    error: ItemError | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        from ..models.item_error import ItemError

        job_id = self.job_id
        outcome: str = self.outcome
        error: dict[str, Any] | None
        if isinstance(self.error, ItemError):
            error = self.error.to_dict()
        else:
            error = self.error
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "jobId": job_id,
            "outcome": outcome,
            "error": error,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.item_error import ItemError

        _fields = dict(src_dict)
        job_id = _fields.pop("jobId")
        outcome = check_completion_outcome(_fields.pop("outcome"))

        def _parse_error(data: Any) -> ItemError | None:
            if data is None:
                return data
            error_type_1 = ItemError.from_dict(data)

            return error_type_1

        error = _parse_error(_fields.pop("error", None))

        _model = cls(
            job_id=job_id,
            outcome=outcome,
            error=error,
        )
        _model.additional_properties = _fields
        return _model

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.job_completion import JobCompletion

T = TypeVar("T", bound="CompleteJobs")


@_attrs_define
class CompleteJobs:
    """What came of many jobs.

    Attributes:
        completions (list[JobCompletion]): The jobs.
    """

    completions: list[JobCompletion]

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        completions = []
        for completions_item_data in self.completions:
            completions_item = completions_item_data.to_dict()
            completions.append(completions_item)

        field_dict: dict[str, Any] = {
            "completions": completions,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.job_completion import JobCompletion

        _fields = dict(src_dict)
        completions = []
        _completions = _fields.pop("completions")
        for completions_item_data in _completions:
            completions_item = JobCompletion.from_dict(completions_item_data)

            completions.append(completions_item)

        _model = cls(
            completions=completions,
        )
        return _model

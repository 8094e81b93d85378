from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.new_job import NewJob

T = TypeVar("T", bound="NewJobs")


@_attrs_define
class NewJobs:
    """Jobs to be created together.

    Attributes:
        jobs (list[NewJob]): The jobs.
    """

    jobs: list[NewJob]

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        jobs = []
        for jobs_item_data in self.jobs:
            jobs_item = jobs_item_data.to_dict()
            jobs.append(jobs_item)

        field_dict: dict[str, Any] = {
            "jobs": jobs,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.new_job import NewJob

        _fields = dict(src_dict)
        jobs = []
        _jobs = _fields.pop("jobs")
        for jobs_item_data in _jobs:
            jobs_item = NewJob.from_dict(jobs_item_data)

            jobs.append(jobs_item)

        _model = cls(
            jobs=jobs,
        )
        return _model

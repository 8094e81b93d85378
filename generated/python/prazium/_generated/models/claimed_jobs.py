from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.claimed_job import ClaimedJob

T = TypeVar("T", bound="ClaimedJobs")


@_attrs_define
class ClaimedJobs:
    """What a worker is to do.

    Attributes:
        worker_id (str): A worker's id. Example: wrk_01kb0rg5t7kvy1a3wn6s9r2x8z.
        jobs (list[ClaimedJob]): The jobs.
    """

    worker_id: str
    jobs: list[ClaimedJob]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        worker_id = self.worker_id
        jobs = []
        for jobs_item_data in self.jobs:
            jobs_item = jobs_item_data.to_dict()
            jobs.append(jobs_item)

        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "workerId": worker_id,
            "jobs": jobs,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.claimed_job import ClaimedJob

        _fields = dict(src_dict)
        worker_id = _fields.pop("workerId")
        jobs = []
        _jobs = _fields.pop("jobs")
        for jobs_item_data in _jobs:
            jobs_item = ClaimedJob.from_dict(jobs_item_data)

            jobs.append(jobs_item)

        _model = cls(
            worker_id=worker_id,
            jobs=jobs,
        )
        _model.additional_properties = _fields
        return _model

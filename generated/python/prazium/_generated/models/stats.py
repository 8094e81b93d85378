from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.project_stats import ProjectStats
    from ..models.queue_stats import QueueStats
    from ..models.run_stats import RunStats
    from ..models.worker_stats import WorkerStats

T = TypeVar("T", bound="Stats")


@_attrs_define
class Stats:
    """Figures of the whole installation.

    Attributes:
        projects (ProjectStats): Projects that are not archived.
        runs (RunStats): Builds.
        queue (QueueStats): Tasks that are ready.
        workers (WorkerStats): Workers.
    """

    projects: ProjectStats
    runs: RunStats
    queue: QueueStats
    workers: WorkerStats
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        projects = self.projects.to_dict()
        runs = self.runs.to_dict()
        queue = self.queue.to_dict()
        workers = self.workers.to_dict()
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "projects": projects,
            "runs": runs,
            "queue": queue,
            "workers": workers,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.project_stats import ProjectStats
        from ..models.queue_stats import QueueStats
        from ..models.run_stats import RunStats
        from ..models.worker_stats import WorkerStats

        _fields = dict(src_dict)
        projects = ProjectStats.from_dict(_fields.pop("projects"))

        runs = RunStats.from_dict(_fields.pop("runs"))

        queue = QueueStats.from_dict(_fields.pop("queue"))

        workers = WorkerStats.from_dict(_fields.pop("workers"))

        _model = cls(
            projects=projects,
            runs=runs,
            queue=queue,
            workers=workers,
        )
        _model.additional_properties = _fields
        return _model

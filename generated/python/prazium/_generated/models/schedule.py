from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.catch_up import CatchUp, check_catch_up
from ..models.overlap import Overlap, check_overlap

if TYPE_CHECKING:
    from ..models.job_template import JobTemplate

T = TypeVar("T", bound="Schedule")


@_attrs_define
class Schedule:
    """A job that is created again and again.

    Attributes:
        id (str): A schedule's id. Example: sch_01kb0rf4s6jtx9z2vm5r8q1w7y.
        name (str): The schedule's name, unique in the tenant. Example: Nightly report.
        cron (str): When: minute, hour, day of month, month, day of week, as in
            docs/schedules.md; or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`. It must
            fire within 50 years, and at most once a minute. Example: 30 2 * * 1-5.
        time_zone (str): The time zone of the cron expression, by its IANA name. A time that the
            change to summer time leaves out comes at once after it; one that comes twice counts
            once. What fires every hour goes on through such a night. Example: Europe/Zurich.
        catch_up (CatchUp): What becomes of times that passed while nothing could run or the
            schedule was paused; none, only the last, or all are made up for. Example: one.
        catch_up_limit (int): With `catchUp` all, at most so many of the times that passed, the
            last ones. Example: 100.
        overlap (Overlap): Whether a job is created although the last one has not ended. With
            `skip`, `catchUp` all is as one. Example: skip.
        paused (bool): Whether it waits to be resumed. Example: False.
        job (JobTemplate): The job that a schedule creates. Example: {'kind': 'http', 'input':
            {'url': 'https://example.com/report', 'method': 'POST'}, 'tags': ['report']}.
        last_run_at (datetime.datetime | None): The last time for which it created a job.
            Example: 2026-01-15T01:30:00Z.
        last_job_id (None | str): The last job that it created. Example:
            job_01kb0rd2y5hqv7w9sk3p6n8r4t.
        next_runs (list[datetime.datetime]): Its next five times; none while it is paused, as
            which come depends on when it is resumed; that answer shows them. Example:
            ['2026-01-16T01:30:00Z'].
        created_at (datetime.datetime): When it was created. Example: 2026-01-15T11:30:00Z.
        updated_at (datetime.datetime): When it last changed. Example: 2026-01-15T11:30:00Z.
    """

    id: str
    name: str
    cron: str
    time_zone: str
    catch_up: CatchUp
    catch_up_limit: int
    overlap: Overlap
    paused: bool
    job: JobTemplate
    last_run_at: datetime.datetime | None
    last_job_id: None | str
    next_runs: list[datetime.datetime]
    created_at: datetime.datetime
    updated_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        id = self.id
        name = self.name
        cron = self.cron
        time_zone = self.time_zone
        catch_up: str = self.catch_up
        catch_up_limit = self.catch_up_limit
        overlap: str = self.overlap
        paused = self.paused
        job = self.job.to_dict()
        last_run_at: None | str
        if isinstance(self.last_run_at, datetime.datetime):
            last_run_at = self.last_run_at.isoformat()
        else:
            last_run_at = self.last_run_at
        last_job_id: None | str
        last_job_id = self.last_job_id
        next_runs = []
        for next_runs_item_data in self.next_runs:
            next_runs_item = next_runs_item_data.isoformat()
            next_runs.append(next_runs_item)

        created_at = self.created_at.isoformat()
        updated_at = self.updated_at.isoformat()
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "id": id,
            "name": name,
            "cron": cron,
            "timeZone": time_zone,
            "catchUp": catch_up,
            "catchUpLimit": catch_up_limit,
            "overlap": overlap,
            "paused": paused,
            "job": job,
            "lastRunAt": last_run_at,
            "lastJobId": last_job_id,
            "nextRuns": next_runs,
            "createdAt": created_at,
            "updatedAt": updated_at,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.job_template import JobTemplate

        _fields = dict(src_dict)
        id = _fields.pop("id")
        name = _fields.pop("name")
        cron = _fields.pop("cron")
        time_zone = _fields.pop("timeZone")
        catch_up = check_catch_up(_fields.pop("catchUp"))

        catch_up_limit = _fields.pop("catchUpLimit")
        overlap = check_overlap(_fields.pop("overlap"))

        paused = _fields.pop("paused")
        job = JobTemplate.from_dict(_fields.pop("job"))

        def _parse_last_run_at(data: Any) -> datetime.datetime | None:
            if data is None:
                return data
            last_run_at_type_0 = datetime.datetime.fromisoformat(data)

            return last_run_at_type_0

        last_run_at = _parse_last_run_at(_fields.pop("lastRunAt", None))

        last_job_id = cast("None | str", _fields.pop("lastJobId", None))

        next_runs = []
        _next_runs = _fields.pop("nextRuns")
        for next_runs_item_data in _next_runs:
            next_runs_item = datetime.datetime.fromisoformat(next_runs_item_data)

            next_runs.append(next_runs_item)

        created_at = datetime.datetime.fromisoformat(_fields.pop("createdAt"))

        updated_at = datetime.datetime.fromisoformat(_fields.pop("updatedAt"))

        _model = cls(
            id=id,
            name=name,
            cron=cron,
            time_zone=time_zone,
            catch_up=catch_up,
            catch_up_limit=catch_up_limit,
            overlap=overlap,
            paused=paused,
            job=job,
            last_run_at=last_run_at,
            last_job_id=last_job_id,
            next_runs=next_runs,
            created_at=created_at,
            updated_at=updated_at,
        )
        _model.additional_properties = _fields
        return _model

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..models.catch_up import CatchUp, check_catch_up
from ..models.overlap import Overlap, check_overlap
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.job_template import JobTemplate

T = TypeVar("T", bound="UpdateSchedule")


@_attrs_define
class UpdateSchedule:
    """What of a schedule is to change.

    Attributes:
        name (str | Unset): The schedule's name, unique in the tenant. Example: Nightly report.
        cron (str | Unset): When: minute, hour, day of month, month, day of week, as in
            docs/schedules.md; or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`. It must
            fire within 50 years, and at most once a minute. Example: 30 2 * * 1-5.
        time_zone (str | Unset): The time zone of the cron expression, by its IANA name. A time
            that the change to summer time leaves out comes at once after it; one that comes twice
            counts once. What fires every hour goes on through such a night. Example: Europe/Zurich.
        catch_up (CatchUp | Unset): What becomes of times that passed while nothing could run or
            the schedule was paused; none, only the last, or all are made up for. Example: one.
        catch_up_limit (int | Unset): With `catchUp` all, at most so many of the times that
            passed, the last ones. Example: 100.
        overlap (Overlap | Unset): Whether a job is created although the last one has not ended.
            With `skip`, `catchUp` all is as one. Example: skip.
        job (JobTemplate | Unset): The job that a schedule creates. Example: {'kind': 'http',
            'input': {'url': 'https://example.com/report', 'method': 'POST'}, 'tags': ['report']}.
    """

    name: str | Unset = UNSET
    cron: str | Unset = UNSET
    time_zone: str | Unset = UNSET
    catch_up: CatchUp | Unset = UNSET
    catch_up_limit: int | Unset = UNSET
    overlap: Overlap | Unset = UNSET
    job: JobTemplate | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        name = self.name
        cron = self.cron
        time_zone = self.time_zone
        catch_up: str | Unset = UNSET
        if not isinstance(self.catch_up, Unset):
            catch_up = self.catch_up

        catch_up_limit = self.catch_up_limit
        overlap: str | Unset = UNSET
        if not isinstance(self.overlap, Unset):
            overlap = self.overlap

        job: dict[str, Any] | Unset = UNSET
        if not isinstance(self.job, Unset):
            job = self.job.to_dict()
        field_dict: dict[str, Any] = {}
        if name is not UNSET:
            field_dict["name"] = name
        if cron is not UNSET:
            field_dict["cron"] = cron
        if time_zone is not UNSET:
            field_dict["timeZone"] = time_zone
        if catch_up is not UNSET:
            field_dict["catchUp"] = catch_up
        if catch_up_limit is not UNSET:
            field_dict["catchUpLimit"] = catch_up_limit
        if overlap is not UNSET:
            field_dict["overlap"] = overlap
        if job is not UNSET:
            field_dict["job"] = job
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.job_template import JobTemplate

        _fields = dict(src_dict)
        name = _fields.pop("name", UNSET)
        cron = _fields.pop("cron", UNSET)
        time_zone = _fields.pop("timeZone", UNSET)
        _catch_up = _fields.pop("catchUp", UNSET)
        catch_up: CatchUp | Unset
        if isinstance(_catch_up, Unset):
            catch_up = UNSET
        else:
            catch_up = check_catch_up(_catch_up)

        catch_up_limit = _fields.pop("catchUpLimit", UNSET)
        _overlap = _fields.pop("overlap", UNSET)
        overlap: Overlap | Unset
        if isinstance(_overlap, Unset):
            overlap = UNSET
        else:
            overlap = check_overlap(_overlap)

        _job = _fields.pop("job", UNSET)
        job: JobTemplate | Unset
        if isinstance(_job, Unset):
            job = UNSET
        else:
            job = JobTemplate.from_dict(_job)

        _model = cls(
            name=name,
            cron=cron,
            time_zone=time_zone,
            catch_up=catch_up,
            catch_up_limit=catch_up_limit,
            overlap=overlap,
            job=job,
        )
        return _model

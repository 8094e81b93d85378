"""client.schedules"""

from collections.abc import Iterator, Mapping
from typing import Any

from .._calls import given
from .._events import TenantEvent
from .._generated.api.schedules import (
    create_schedule,
    delete_schedule,
    get_schedule,
    list_schedule_events,
    list_schedules,
    pause_schedule,
    resume_schedule,
    trigger_schedule,
    update_schedule,
)
from .._idempotency import Key
from ..models import (
    CatchUp,
    CreatedJob,
    JobTemplate,
    NewSchedule,
    Overlap,
    Schedule,
    UpdateSchedule,
)
from .resource import Pages, Resource


class Schedules(Resource):
    """Jobs that are created again and again, at the times of a cron expression."""

    def create(
        self,
        *,
        name: str,
        cron: str,
        job: Mapping[str, Any],
        time_zone: str | None = None,
        catch_up: CatchUp | None = None,
        catch_up_limit: int | None = None,
        overlap: Overlap | None = None,
        paused: bool | None = None,
        idempotency_key: Key = None,
    ) -> Schedule:
        """Create a job at the times of a cron expression, in a time zone, from now on.

        `job` is what `POST /orchestrator/schedules` takes: `{"kind": "http", "input": {…}}`.

        Raises: ValidationError if it never fires, ConflictError if a schedule has the name.
        """
        body = NewSchedule(
            name=name,
            cron=cron,
            job=JobTemplate.from_dict(job),
            time_zone=given(time_zone),
            catch_up=given(catch_up),
            catch_up_limit=given(catch_up_limit),
            overlap=given(overlap),
            paused=given(paused),
        )
        return self._data(create_schedule.call(body=body), idempotency_key)

    def list(self, *, page_size: int = 20) -> Pages[Schedule]:
        """The schedules by name."""
        return self._pages(lambda page: list_schedules.call(page=page, page_size=page_size))

    def get(self, schedule_id: str) -> Schedule:
        """The schedule with its next five times."""
        return self._data(get_schedule.call(schedule_id))

    def update(
        self,
        schedule_id: str,
        *,
        name: str | None = None,
        cron: str | None = None,
        job: Mapping[str, Any] | None = None,
        time_zone: str | None = None,
        catch_up: CatchUp | None = None,
        catch_up_limit: int | None = None,
        overlap: Overlap | None = None,
        idempotency_key: Key = None,
    ) -> Schedule:
        """Change what is given; another expression or zone counts from now on.

        Raises: ValidationError if it never fires, ConflictError if a schedule has the name.
        """
        body = UpdateSchedule(
            name=given(name),
            cron=given(cron),
            job=given(None if job is None else JobTemplate.from_dict(job)),
            time_zone=given(time_zone),
            catch_up=given(catch_up),
            catch_up_limit=given(catch_up_limit),
            overlap=given(overlap),
        )
        return self._data(update_schedule.call(schedule_id, body=body), idempotency_key)

    def pause(self, schedule_id: str, *, idempotency_key: Key = None) -> Schedule:
        """Create no jobs until it is resumed."""
        return self._data(pause_schedule.call(schedule_id), idempotency_key)

    def resume(self, schedule_id: str, *, idempotency_key: Key = None) -> Schedule:
        """Create jobs again; `catch_up` says what becomes of the times of the pause."""
        return self._data(resume_schedule.call(schedule_id), idempotency_key)

    def trigger(self, schedule_id: str, *, idempotency_key: Key = None) -> CreatedJob:
        """Create its job now, also while it is paused or its last job runs."""
        return self._data(trigger_schedule.call(schedule_id), idempotency_key)

    def delete(self, schedule_id: str) -> Schedule:
        """Create no more jobs; those that it created stay."""
        return self._data(delete_schedule.call(schedule_id))

    def events(self, schedule_id: str, *, page_size: int = 100) -> Iterator[TenantEvent]:
        """What became of it, newest first, and the times without a job."""
        for event in self._sections(
            lambda cursor: list_schedule_events.call(
                schedule_id, cursor=given(cursor), limit=page_size
            )
        ):
            yield TenantEvent.in_log(event)

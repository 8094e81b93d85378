"""client.jobs"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from .._calls import Call, given
from .._events import Event
from .._generated.api.jobs import (
    cancel_job,
    cancel_jobs,
    create_job,
    create_jobs,
    get_job,
    get_job_result,
    list_job_events,
    list_job_logs,
    list_jobs,
    retry_job,
    retry_jobs,
    stream_job_events,
)
from .._idempotency import Key
from ..models import (
    ChangedJobs,
    ChangeJobs,
    CreatedJob,
    CreatedJobs,
    EventType,
    Job,
    JobFilter,
    JobState,
    JobStatus,
    JobSummary,
    LogLevel,
    LogLine,
    NewJob,
    NewJobs,
)
from .resource import Resource


class Jobs(Resource):
    """Work of any kind, done once: by built-in kinds or by workers of your own."""

    def create(
        self,
        kind: str,
        input: Mapping[str, Any] | None = None,
        *,
        idempotency_key: Key = None,
        **options: Any,
    ) -> CreatedJob:
        """Have something done once.

        The options are those of `POST /orchestrator/jobs` by their names there: `queue="images"`,
        `priority=5`, `dedupeKey="one"`, `retry={"maxAttempts": 5}`.

        Raises: ValidationError for an unknown kind, or an input that is not what it takes.
        """
        body = NewJob.from_dict({"kind": kind, "input": input or {}, **options})
        return self._data(create_job.call(body=body), idempotency_key)

    def create_many(
        self, jobs: Sequence[Mapping[str, Any]], *, idempotency_key: Key = None
    ) -> CreatedJobs:
        """Up to 1,000 jobs in one transaction, each as `POST /orchestrator/jobs` takes it.

        What cannot be created is told by its place.
        """
        body = NewJobs(jobs=[NewJob.from_dict(job) for job in jobs])
        return self._data(create_jobs.call(body=body), idempotency_key)

    def list(
        self,
        *,
        status: JobStatus | None = None,
        queue: str | None = None,
        kind: str | None = None,
        tag: str | None = None,
        schedule_id: str | None = None,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        page_size: int = 100,
    ) -> Iterator[JobSummary]:
        """The jobs that fit, newest first."""
        for job in self._sections(
            lambda cursor: list_jobs.call(
                status=given(status),
                queue=given(queue),
                kind=given(kind),
                tag=given(tag),
                schedule_id=given(schedule_id),
                created_after=given(created_after),
                created_before=given(created_before),
                cursor=given(cursor),
                limit=page_size,
            )
        ):
            yield job

    def get(self, job_id: str) -> Job:
        """The job as it is now."""
        return self._data(get_job.call(job_id))

    def result(self, job_id: str) -> Any:
        """The whole result, of any size.

        Raises: ConflictError before the job has succeeded.
        """
        request = get_job_result.call(job_id).request
        return self._transport.send(Call(request, lambda result: result))

    def cancel(self, job_id: str, *, idempotency_key: Key = None) -> JobState:
        """End the job; a worker that is at it can record nothing more.

        Raises: ConflictError if it has ended.
        """
        return self._data(cancel_job.call(job_id), idempotency_key)

    def retry(self, job_id: str, *, idempotency_key: Key = None) -> JobState:
        """Queue the same job again with fresh attempts.

        Raises: ConflictError if it has not ended, or another job has its dedupe key.
        """
        return self._data(retry_job.call(job_id), idempotency_key)

    def cancel_many(
        self, *, limit: int = 10_000, idempotency_key: Key = None, **filters: Any
    ) -> ChangedJobs:
        """Cancel jobs that fit: `queue="images"`, `jobIds=[…]`; again while there are `more`."""
        body = ChangeJobs(filter_=JobFilter.from_dict(filters), limit=limit)
        return self._data(cancel_jobs.call(body=body), idempotency_key)

    def retry_many(
        self, *, limit: int = 10_000, idempotency_key: Key = None, **filters: Any
    ) -> ChangedJobs:
        """Queue jobs that fit again, failed ones unless `status` says otherwise."""
        body = ChangeJobs(filter_=JobFilter.from_dict(filters), limit=limit)
        return self._data(retry_jobs.call(body=body), idempotency_key)

    def wait(self, job_id: str, *, timeout: float | None = None) -> Job:  # noqa: ASYNC109
        """The job when it has ended, however it ended.

        Raises: Timeout after `timeout` seconds.
        """
        return self._until(
            lambda job: job.completed_at is not None, lambda: self.get(job_id), timeout
        )

    def events(
        self,
        job_id: str,
        *,
        after_seq: int = 0,
        type: EventType | None = None,
        page_size: int = 100,
    ) -> Iterator[Event]:
        """The job's events in order, only those after a number or of a type."""
        more = True
        while more:
            call = list_job_events.call(
                job_id, after_seq=after_seq, type_=given(type), limit=page_size
            )
            found = self._data(call)
            for event in found:
                after_seq = event.seq
                yield Event.in_log(event)
            more = len(found) >= page_size

    def stream_events(
        self, job_id: str, *, last_event_id: int | None = None
    ) -> Generator[Event, None, None]:
        """The job's events as they happen; `runs.stream_events` says how."""
        for event in self._follow(
            lambda last: stream_job_events.call(job_id, last_event_id=given(last)),
            self._place(last_event_id),
        ):
            yield event

    def logs(
        self,
        job_id: str,
        *,
        after_seq: int = 0,
        level: LogLevel | None = None,
        page_size: int = 100,
    ) -> Iterator[LogLine]:
        """The lines that the worker wrote, in order."""
        more = True
        while more:
            call = list_job_logs.call(
                job_id, after_seq=after_seq, level=given(level), limit=page_size
            )
            found = self._data(call)
            for line in found:
                after_seq = line.seq
                yield line
            more = len(found) >= page_size

"""client.runs"""

from collections.abc import Generator

from .._calls import given
from .._events import Event
from .._generated.api.events import stream_events
from .._generated.api.runs import cancel_run, get_run, list_runs, retry_run, start_run
from .._idempotency import Key
from ..models import AgentName, NewRun, Run, RunState, RunStatus, RunSummary, StartRun
from .resource import Pages, Resource


class Runs(Resource):
    """Builds: one run carries one approved spec to a verified application."""

    def start(
        self, project_id: str, *, agent: AgentName | None = None, idempotency_key: Key = None
    ) -> NewRun:
        """Build the approved spec, with the named agent or the service's own choice.

        Raises: ConflictError if nothing is approved or a run is live.
        """
        body = StartRun(agent=given(agent))
        return self._data(start_run.call(project_id, body=body), idempotency_key)

    def list(
        self, project_id: str, *, status: RunStatus | None = None, page_size: int = 20
    ) -> Pages[RunSummary]:
        """The project's runs, newest first."""
        return self._pages(
            lambda page: list_runs.call(
                project_id, page=page, page_size=page_size, status=given(status)
            )
        )

    def get(self, project_id: str, run_id: str) -> Run:
        """The run with its spec, plan, tasks and the evidence of its verification."""
        return self._data(get_run.call(project_id, run_id))

    def cancel(self, project_id: str, run_id: str, *, idempotency_key: Key = None) -> RunState:
        """Stop the run and the work of its tasks.

        Raises: ConflictError if it has ended.
        """
        return self._data(cancel_run.call(project_id, run_id), idempotency_key)

    def retry(self, project_id: str, run_id: str, *, idempotency_key: Key = None) -> NewRun:
        """Start a new run with the same spec and agent.

        Raises: ConflictError if the run has not ended, or another is live.
        """
        return self._data(retry_run.call(project_id, run_id), idempotency_key)

    def wait(
        self,
        project_id: str,
        run_id: str,
        *,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> Run:
        """The run when it has ended, however it ended.

        Raises: Timeout after `timeout` seconds.
        """
        return self._until(
            lambda run: run.completed_at is not None,
            lambda: self.get(project_id, run_id),
            timeout,
        )

    def stream_events(
        self, project_id: str, run_id: str, *, last_event_id: int | None = None
    ) -> Generator[Event, None, None]:
        """The events of a run as they happen, from the first or from the one after the given.

        A connection that breaks or falls silent is taken up where it was, without gap or
        duplicate, as often as `Reconnect` allows. The iterator ends with the run.

        Raises: APIError, ConnectionFailed, Timeout, MalformedAnswer.
        """
        for event in self._follow(
            lambda last: stream_events.call(project_id, run_id, last_event_id=given(last)),
            self._place(last_event_id),
        ):
            yield event

"""client.graphs"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from typing import Any

from .._calls import Call, given
from .._events import Event
from .._generated.api.graphs import (
    answer_graph_task,
    cancel_graph,
    cancel_graph_task,
    create_graph,
    get_graph,
    list_graph_events,
    list_graph_tasks,
    list_graphs,
    rerun_graph,
    retry_graph_task,
    signal_graph,
    stream_graph_events,
)
from .._generated.models.graph_state_response import GraphStateResponse
from .._idempotency import Key
from ..models import (
    AnswerGraphTask,
    EventType,
    Graph,
    GraphPlan,
    GraphState,
    GraphStatus,
    GraphSummary,
    GraphTask,
    GraphTaskState,
    NewGraph,
    RerunGraph,
    SignalGraph,
    SignalledGraph,
)
from .resource import AsyncResource


class AsyncGraphs(AsyncResource):
    """Tasks that wait for each other."""

    async def create(
        self,
        tasks: Sequence[Mapping[str, Any]],
        *,
        idempotency_key: Key = None,
        **options: Any,
    ) -> GraphState:
        """Have tasks done in their order.

        `tasks` and `options` are what `POST /orchestrator/graphs` takes: `[{"slug": "a", "kind":
        "http", "input": {…}}, {"slug": "b", "wait": {"for": "answer"}, "dependsOn": ["a"]}]`.

        Raises: ValidationError for what is no graph.
        """
        body = NewGraph.from_dict({"tasks": list(tasks), **options})
        # Of the two answers of this operation, the generated call reads the plan.
        call = Call(create_graph.call(body=body).request, GraphStateResponse.from_dict)
        return await self._data(call, idempotency_key)

    async def plan(self, tasks: Sequence[Mapping[str, Any]], **options: Any) -> GraphPlan:
        """What `create` would do, level by level; nothing is stored.

        Raises: ValidationError for what is no graph.
        """
        body = NewGraph.from_dict({"tasks": list(tasks), **options, "dryRun": True})
        return await self._data(create_graph.call(body=body))

    async def list(
        self, *, status: GraphStatus | None = None, page_size: int = 100
    ) -> AsyncIterator[GraphSummary]:
        """The graphs that fit, newest first."""
        async for graph in self._sections(
            lambda cursor: list_graphs.call(
                status=given(status), cursor=given(cursor), limit=page_size
            )
        ):
            yield graph

    async def get(self, graph_id: str) -> Graph:
        """The graph with the states of its tasks."""
        return await self._data(get_graph.call(graph_id))

    async def tasks(
        self, graph_id: str, *, items_of: str | None = None, page_size: int = 100
    ) -> AsyncIterator[GraphTask]:
        """The tasks in order with their results, or the items of a map by its slug."""
        async for task in self._sections(
            lambda cursor: list_graph_tasks.call(
                graph_id, items_of=given(items_of), cursor=given(cursor), limit=page_size
            )
        ):
            yield task

    async def cancel(self, graph_id: str, *, idempotency_key: Key = None) -> GraphState:
        """End the graph with all that is in it.

        Raises: ConflictError if it has ended.
        """
        return await self._data(cancel_graph.call(graph_id), idempotency_key)

    async def rerun(
        self, graph_id: str, *, from_task: str | None = None, idempotency_key: Key = None
    ) -> GraphState:
        """A new graph that keeps the results of what need not be done again.

        Raises: ConflictError if this one has not ended.
        """
        body = RerunGraph(from_task=given(from_task))
        return await self._data(rerun_graph.call(graph_id, body=body), idempotency_key)

    async def signal(
        self, graph_id: str, name: str, payload: Any = None, *, idempotency_key: Key = None
    ) -> SignalledGraph:
        """Send a signal: it ends the first wait for it, or is kept for the next.

        Raises: ConflictError if the graph has ended.
        """
        body = SignalGraph(name=name, payload=payload)
        return await self._data(signal_graph.call(graph_id, body=body), idempotency_key)

    async def retry_task(
        self, graph_id: str, task_id: str, *, idempotency_key: Key = None
    ) -> GraphTaskState:
        """Do a task again that has failed or was cancelled.

        Raises: ConflictError if it is in another state, or the graph has ended.
        """
        return await self._data(retry_graph_task.call(graph_id, task_id), idempotency_key)

    async def cancel_task(
        self, graph_id: str, task_id: str, *, idempotency_key: Key = None
    ) -> GraphTaskState:
        """End one task; what does not need it goes on.

        Raises: ConflictError if it has ended.
        """
        return await self._data(cancel_graph_task.call(graph_id, task_id), idempotency_key)

    async def answer(
        self, graph_id: str, task_id: str, answer: Any, *, idempotency_key: Key = None
    ) -> GraphTaskState:
        """Answer a task that waits for it.

        Raises: ForbiddenError if another key has to, ConflictError if it does not wait.
        """
        body = AnswerGraphTask(answer=answer)
        return await self._data(
            answer_graph_task.call(graph_id, task_id, body=body), idempotency_key
        )

    async def events(
        self,
        graph_id: str,
        *,
        after_seq: int = 0,
        type: EventType | None = None,
        page_size: int = 100,
    ) -> AsyncIterator[Event]:
        """The graph's events in order, only those after a number or of a type."""
        more = True
        while more:
            call = list_graph_events.call(
                graph_id, after_seq=after_seq, type_=given(type), limit=page_size
            )
            found = await self._data(call)
            for event in found:
                after_seq = event.seq
                yield Event.in_log(event)
            more = len(found) >= page_size

    async def stream_events(
        self, graph_id: str, *, last_event_id: int | None = None
    ) -> AsyncGenerator[Event, None]:
        """The graph's events as they happen; `runs.stream_events` says how."""
        async for event in self._follow(
            lambda last: stream_graph_events.call(graph_id, last_event_id=given(last)),
            self._place(last_event_id),
        ):
            yield event

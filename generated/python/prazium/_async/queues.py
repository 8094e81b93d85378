"""client.queues"""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from .._calls import given
from .._events import TenantEvent
from .._generated.api.queues import (
    delete_queue,
    get_queue,
    list_failed_jobs,
    list_queue_events,
    list_queues,
    pause_queue,
    resume_queue,
    update_queue,
)
from .._generated.types import UNSET, Unset
from .._idempotency import Key
from ..models import JobSummary, Queue, RateLimit, UpdateQueue
from .resource import AsyncPages, AsyncResource


class AsyncQueues(AsyncResource):
    """What jobs wait in."""

    def list(self, *, page_size: int = 20) -> AsyncPages[Queue]:
        """The queues by name, with what waits and runs in them."""
        return self._pages(lambda page: list_queues.call(page=page, page_size=page_size))

    async def get(self, queue: str) -> Queue:
        """The queue with what waits and runs in it."""
        return await self._data(get_queue.call(queue))

    async def update(
        self,
        queue: str,
        *,
        concurrency: int | Unset | None = UNSET,
        rate_limit: Mapping[str, Any] | Unset | None = UNSET,
        idempotency_key: Key = None,
    ) -> Queue:
        """Set or lift (None) its limits; `rate_limit` is `{"limit": 100, "periodSeconds": 60}`."""
        rate = RateLimit.from_dict(rate_limit) if isinstance(rate_limit, Mapping) else rate_limit
        body = UpdateQueue(concurrency=concurrency, rate_limit=rate)
        return await self._data(update_queue.call(queue, body=body), idempotency_key)

    async def delete(self, queue: str) -> Queue:
        """The queue, of which nothing waits or runs, is gone until something is sent to it."""
        return await self._data(delete_queue.call(queue))

    async def pause(self, queue: str, *, idempotency_key: Key = None) -> Queue:
        """Begin nothing more from it until it is resumed."""
        return await self._data(pause_queue.call(queue), idempotency_key)

    async def resume(self, queue: str, *, idempotency_key: Key = None) -> Queue:
        """Begin its jobs again."""
        return await self._data(resume_queue.call(queue), idempotency_key)

    async def failed(self, queue: str, *, page_size: int = 100) -> AsyncIterator[JobSummary]:
        """Its jobs without a further attempt, the last failed first."""
        async for job in self._sections(
            lambda cursor: list_failed_jobs.call(queue, cursor=given(cursor), limit=page_size)
        ):
            yield job

    async def events(self, queue: str, *, page_size: int = 100) -> AsyncIterator[TenantEvent]:
        """What was done to it, newest first; its jobs have events of their own."""
        async for event in self._sections(
            lambda cursor: list_queue_events.call(queue, cursor=given(cursor), limit=page_size)
        ):
            yield TenantEvent.in_log(event)

"""client.events"""

from collections.abc import AsyncIterator
from datetime import datetime

from .._calls import given
from .._events import Event
from .._generated.api.events import list_events
from ..models import EventType
from .resource import AsyncResource


class AsyncEvents(AsyncResource):
    """The log of everything that happened in a run; `runs.stream_events` follows it live."""

    async def list(
        self,
        project_id: str,
        run_id: str,
        *,
        after: datetime | None = None,
        after_seq: int = 0,
        type: EventType | None = None,
        task_id: str | None = None,
        page_size: int = 100,
    ) -> AsyncIterator[Event]:
        """The events in order, only those after a time or number, of a type or of a task."""
        more = True
        while more:
            call = list_events.call(
                project_id,
                run_id,
                after=given(after),
                after_seq=after_seq,
                type_=given(type),
                task_id=given(task_id),
                limit=page_size,
            )
            found = await self._data(call)
            for event in found:
                after_seq = event.seq
                yield Event.in_log(event)
            more = len(found) >= page_size

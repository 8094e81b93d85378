"""What is seen from outside of an attempt at a task: origin, span, figures, line in the log."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import structlog

from services import spans, tracing
from services.context import App
from services.engine.claim import TaskRow
from services.engine.graph import waits
from services.tracing import CURRENT, Origin, Trace

if TYPE_CHECKING:
    from opentelemetry.trace import Span

log = structlog.get_logger()


class Attempt:
    """How an attempt went, for whoever watches."""

    outcome: Literal["done", "failed", "lost"] = "lost"


@contextmanager
def watched(app: App, task: TaskRow, request_id: str) -> Iterator[Attempt]:
    """Everything in this block comes from the request that the task comes from."""
    parent = tracing.read(task.traceparent or "", task.tracestate or "")
    trace, span = placed(app, task, parent)
    ids: dict[str, str | int] = {
        "run_id": task.run_id,
        "task_id": task.id,
        "attempt": task.attempt,
    }
    CURRENT.set(Origin(request_id, trace, ids))
    attempt, began = Attempt(), time.monotonic()
    takes_a_slot = task.kind not in waits.KINDS
    app.metrics.working += takes_a_slot
    try:
        yield attempt
    finally:
        seconds = time.monotonic() - began
        app.metrics.working -= takes_a_slot
        app.metrics.task(task.kind, attempt.outcome, seconds)
        if span is not None:
            about = {f"prazium.{name}": value for name, value in ids.items()}
            spans.finish(span, about, failed=attempt.outcome == "failed")
        log.info(
            "task", kind=task.kind, outcome=attempt.outcome, duration_ms=round(seconds * 1000, 1)
        )


def placed(app: App, task: TaskRow, parent: Trace | None) -> tuple[Trace, "Span | None"]:
    """The attempt's place in the trace, with a span if spans are sent."""
    if app.tracer is None:
        return parent or tracing.begun(), None
    return app.tracer.begin(task.kind, "consumer", parent)

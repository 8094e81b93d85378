"""What is seen from outside of an attempt at a task: origin, span, figures, line in the log."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import structlog

from services import spans, tracing
from services.context import App
from services.engine.claim import Lease
from services.tracing import CURRENT, Origin, Trace

if TYPE_CHECKING:
    from opentelemetry.trace import Span

log = structlog.get_logger()


class Attempt:
    """How an attempt went, for whoever watches."""

    outcome: Literal["done", "failed", "lost"] = "lost"


@contextmanager
def watched(app: App, lease: Lease, request_id: str) -> Iterator[Attempt]:
    """Everything in this block comes from the request that the task comes from."""
    parent = tracing.read(lease.traceparent or "", lease.tracestate or "")
    trace, span = placed(app, lease, parent)
    task: dict[str, str | int] = {
        "run_id": lease.run_id,
        "task_id": lease.task_id,
        "attempt": lease.attempt,
    }
    CURRENT.set(Origin(request_id, trace, task))
    attempt, began = Attempt(), time.monotonic()
    app.metrics.working += 1
    try:
        yield attempt
    finally:
        seconds = time.monotonic() - began
        app.metrics.working -= 1
        app.metrics.task(lease.kind, attempt.outcome, seconds)
        if span is not None:
            about = {f"prazium.{name}": value for name, value in task.items()}
            spans.finish(span, about, failed=attempt.outcome == "failed")
        log.info(
            "task", kind=lease.kind, outcome=attempt.outcome, duration_ms=round(seconds * 1000, 1)
        )


def placed(app: App, lease: Lease, parent: Trace | None) -> tuple[Trace, "Span | None"]:
    """The attempt's place in the trace, with a span if spans are sent."""
    if app.tracer is None:
        return parent or tracing.begun(), None
    return app.tracer.begin(lease.kind, "consumer", parent)

"""Spans for an OTLP endpoint, by OpenTelemetry: made only if the settings name one."""

import importlib
import threading
from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Literal

from services.settings import Settings, SettingsInvalid
from services.tracing import Trace

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span

EXPORT_S = 3.0
FLUSH_S = 2.0


class Tracer:
    """Makes spans and sends them in the background."""

    def __init__(self, endpoint: str) -> None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        about = Resource.create(
            {"service.name": "prazium", "service.version": version("prazium-server")}
        )
        exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=EXPORT_S)
        self._provider = TracerProvider(resource=about, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("prazium")

    def begin(
        self, name: str, kind: Literal["server", "consumer"], parent: Trace | None
    ) -> tuple[Trace, "Span"]:
        """A span below `parent`, or the first of a new trace; and its place in the trace."""
        from opentelemetry.trace import SpanKind

        span = self._tracer.start_span(name, below(parent), SpanKind[kind.upper()])
        at = span.get_span_context()
        state = at.trace_state.to_header()
        return Trace(
            f"{at.trace_id:032x}", f"{at.span_id:016x}", at.trace_flags.sampled, state
        ), span

    def stop(self) -> None:
        """Send what is left, and wait for that no longer than FLUSH_S."""
        sending = threading.Thread(target=self._provider.shutdown, daemon=True)
        sending.start()
        sending.join(FLUSH_S)


def tracer_of(settings: Settings) -> Tracer | None:
    """The tracer of the settings, if they name an endpoint."""
    return Tracer(settings.otlp_endpoint) if settings.otlp_endpoint else None


def check(settings: Settings) -> None:
    """Make sure that spans can be sent, if they are wanted.

    Raises: SettingsInvalid.
    """
    try:
        if settings.otlp_endpoint:
            importlib.import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    except ModuleNotFoundError:
        raise SettingsInvalid(
            "PRAZIUM_OTLP_ENDPOINT needs the extra otel: pip install 'prazium-server[otel]'."
        ) from None


def below(parent: Trace | None) -> "Context":
    """The context that makes a span a child of `parent`."""
    from opentelemetry import trace
    from opentelemetry.context import Context

    if parent is None:
        return Context()
    place = trace.SpanContext(
        trace_id=int(parent.trace_id, 16),
        span_id=int(parent.span_id, 16),
        is_remote=True,
        trace_flags=trace.TraceFlags(parent.sampled),
        trace_state=trace.TraceState.from_header([parent.state] if parent.state else []),
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(place), Context())


def finish(span: "Span", attributes: Mapping[str, str | int], *, failed: bool) -> None:
    """End a span with what is known now."""
    from opentelemetry.trace import StatusCode

    span.set_attributes(attributes)
    if failed:
        span.set_status(StatusCode.ERROR)
    span.end()

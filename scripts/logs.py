"""Structured logs on standard error: one JSON object a line, or lines for people.

A line is put together at once, by one processor: a request's takes some microseconds.
"""

import logging
import sys
import traceback
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
import structlog

from services.redaction import HIDDEN, KEYS, without_named_secrets
from services.tracing import CURRENT

Entry = MutableMapping[str, Any]
Renderer = Callable[[Any, str, Entry], bytes]

REQUEST = "request"
"""The line of a request has nothing in it that was not made or checked by us."""


def configure(level: str, form: Literal["json", "console"] = "json") -> None:
    """Write our own entries from `level` up, and the libraries' from warnings up."""
    render = as_json if form == "json" else as_text
    structlog.configure(
        processors=[render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Libraries(render))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


class Libraries(logging.Formatter):
    """What libraries log, in the same form."""

    def __init__(self, render: Renderer) -> None:
        super().__init__()
        self._render = render

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        entry: Entry = {"event": record.getMessage(), "logger": record.name}
        if record.exc_info:
            entry["exc_info"] = record.exc_info[1]
        return self._render(None, record.levelname.lower(), entry).decode()


def as_json(_: Any, level: str, entry: Entry) -> bytes:
    """An entry as a JSON object."""
    if entry["event"] == REQUEST:
        return encode({**begun(level, entry), **entry})
    return encode(completed(level, entry))


def as_text(_: Any, level: str, entry: Entry) -> bytes:
    """An entry for people."""
    said = completed(level, entry)
    said["timestamp"] = f"{said['timestamp']:%H:%M:%S}"
    return for_people(None, level, said).encode()


encode = msgspec.json.Encoder(enc_hook=repr).encode
for_people = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())


def begun(level: str, entry: Entry) -> dict[str, Any]:
    """What every entry begins with."""
    return {"timestamp": datetime.now(UTC), "level": level, "event": entry["event"]}


def completed(level: str, entry: Entry) -> dict[str, Any]:
    """The beginning, the ids of the request or task that writes it, and what the entry says."""
    error = entry.pop("exc_info", None)
    if isinstance(error, BaseException):
        entry["exception"] = "".join(traceback.format_exception(error)).rstrip()
    origin = CURRENT.get().logged()
    return {**begun(level, entry), **origin, **cleaned(entry)}


def cleaned(value: Any) -> Any:
    """The value without secrets, by name and by form."""
    if isinstance(value, str):
        return without_named_secrets(value)
    if isinstance(value, dict):
        return {name: HIDDEN if name in KEYS else cleaned(part) for name, part in value.items()}
    return [cleaned(part) for part in value] if isinstance(value, list | tuple) else value

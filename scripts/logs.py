"""Structured logs on standard error: one JSON object a line, or lines for people.

A line is put together at once, by one processor: a request's takes some microseconds. Lines leave
some at a time.
"""

import asyncio
import atexit
import logging
import os
import sys
import threading
import traceback
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any, BinaryIO, Literal

import msgspec
import structlog

from services.redaction import HIDDEN, KEYS, without_named_secrets
from services.tracing import CURRENT

Entry = MutableMapping[str, Any]
Renderer = Callable[[Any, str, Entry], bytes]

WAIT_S = 0.05


def configure(level: str, form: Literal["json", "console"] = "json") -> None:
    """Write our own entries from `level` up, and the libraries' from warnings up."""
    render = as_json if form == "json" else as_text
    lines = Lines(sys.stderr.buffer)
    atexit.register(lines.flush)
    os.register_at_fork(after_in_child=lines.forget)
    structlog.configure(
        processors=[render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=True,
    )
    handlers = [Libraries(render, lines)]
    logging.basicConfig(level=logging.WARNING, handlers=handlers, force=True)


class Lines:
    """Where lines go, in their order.

    Those of an event loop that tell of nothing wrong leave a few times a second: a write for each
    request would cost as much as to put its line together, and wake whoever collects the log. What
    is wrong leaves at once, behind all that came before.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._waiting: list[bytes] = []
        self._lock = threading.Lock()

    def soon(self, line: bytes) -> None:
        """Write a line within WAIT_S; at once if no loop runs here that could wait."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return self.now(line)
        with self._lock:
            self._waiting.append(line)
            first = len(self._waiting) == 1
        if first:
            loop.call_later(WAIT_S, self.flush)
        return None

    def now(self, line: bytes) -> None:
        """Write a line, and all that wait."""
        with self._lock:
            self._waiting.append(line)
        self.flush()

    def forget(self) -> None:
        """Leave what waits to the process that this one was forked from."""
        self._lock = threading.Lock()
        self._waiting = []

    def flush(self) -> None:
        """Write all lines that wait."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
            if waiting and not self._file.closed:  # as standard error may be at the end
                self._file.write(b"\n".join([*waiting, b""]))
                self._file.flush()

    debug = info = soon
    warning = warn = error = exception = critical = fatal = msg = now


class Libraries(logging.Handler):
    """What libraries log, in the same form."""

    def __init__(self, render: Renderer, lines: Lines) -> None:
        super().__init__()
        self._render = render
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        entry: Entry = {"event": record.getMessage(), "logger": record.name}
        if record.exc_info:
            entry["exc_info"] = record.exc_info[1]
        self._lines.now(self._render(None, record.levelname.lower(), entry))


def as_json(_: Any, level: str, entry: Entry) -> bytes:
    """An entry as a JSON object; one that comes whole has nothing that we did not make or check."""
    whole = entry.get("whole")
    return encode(completed(level, entry) if whole is None else whole)


def as_text(_: Any, level: str, entry: Entry) -> bytes:
    """An entry for people."""
    whole = entry.get("whole")
    said = completed(level, entry) if whole is None else msgspec.structs.asdict(whole)
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

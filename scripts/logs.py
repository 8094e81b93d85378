"""Structured logs: one JSON object a line, on standard error."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

SECRET = re.compile(r"pzm_[0-9A-Za-z]{30}|(?<=://)[^/@\s]+:[^/@\s]+(?=@)|sk-[0-9A-Za-z_-]{16,}")
SECRET_KEYS = {"api_key", "authorization", "password", "secret", "token", "cookie"}


def configure(level: str) -> None:
    """Write our own entries from `level` up, and the libraries' from warnings up."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    render = structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[meta, render])
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def redact(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take out secrets, by key and by their shape."""
    for key, value in entry.items():
        if key in SECRET_KEYS:
            entry[key] = "[redacted]"
        elif isinstance(value, str):
            entry[key] = SECRET.sub("[redacted]", value)
    return entry
